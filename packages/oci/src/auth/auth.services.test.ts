// Logs in to real registries: one with a password file, one that sends to a token service.
import { execFile } from 'node:child_process';
import { createPrivateKey, type KeyObject, sign, X509Certificate } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type RunningRegistry, startDockerRegistry } from '../../../../hack/services/docker-registry.ts';
import { login, planPush, pullApp, pushApp, readPushContent, storedCredentials } from '../index.ts';
import { type FaultRegistry, send, startFaultRegistry } from '../testing/fault-registry.ts';
import { localApp } from '../testing/local-app.ts';
import { tempDir } from '../testing/temp-dir.ts';
import { everythingIn, userError } from '../testing/thrown.ts';

const USER = 'me';
const PASSWORD = 'correct horse';
const HTPASSWD = 'me:$2b$05$Gtx9sDBHcE3aQtduH8FyvOccXG4d.egeu/NbHkRkKkpzht./FLTrC\n';

/** Whether an app comes back as it was pushed. */
async function roundTrip(host: string, authFile: string, dockerConfig = '/nonexistent'): Promise<boolean> {
  const options = { insecure: true, credentials: storedCredentials({ authFile, dockerConfig }, {}) };
  const plan = planPush(await readPushContent(await localApp()), {
    compose: true,
    archive: false,
    created: new Date(0),
  });
  const pushed = await pushApp(plan, `${host}/me/app:v1`, options);
  const pulled = await pullApp(`${host}/me/app:v1`, { ...options, cacheDir: await tempDir() });
  return pulled.digest === pushed.digest;
}

describe('a registry with a password file', () => {
  let registry: RunningRegistry;
  beforeAll(async () => {
    registry = await startDockerRegistry({ htpasswd: HTPASSWD });
  });
  afterAll(() => registry.stop());

  test('takes a login, which then serves push and pull', async () => {
    const authFile = join(await tempDir(), 'registry-auth.json');
    expect(await login(registry.host, USER, PASSWORD, { authFile, insecure: true })).toEqual({
      server: registry.host,
      checked: true,
    });
    expect(JSON.parse(await readFile(authFile, 'utf8'))).toEqual({
      auths: { [registry.host]: Buffer.from(`${USER}:${PASSWORD}`).toString('base64') },
    });
    expect(await roundTrip(registry.host, authFile)).toBe(true);
  });

  test('takes the login of Docker', async () => {
    const directory = await tempDir();
    const dockerConfig = join(directory, 'config.json');
    const auth = Buffer.from(`${USER}:${PASSWORD}`).toString('base64');
    await writeFile(dockerConfig, JSON.stringify({ auths: { [`http://${registry.host}`]: { auth } } }));
    expect(await roundTrip(registry.host, join(directory, 'none.json'), dockerConfig)).toBe(true);
  });

  test('refuses a wrong password: nothing is stored, and the password is not told', async () => {
    const authFile = join(await tempDir(), 'registry-auth.json');
    const error = await userError(() => login(registry.host, USER, 'wr0ng-pass', { authFile, insecure: true }));
    expect([error.code, error.message]).toEqual([
      'SPK2019',
      `the registry ${registry.host} does not accept the password of user "me"`,
    ]);
    expect(everythingIn(error)).not.toMatch(/wr0ng-pass|d3IwbmctcGFzcw/);
    await expect(readFile(authFile)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('refuses strangers with the way in', async () => {
    const error = await userError(async () =>
      pullApp(`${registry.host}/me/app:v1`, { insecure: true, cacheDir: await tempDir() }),
    );
    expect([error.code, error.remedy]).toEqual([
      'SPK2005',
      `Log in with "spindle registry login ${registry.host}" as a user who may do this.`,
    ]);
  });
});

test('an open registry takes any login, which could not be checked', async () => {
  const registry = await startDockerRegistry();
  onTestFinished(() => registry.stop());
  const authFile = join(await tempDir(), 'registry-auth.json');
  expect(await login(`http://${registry.host}/`, USER, PASSWORD, { authFile, insecure: true })).toEqual({
    server: registry.host,
    checked: false,
  });
});

const encode = (part: unknown): string => Buffer.from(JSON.stringify(part)).toString('base64url');

describe('a registry that sends to a token service', () => {
  let key: KeyObject;
  let certificate: X509Certificate;
  beforeAll(async () => {
    const { stdout } = await promisify(execFile)('openssl', [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-subj',
      '/CN=tokens',
      '-days',
      '2',
      '-keyout',
      '-',
      '-out',
      '-',
    ]);
    key = createPrivateKey(stdout);
    certificate = new X509Certificate(stdout.slice(stdout.indexOf('-----BEGIN CERTIFICATE')));
  });

  /** A token as the registry checks it (distribution specification, token/jwt). */
  function tokenFor(url: URL): string {
    const now = Math.floor(Date.now() / 1000);
    const access = url.searchParams.getAll('scope').map((scope) => {
      const [type, name, actions = ''] = scope.split(':');
      return { type, name, actions: actions.split(',') };
    });
    const head = encode({ typ: 'JWT', alg: 'RS256', x5c: [certificate.raw.toString('base64')] });
    const body = encode({
      iss: 'tokens',
      sub: USER,
      aud: url.searchParams.get('service'),
      iat: now,
      nbf: now - 60,
      exp: now + 300,
      jti: String(now),
      access,
    });
    return `${head}.${body}.${sign('sha256', Buffer.from(`${head}.${body}`), key).toString('base64url')}`;
  }

  async function start(): Promise<{ registry: RunningRegistry; service: FaultRegistry }> {
    const service = await startFaultRegistry(({ line, headers }, response) => {
      const basic = `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString('base64')}`;
      const allowed = headers.authorization === basic;
      const url = new URL(line.split(' ')[1] ?? '', 'http://tokens');
      send(response, allowed ? 200 : 401, {}, allowed ? JSON.stringify({ token: tokenFor(url) }) : '{}');
    });
    const registry = await startDockerRegistry({
      token: {
        realm: `http://${service.host}/token`,
        service: 'the registry',
        issuer: 'tokens',
        certificate: certificate.toString(),
      },
    });
    onTestFinished(() => registry.stop());
    return { registry, service };
  }

  test('takes a login, and one token each serves a push and a pull', async () => {
    const { registry, service } = await start();
    const authFile = join(await tempDir(), 'registry-auth.json');
    expect((await login(registry.host, USER, PASSWORD, { authFile, insecure: true })).checked).toBe(true);
    expect(await roundTrip(registry.host, authFile)).toBe(true);
    const scopes = service.requests.map(({ line }) =>
      new URL(line.split(' ')[1] ?? '', 'http://x').searchParams.getAll('scope'),
    );
    expect(scopes).toEqual([[], ['repository:me/app:pull,push', 'repository:me/app:pull'], ['repository:me/app:pull']]);
  });

  test('refuses a wrong password', async () => {
    const { registry } = await start();
    const authFile = join(await tempDir(), 'registry-auth.json');
    const error = await userError(() => login(registry.host, USER, 'wr0ng-pass', { authFile, insecure: true }));
    expect(error.code).toBe('SPK2019');
    expect(everythingIn(error)).not.toContain('wr0ng-pass');
  });
});
