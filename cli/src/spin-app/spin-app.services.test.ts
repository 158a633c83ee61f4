// A SpinApp from a file, and its app from a real registry that asks for a login, as a cluster would fetch and run it.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RunningRegistry, startDockerRegistry } from '../../../hack/services/docker-registry.ts';
import { fixture } from '../../../test/guests/fixtures.ts';
import { appFolder, manifest } from '../testing/app-folder.ts';

const USER = 'me';
const PASSWORD = 'correct horse';
/** Of that user and password; made with `htpasswd -nbB -C 5`. */
const HTPASSWD = 'me:$2b$05$Gtx9sDBHcE3aQtduH8FyvOccXG4d.egeu/NbHkRkKkpzht./FLTrC\n';

let registry: RunningRegistry;
beforeAll(async () => {
  registry = await startDockerRegistry({ htpasswd: HTPASSWD });
});
afterAll(() => registry.stop());

let isPushed = false;
beforeEach(async () => {
  if (isPushed) {
    return;
  }
  const folder = await appFolder({
    'spin.toml': manifest(
      {
        svars: {
          route: '/...',
          table: '[component.svars.variables]\ngreeting = "{{ greeting }}"\ntoken = "{{ token }}"',
        },
        skv: { route: '/kv/...', table: 'key_value_stores = ["default"]' },
      },
      '[variables]\ngreeting = { required = true }\ntoken = { required = true, secret = true }\n',
    ),
    'svars.wasm': await fixture('svars'),
    'skv.wasm': await fixture('skv'),
  });
  await folder.run(['registry', 'login', registry.host, '-u', USER, '-p', PASSWORD, '-k']);
  const { code, stderr } = await folder.run(['registry', 'push', `${registry.host}/me/app:v1`, '-k']);
  if (code !== 0) {
    throw new Error(stderr);
  }
  isPushed = true;
});

const yaml = (more = ''): string => `apiVersion: core.spinkube.dev/v1alpha1
kind: SpinApp
metadata: {name: hello}
spec:
  image: ${registry.host}/me/app:v1
  executor: containerd-shim-spin
  replicas: 1
  imagePullSecrets: [{name: pull}]
  variables:
  - {name: greeting, value: Hallo}
  - {name: token, valueFrom: {secretKeyRef: {name: values, key: token}}}
  runtimeConfig:
    keyValueStores: [{name: default, type: spin, options: [{name: path, value: kept.db}]}]
${more}---
apiVersion: v1
kind: Secret
metadata: {name: values}
stringData: {token: geheim}
---
apiVersion: v1
kind: Secret
metadata: {name: pull}
type: kubernetes.io/dockerconfigjson
stringData:
  .dockerconfigjson: '${JSON.stringify({ auths: { [registry.host]: { username: USER, password: PASSWORD } } })}'
`;

describe('spindle up -f app.yaml', () => {
  it('fetches the app with the login of the file, and serves it with its variables and stores', async () => {
    const folder = await appFolder({ 'deploy/app.yaml': yaml() });
    const running = folder.up(['-f', 'deploy/app.yaml', '-k']);
    expect(await running.get('/greeting')).toBe('Hallo\n');
    expect(await running.get('/token')).toBe('geheim\n');
    expect(await running.get('/kv/')).toMatch(/\n$/);
    const { code, stderr } = await running.stop();
    expect([code, stderr]).toEqual([0, expect.not.stringContaining('geheim')]);
    expect(await readdir(join(folder.path, 'deploy'))).toContain('kept.db');
  });

  it('gives way to flags, and to the components that the file names', async () => {
    const folder = await appFolder({ 'app.yaml': yaml('  components: [svars]\n') });
    const running = folder.up(['-f', 'app.yaml', '-k', '--variable', 'greeting=Hi'], {
      env: { SPIN_VARIABLE_TOKEN: 'of the shell', SPIN_VARIABLE_GREETING: 'of the shell' },
    });
    expect([await running.get('/greeting'), await running.get('/token')]).toEqual(['Hi\n', 'geheim\n']);
    // It is the other component that answers.
    expect(await running.get('/kv/')).toContain('InvalidName');
  });

  it('reads what another program writes', async () => {
    const folder = await appFolder({});
    const running = folder.start(['up', '-f', '-', '-k', '--listen', '127.0.0.1:0']);
    running.child.stdin?.end(yaml());
    expect(await running.get('/greeting')).toBe('Hallo\n');
  });

  it('says what is missing when the login of the file is wrong', async () => {
    const folder = await appFolder({ 'app.yaml': yaml().replace(PASSWORD, 'wrong') });
    const { code, stderr } = await folder.run(['up', '-f', 'app.yaml', '-k']);
    expect([code, stderr]).toEqual([1, expect.stringContaining('SPK2005')]);
    expect(stderr).toContain('the Secret pull');
    expect(stderr).not.toMatch(/wrong"|d3Jvbmc/);
  });

  it('leaves nothing but the cache behind when it is refused', async () => {
    const folder = await appFolder({ 'app.yaml': yaml().replace('key: token', 'key: tok') });
    const { code, stdout, stderr } = await folder.run(['up', '-f', 'app.yaml', '-k']);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toBe(
      `Error: the Secret "values" has no key "tok"
  SPK5031 at ${folder.path}/app.yaml:11:45, spec.variables[1].valueFrom.secretKeyRef

Its keys are: "token". Or give --variable token=… for this run.
`,
    );
    expect((await readdir(folder.path)).toSorted()).toEqual(['app.yaml', 'tmp']);
    expect(await readdir(join(folder.path, 'tmp'))).toEqual([]);
  });
});
