// Which cluster and which credentials a place to start from means; kube-client 22.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { UserError } from '@spindle/api';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../testing/fake-clock.ts';
import { parseKubeconfig } from './kubeconfig-file.ts';
import { loadClusterAccess, type LoadOptions } from './load.ts';

let directory: string;
beforeEach(async () => (directory = await mkdtemp(join(tmpdir(), 'kube-config-'))));
afterEach(() => rm(directory, { recursive: true }));

async function file(name: string, content: unknown): Promise<string> {
  const path = join(directory, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

const config = (cluster: object, user: object, context: object = {}): object => ({
  clusters: [{ name: 'c', cluster: { server: 'https://example.com:6443', ...cluster } }],
  users: [{ name: 'u', user }],
  contexts: [{ name: 'x', context: { cluster: 'c', user: 'u', ...context } }],
  'current-context': 'x',
});

const load = async (content: unknown, options: Partial<LoadOptions> = {}): ReturnType<typeof loadClusterAccess> =>
  loadClusterAccess({ env: {}, kubeconfig: await file('config', content), clock: new FakeClock(), ...options });

async function failure(promise: Promise<unknown>): Promise<UserError> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof UserError)) {
    throw new Error(`not a UserError: ${String(error)}`);
  }
  return error;
}

function mistakeOf(text: string): unknown {
  try {
    parseKubeconfig(text, '/config');
  } catch (error) {
    // expected: the one kind of error there may be.
    return error instanceof UserError ? 'of the user, or none' : error;
  }
  return 'of the user, or none';
}

describe('a kubeconfig', () => {
  it('of kubectl, in YAML, is read with all that kubectl alone uses', async () => {
    const yaml = [
      'apiVersion: v1',
      'kind: Config',
      'preferences: {}',
      'clusters:',
      '- name: kind',
      '  cluster: {certificate-authority-data: "LS0t", server: "https://127.0.0.1:6443", extensions: []}',
      'users: [{name: me, user: {token: secret}}]',
      'contexts: [{name: kind, context: {cluster: kind, user: me, namespace: apps}}]',
      'current-context: kind',
    ].join('\n');
    const access = await load(yaml);
    expect([access.server.href, access.namespace]).toEqual(['https://127.0.0.1:6443/', 'apps']);
    expect(await access.headers()).toEqual({ authorization: 'Bearer secret' });
    expect(await access.tls()).toEqual({ ca: Buffer.from('---'), insecure: false });
  });

  it.each<[string, object, object]>([
    ['a token', { token: 't' }, { authorization: 'Bearer t' }],
    ['a name and a password', { username: 'a', password: 'b' }, { authorization: 'Basic YTpi' }],
    ['nothing', {}, {}],
    [
      'impersonation',
      { token: 't', as: 'jane', 'as-uid': '1', 'as-groups': ['a', 'b'], 'as-user-extra': { 'Key/1': ['v', 'w'] } },
      {
        authorization: 'Bearer t',
        'impersonate-user': 'jane',
        'impersonate-uid': '1',
        'impersonate-group': ['a', 'b'],
        'impersonate-extra-key%2f1': ['v', 'w'],
      },
    ],
  ])('with %s says who asks', async (_what, user, headers) => {
    expect(await (await load(config({}, user))).headers()).toEqual(headers);
  });

  it('refers to files beside it, of which the data in it takes precedence', async () => {
    await file('token', ' from-file\n');
    await file('pki/client.crt', 'CERT');
    await file('ca.crt', 'CA');
    const access = await load(
      config(
        { 'certificate-authority': 'ca.crt', 'tls-server-name': 'kubernetes' },
        {
          token: 'not-this',
          tokenFile: 'token',
          'client-certificate': 'pki/client.crt',
          'client-key': 'nowhere',
          'client-key-data': 'S0VZ',
        },
      ),
    );
    expect(await access.headers()).toEqual({ authorization: 'Bearer from-file' });
    expect(await access.tls()).toEqual({
      ca: Buffer.from('CA'),
      cert: Buffer.from('CERT'),
      key: Buffer.from('KEY'),
      serverName: 'kubernetes',
      insecure: false,
    });
    await file('ca.crt', 'NEW CA');
    expect((await access.tls()).ca).toEqual(Buffer.from('NEW CA'));
  });

  it('of a list: the first that names a thing has it, and missing files are passed over', async () => {
    const first = await file('first', { 'current-context': 'x', users: [{ name: 'u', user: { token: 'first' } }] });
    const second = await file('second', { ...config({}, { token: 'second' }), 'current-context': 'other' });
    const env = { KUBECONFIG: `${join(directory, 'missing')}:${first}::${second}` };
    const access = await loadClusterAccess({ env });
    expect(await access.headers()).toEqual({ authorization: 'Bearer first' });
  });

  it('can be asked for another context', async () => {
    const two = { ...config({}, { token: 't' }), 'current-context': 'gone' };
    expect((await load(two, { context: 'x' })).namespace).toBe('default');
    expect((await failure(load(two))).code).toBe('SPK7003');
  });

  it('is that of the home directory when nothing else is named, after the pod', async () => {
    await file('.kube/config', config({}, { token: 'home' }));
    const access = await loadClusterAccess({ env: {}, homeDirectory: directory });
    expect(await access.headers()).toEqual({ authorization: 'Bearer home' });
  });

  it.each<[string, unknown, string, RegExp]>([
    ['no YAML', 'a: [', 'SPK7002', /./],
    ['a list', '[]', 'SPK7002', /expected a map/],
    ['an alias to nothing', 'a: *b', 'SPK7002', /./],
    ['nothing', '', 'SPK7003', /no current-context/],
    ['no server', config({ server: undefined }, {}), 'SPK7002', /missing field `server`/],
    ['a server that is no URL', config({ server: 'example.com' }, {}), 'SPK7002', /not a URL/],
    ['a wrong type', config({}, { token: 7 }), 'SPK7002', /expected a string/],
    ['no user of that name', config({}, {}, { user: 'who' }), 'SPK7003', /no user "who"; it has u/],
    ['no cluster of that name', config({}, {}, { cluster: 'where' }), 'SPK7003', /no cluster "where"; it has c/],
    ['data that is not base64', config({ 'certificate-authority-data': '-----BEGIN' }, {}), 'SPK7002', /base64/],
    [
      'an authority and none',
      config({ 'certificate-authority': 'a', 'insecure-skip-tls-verify': true }, {}),
      'SPK7002',
      /exclude/,
    ],
    ['two ways to log in', config({}, { exec: {}, 'auth-provider': {} }), 'SPK7002', /exclude/],
    ['groups of nobody', config({}, { 'as-groups': ['a'] }), 'SPK7002', /`as`/],
    ['an old auth-provider', config({}, { 'auth-provider': { name: 'gcp' } }), 'SPK7007', /"gcp"/],
    ['a proxy of SOCKS', config({ 'proxy-url': 'socks5://a:1' }, {}), 'SPK7007', /SOCKS/],
    [
      'an old plugin API',
      config({}, { exec: { apiVersion: 'client.authentication.k8s.io/v1alpha1', command: 'a' } }),
      'SPK7002',
      /version/,
    ],
  ])('with %s is the user’s to mend', async (_what, content, code, message) => {
    const error = await failure(load(content));
    expect([error.code, error.message]).toEqual([code, expect.stringMatching(message)]);
    expect(error.remedy).toMatch(/\.$/);
  });

  it.each<[string, object, string]>([
    ['certificate', { 'client-certificate': 'gone', 'client-key': 'gone' }, 'SPK7004'],
    ['key', { 'client-certificate-data': 'QQ==' }, 'SPK7002'],
  ])('without the %s it refers to says so when it is used', async (_what, user, code) => {
    const access = await load(config({}, user));
    expect((await failure(access.tls())).code).toBe(code);
  });

  it('that is not there, or no cluster at all, is the user’s to mend', async () => {
    expect((await failure(loadClusterAccess({ env: {}, kubeconfig: join(directory, 'gone') }))).code).toBe('SPK7001');
    expect((await failure(loadClusterAccess({ env: {} }))).code).toBe('SPK7006');
    expect((await failure(loadClusterAccess({ env: { KUBECONFIG: join(directory, 'gone') } }))).code).toBe('SPK7006');
  });

  it('never shows a token in an error', async () => {
    const error = await failure(load('users: [{name: u, user: {token: "s3cret\n'));
    expect(`${error.message} ${JSON.stringify(error.place)}`).not.toContain('s3cret');
  });

  it('of any content is read, or is the user’s to mend', () => {
    const word = fc.constantFrom('clusters', 'cluster', 'users', 'user', 'name', 'server', 'exec', 'contexts', 'x');
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 5 },
        fc.string(),
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(word, tie('tree'), { maxKeys: 4 }),
      ),
    }));
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          tree.map((value) => JSON.stringify(value)),
        ),
        (text) => {
          expect(mistakeOf(text)).toBe('of the user, or none');
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('22: inside a pod', () => {
  const env = { KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '443' };

  async function pod(over: Partial<LoadOptions> = {}): ReturnType<typeof loadClusterAccess> {
    await file('token', 'one');
    await file('ca.crt', 'CA');
    await file('namespace', 'spin-operator');
    return loadClusterAccess({ env, serviceAccount: directory, clock: new FakeClock(), ...over });
  }

  it('the API server, the authority and the namespace are those of the service account', async () => {
    const access = await pod();
    expect([access.server.href, access.namespace]).toEqual(['https://10.96.0.1/', 'spin-operator']);
    expect(await access.tls()).toEqual({ ca: Buffer.from('CA') });
    expect(await access.headers()).toEqual({ authorization: 'Bearer one' });
  });

  it('a host of IPv6 stands in brackets', async () => {
    const access = await pod({ env: { ...env, KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '6443' } });
    expect(access.server.href).toBe('https://[fd00::1]:6443/');
  });

  it('the authority is read for each connection', async () => {
    const access = await pod();
    await access.tls();
    await file('ca.crt', 'NEW CA');
    expect(await access.tls()).toEqual({ ca: Buffer.from('NEW CA') });
  });

  it('the token is read again after a minute, and the last one counts while there is none', async () => {
    const clock = new FakeClock();
    const access = await pod({ clock });
    const first = await access.headers();
    await file('token', 'two');
    await clock.advance(59_999);
    expect(await access.headers()).toBe(first);
    await clock.advance(1);
    const second = await access.headers();
    expect(second).toEqual({ authorization: 'Bearer two' });
    await rm(join(directory, 'token'));
    await clock.advance(60_000);
    expect(await access.headers()).toBe(second);
    await file('token', '');
    await clock.advance(60_000);
    expect(await access.headers()).toBe(second);
  });

  it('the token is read again when the API server refuses it, which helps only if there is another', async () => {
    const access = await pod();
    const first = await access.headers();
    expect(await access.renew(first)).toBe(false);
    await file('token', 'two');
    expect(await access.renew(first)).toBe(true);
    expect(await access.headers()).toEqual({ authorization: 'Bearer two' });
    // Another request that was refused with the old one.
    expect(await access.renew(first)).toBe(true);
  });

  it('without a token is the user’s to mend', async () => {
    expect((await failure(loadClusterAccess({ env, serviceAccount: directory }))).code).toBe('SPK7004');
  });

  it('a kubeconfig that is named comes first', async () => {
    const access = await pod({ kubeconfig: await file('config', config({}, { token: 't' })) });
    expect(access.server.hostname).toBe('example.com');
  });
});

describe('22: a proxy', () => {
  const env = { HTTPS_PROXY: 'http://proxy:3128' };
  const content = config({}, { token: 't' });

  it('of the environment is ignored unless it is asked for', async () => {
    expect((await load(content, { env })).proxy).toBeUndefined();
    expect((await load(content, { env, proxyFromEnvironment: true })).proxy?.href).toBe('http://proxy:3128/');
  });

  it('of the kubeconfig always counts, and comes first', async () => {
    const own = config({ 'proxy-url': 'https://own:1' }, {});
    expect((await load(own, { env, proxyFromEnvironment: true })).proxy?.href).toBe('https://own:1/');
  });

  it.each([
    ['example.com', false],
    ['.com', false],
    ['*', false],
    ['other, example.com', false],
    ['example.com:6443', false],
    ['example.com:443', true],
    ['ample.com', true],
    ['10.0.0.0/8', true],
  ])('is passed by for NO_PROXY=%s or not', async (list, isUsed) => {
    const options = { env: { ...env, NO_PROXY: list }, proxyFromEnvironment: true };
    expect((await load(content, options)).proxy !== undefined).toBe(isUsed);
  });

  it.each([
    ['https://10.1.2.3:6443', '10.0.0.0/8', false],
    ['https://11.1.2.3:6443', '10.0.0.0/8', true],
    ['https://10.1.2.3:6443', '10.1.2.3', false],
    ['https://[fd00::1]:6443', 'fd00::/8', false],
    ['https://[fd00::1]:6443', '[fd00::1]', false],
    ['https://10.1.2.3:6443', '10.0.0.0/99', true],
  ])('before %s is passed by for NO_PROXY=%s or not', async (server, list, isUsed) => {
    const options = { env: { ...env, no_proxy: list }, proxyFromEnvironment: true };
    expect((await load(config({ server }, {}), options)).proxy !== undefined).toBe(isUsed);
  });

  it('that is no proxy is the user’s to mend', async () => {
    const options = { env: { https_proxy: 'socks5://a:1' }, proxyFromEnvironment: true };
    expect((await failure(load(content, options))).code).toBe('SPK7007');
  });
});
