// Credential plugins, run for real: a script of Node each.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '@spindle/api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ClusterAccess } from '../transport/access.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { loadClusterAccess } from './load.ts';

const API = 'client.authentication.k8s.io/v1';
let directory: string;
let clock: FakeClock;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'exec-plugin-'));
  clock = new FakeClock('2026-01-01T00:00:00Z');
});
afterEach(() => rm(directory, { recursive: true }));

/** `script` is the text of a module; `runs` in the folder counts how often it ran. */
async function plugin(script: string, exec: object = {}, env: Record<string, string> = {}): Promise<ClusterAccess> {
  const count = `import { appendFileSync, writeFileSync } from 'node:fs'; appendFileSync('${directory}/runs', '.');`;
  await writeFile(join(directory, 'plugin.mjs'), `${count}\n${script}`);
  const kubeconfig = join(directory, 'config');
  const content = {
    clusters: [
      {
        name: 'c',
        cluster: {
          server: 'https://example.com:6443',
          'certificate-authority-data': 'Q0E=',
          extensions: [{ name: 'client.authentication.k8s.io/exec', extension: { audience: 'a' } }],
        },
      },
    ],
    users: [
      {
        name: 'u',
        user: { exec: { apiVersion: API, command: process.execPath, args: [join(directory, 'plugin.mjs')], ...exec } },
      },
    ],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  };
  await writeFile(kubeconfig, JSON.stringify(content));
  return loadClusterAccess({ env, kubeconfig, clock });
}

const prints = (status: object, over: object = {}): string =>
  `console.log(${JSON.stringify(JSON.stringify({ apiVersion: API, kind: 'ExecCredential', status, ...over }))});`;

const runs = async (): Promise<number> => (await readFile(join(directory, 'runs'), 'utf8')).length;

async function complaint(promise: Promise<unknown>): Promise<UserError> {
  const error: unknown = await promise.catch((thrown: unknown) => thrown);
  if (!(error instanceof UserError)) {
    throw new Error(`not a UserError: ${String(error)}`);
  }
  return error;
}

describe('a credential plugin', () => {
  it('gives a token, and is run once for all who ask', async () => {
    const access = await plugin(prints({ token: 'from-plugin' }));
    const headers = await Promise.all([access.headers(), access.headers(), access.headers()]);
    await access.headers();
    expect(headers[0]).toEqual({ authorization: 'Bearer from-plugin' });
    expect(await runs()).toBe(1);
  });

  it('gives a certificate for the connection', async () => {
    const access = await plugin(prints({ clientCertificateData: 'CERT', clientKeyData: 'KEY' }));
    expect(await access.tls()).toMatchObject({ cert: 'CERT', key: 'KEY' });
    expect(await access.headers()).toEqual({});
  });

  it('is run again shortly before its credentials run out', async () => {
    const access = await plugin(prints({ token: 't', expirationTimestamp: '2026-01-01T00:10:00Z' }));
    await access.headers();
    await clock.advance(589_000);
    await access.headers();
    expect(await runs()).toBe(1);
    await clock.advance(1_000);
    await access.headers();
    expect(await runs()).toBe(2);
  });

  it('is run again when the API server refuses the token, which helps only if there is another', async () => {
    const access = await plugin(prints({ token: 'stale' }));
    const stale = await access.headers();
    expect(await access.renew(stale)).toBe(false);
    await writeFile(join(directory, 'plugin.mjs'), prints({ token: 'fresh' }));
    expect(await access.renew(await access.headers())).toBe(true);
    expect(await access.headers()).toEqual({ authorization: 'Bearer fresh' });
  });

  it('learns what it asks for: its own variables and, if it wants, the cluster', async () => {
    const script = `writeFileSync('${directory}/seen', JSON.stringify([process.env.OWN, process.env.PROCESS, JSON.parse(process.env.KUBERNETES_EXEC_INFO)]));`;
    const own = { env: [{ name: 'OWN', value: '1' }], provideClusterInfo: true };
    await (await plugin(script + prints({ token: 't' }), own, { PROCESS: '2' })).headers();
    expect(JSON.parse(await readFile(join(directory, 'seen'), 'utf8'))).toEqual([
      '1',
      '2',
      {
        apiVersion: API,
        kind: 'ExecCredential',
        spec: {
          interactive: false,
          cluster: {
            server: 'https://example.com:6443/',
            'certificate-authority-data': 'Q0E=',
            config: { audience: 'a' },
          },
        },
      },
    ]);
  });

  it.each<[string, string, object, RegExp]>([
    ['fails', `console.error('please log in'); process.exit(3);`, {}, /status 3: please log in/],
    ['is ended', `process.kill(process.pid, 'SIGKILL');`, {}, /SIGKILL/],
    ['prints no JSON', `console.log('hello');`, {}, /not JSON/],
    ['prints another version', prints({ token: 't' }, { apiVersion: 'v1' }), {}, /not an ExecCredential/],
    ['gives nothing', prints({}), {}, /neither a token nor/],
    ['gives half a certificate', prints({ token: 't', clientKeyData: 'KEY' }), {}, /certificate with its key/],
    ['gives no time', prints({ token: 't', expirationTimestamp: 'soon' }), {}, /no time/],
    ['prints without end', `console.log('x'.repeat(2 ** 21));`, {}, /more than 1048576 bytes/],
    ['needs a terminal', prints({ token: 't' }), { interactiveMode: 'Always' }, /terminal/],
    ['is not installed', '', { command: 'no-such-plugin' }, /no such program/],
  ])('that %s is the user’s to mend', async (_what, script, exec, message) => {
    const error = await complaint((await plugin(script, exec)).headers());
    expect([error.code, error.message]).toEqual(['SPK7005', expect.stringMatching(message)]);
  });

  it('that is not installed may say itself where to get it', async () => {
    const exec = { command: 'no-such-plugin', installHint: 'Get it at example.com.' };
    expect((await complaint((await plugin('', exec)).headers())).remedy).toBe('Get it at example.com.');
  });

  it('that failed once may be asked again', async () => {
    const access = await plugin('process.exit(1);');
    await complaint(access.headers());
    await writeFile(join(directory, 'plugin.mjs'), prints({ token: 't' }));
    expect(await access.headers()).toEqual({ authorization: 'Bearer t' });
  });
});
