import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { impatient } from '../testing/fault-registry.ts';
import { tempDir } from '../testing/temp-dir.ts';
import { everythingIn, userError } from '../testing/thrown.ts';
import { login, parseServer } from './login.ts';

describe('the server of a login', () => {
  test.each([
    ['ghcr.io', 'ghcr.io'],
    ['https://ghcr.io', 'ghcr.io'],
    ['https://ghcr.io/v2/', 'ghcr.io'],
    ['http://localhost:5000', 'localhost:5000'],
    ['127.0.0.1:5000', '127.0.0.1:5000'],
    ['docker.io', 'docker.io'],
    ['https://index.docker.io/v1/', 'docker.io'],
    ['registry-1.docker.io', 'docker.io'],
  ])('%s is %s', (text, expected) => {
    expect(parseServer(text)).toBe(expected);
  });

  test.each(['', 'https://', 'me:s3cret@ghcr.io', 'https://me:s3cret@ghcr.io', 'a b', 'ftp://x', 'ghcr.io:port'])(
    '%j is refused, without being repeated',
    async (text) => {
      const error = await userError(() => parseServer(text));
      expect(error.code).toBe('SPK2023');
      expect(everythingIn(error)).not.toContain('s3cret');
    },
  );
});

test.each([
  ['', 's3cret'],
  ['me:you', 's3cret'],
  ['me', ''],
])('a user %j with a password %j is refused before anyone is asked', async (user, password) => {
  const authFile = join(await tempDir(), 'auth.json');
  const error = await userError(() =>
    login('ghcr.io', user, password, { authFile, transport: { fetch: neverCalled } }),
  );
  expect(error.code).toBe('SPK2023');
  expect(everythingIn(error)).not.toContain('s3cret');
});

const neverCalled: typeof globalThis.fetch = async () => {
  throw new Error('the network was asked');
};

test('a login to Docker Hub asks its API and is stored under the name that Spin looks up', async () => {
  const authFile = join(await tempDir(), 'auth.json');
  const asked: string[] = [];
  const fetch: typeof globalThis.fetch = async (input) => {
    asked.push(String(input));
    return new Response('{}');
  };
  const transport = { ...impatient().transport, fetch };
  expect(await login('docker.io', 'me', 'pw', { authFile, transport })).toEqual({
    server: 'index.docker.io',
    checked: false,
  });
  expect(asked).toEqual(['https://registry-1.docker.io/v2/']);
  expect(JSON.parse(await readFile(authFile, 'utf8'))).toEqual({ auths: { 'index.docker.io': 'bWU6cHc=' } });
});
