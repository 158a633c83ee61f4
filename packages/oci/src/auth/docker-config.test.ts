import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tempDir } from '../testing/temp-dir.ts';
import { thrown } from '../testing/thrown.ts';
import type { CredentialSource } from './credentials.ts';
import { dockerConfig, findInDockerConfig } from './docker-config.ts';

const PASSWORD = {
  kind: 'credentials',
  credentials: { kind: 'password', username: 'me', password: 'p:w', from: 'c.json' },
};
const AUTH = { auth: Buffer.from('me:p:w').toString('base64') };
const find = (document: unknown, server = 'ghcr.io'): unknown =>
  findInDockerConfig(typeof document === 'string' ? document : JSON.stringify(document), server, 'c.json');

describe('Docker’s configuration', () => {
  test.each<[string, unknown, unknown]>([
    ['nothing for an empty document', {}, { kind: 'none' }],
    ['an entry by its name', { auths: { 'ghcr.io': AUTH } }, PASSWORD],
    ['an entry by a URL', { auths: { 'https://ghcr.io/v1/': AUTH } }, PASSWORD],
    [
      'user and password as Kubernetes writes them',
      { auths: { 'ghcr.io': { username: 'me', password: 'p:w' } } },
      PASSWORD,
    ],
    ['nothing for another port', { auths: { 'ghcr.io:8080': AUTH } }, { kind: 'none' }],
    [
      'an identity token before a password',
      { auths: { 'ghcr.io': { ...AUTH, identitytoken: 'tok' } } },
      { kind: 'credentials', credentials: { kind: 'identity-token', token: 'tok', from: 'c.json' } },
    ],
    [
      'the default store when the entry is empty',
      { auths: { 'ghcr.io': {} }, credsStore: 'desktop' },
      { kind: 'helper', name: 'desktop' },
    ],
    ['an entry before the default store', { auths: { 'ghcr.io': AUTH }, credsStore: 'desktop' }, PASSWORD],
    [
      'the server’s own helper before all',
      { auths: { 'ghcr.io': AUTH }, credHelpers: { 'ghcr.io': 'gh' }, credsStore: 'desktop' },
      { kind: 'helper', name: 'gh' },
    ],
    [
      'nothing where the types are wrong',
      { auths: { 'ghcr.io': 'x' }, credHelpers: [], credsStore: 7 },
      { kind: 'none' },
    ],
    ['nothing in an entry that is not user:password', { auths: { 'ghcr.io': { auth: '####' } } }, { kind: 'none' }],
    ['a problem in what is not JSON', '{"auths": {"s3cret', { kind: 'problem', problem: 'c.json: it is not JSON' }],
    ['a problem in another document', '[]', { kind: 'problem', problem: 'c.json: it is not an object' }],
  ])('has %s', (_, document, expected) => {
    expect(find(document)).toEqual(expected);
  });

  test.each(['https://index.docker.io/v1/', 'index.docker.io', 'docker.io', 'registry-1.docker.io'])(
    'keeps Docker Hub’s credentials under %s',
    (key) => {
      expect(find({ auths: { [key]: AUTH } }, 'index.docker.io')).toEqual(PASSWORD);
    },
  );
});

/** A helper program `docker-credential-test` with the given shell script, and a configuration that names it. */
async function withHelper(script: string, name = 'test', deadlineMs = 5000): Promise<CredentialSource> {
  const directory = await tempDir();
  const program = join(directory, 'docker-credential-test');
  await writeFile(program, `#!/bin/sh\n${script}\n`);
  await chmod(program, 0o755);
  const config = join(directory, 'config.json');
  await writeFile(config, JSON.stringify({ credHelpers: { 'ghcr.io': name, 'index.docker.io': name } }));
  return dockerConfig(config, { env: { PATH: `${directory}:/usr/bin:/bin` }, deadlineMs });
}

describe('a credential helper', () => {
  const ANSWER = '{"ServerURL":"x","Username":"me","Secret":"s3cret"}';

  test('is asked for the server, and its answer is used', async () => {
    const lookUp = await withHelper(`read server; test "$1 $server" = "get ghcr.io" && echo '${ANSWER}'`);
    expect((await lookUp('ghcr.io')).credentials).toEqual({
      kind: 'password',
      username: 'me',
      password: 's3cret',
      from: 'docker-credential-test',
    });
  });

  test('is asked for Docker Hub by the URL that docker login used', async () => {
    const lookUp = await withHelper(`read server; test "$server" = "https://index.docker.io/v1/" && echo '${ANSWER}'`);
    expect((await lookUp('index.docker.io')).credentials).toBeDefined();
  });

  test('may give an identity token', async () => {
    const lookUp = await withHelper(`echo '{"ServerURL":"","Username":"<token>","Secret":"tok"}'`);
    expect((await lookUp('ghcr.io')).credentials).toEqual({
      kind: 'identity-token',
      token: 'tok',
      from: 'docker-credential-test',
    });
  });

  test('that does not read its input is no failure', async () => {
    const lookUp = await withHelper(`exec 0<&-; echo '${ANSWER}'`);
    expect((await lookUp('ghcr.io')).credentials).toBeDefined();
  });

  test.each<[string, string, string[]]>([
    ['that has no entry is no problem', 'echo "credentials not found in native keychain"; exit 1', []],
    ['that fails', 'echo s3cret; exit 7', ['docker-credential-test: it failed with status 7']],
    ['that prints something else', 'echo s3cret', ['docker-credential-test: its answer is not what the protocol says']],
    [
      'that prints an incomplete answer',
      `echo '{"Secret":"s3cret"}'`,
      ['docker-credential-test: its answer is not what the protocol says'],
    ],
    ['that prints without end', 'yes s3cret', ['docker-credential-test: it prints too much']],
  ])('%s: what it printed is not repeated', async (_, script, problems) => {
    const found = await (await withHelper(script))('ghcr.io');
    expect(found).toEqual({ problems });
  });

  test('that hangs is ended at the deadline, with a grandchild that holds its output', async () => {
    const lookUp = await withHelper('sleep 3 & sleep 3', 'test', 100);
    expect(await lookUp('ghcr.io')).toEqual({ problems: ['docker-credential-test: it did not answer in time'] });
  });

  test('that is not installed is a problem, not a failure', async () => {
    const lookUp = await withHelper('true', 'absent');
    expect(await lookUp('ghcr.io')).toEqual({ problems: ['docker-credential-absent: there is no such program'] });
  });

  test.each(['../../bin/sh', 'a b', '-x', ''])('of the name %j is never run', async (name) => {
    const lookUp = await withHelper(`echo '${ANSWER}'`, name);
    expect((await lookUp('ghcr.io')).credentials).toBeUndefined();
  });

  test('stops when the caller gives up', async () => {
    const lookUp = await withHelper('sleep 3', 'test', 60_000);
    const reason = new Error('enough');
    expect(await thrown(() => lookUp('ghcr.io', AbortSignal.abort(reason)))).toBe(reason);
  });
});

test('a configuration that does not exist is no problem', async () => {
  expect(await dockerConfig(join(await tempDir(), 'none.json'), { env: {} })('ghcr.io')).toEqual({ problems: [] });
});
