// What users do: kubectl against an API server with Kubernetes' own controllers, from the definitions to the deletion, in the
// order in which they do it. Every output is read as a user reads it.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findClusterProgram } from '../../../hack/cluster/binaries.ts';
import { startTestCluster, type TestCluster } from './testing/cluster.ts';
import { startControllers, type Controllers } from './testing/controllers.ts';
import { startOperator, type OperatorProcess } from './testing/operator-process.ts';

const run = promisify(execFile);
const CRDS = resolve(import.meta.dirname, '../../../crds');

const MANIFEST = `
apiVersion: core.spinkube.dev/v1alpha1
kind: SpinAppExecutor
metadata:
  name: containerd-shim-spin
spec:
  createDeployment: true
  deploymentConfig:
    runtimeClassName: wasmtime-spin-v2
---
apiVersion: core.spinkube.dev/v1alpha1
kind: SpinApp
metadata:
  name: hello
spec:
  image: "ghcr.io/example/hello:v1"
  executor: containerd-shim-spin
  replicas: 1
  variables:
    - name: greeting
      value: hi
`;

let cluster: TestCluster;
let controllers: Controllers;
let operator: OperatorProcess;
let kubectlPath: string;
let namespace: string;
let folder: string;

beforeAll(async () => {
  kubectlPath = await findClusterProgram('kubectl');
  folder = await mkdtemp(join(tmpdir(), 'kubectl-'));
  cluster = await startTestCluster();
  namespace = await cluster.newNamespace();
  controllers = await startControllers(cluster, namespace);
  operator = await startOperator({ kubeconfig: cluster.operator });
  await write(MANIFEST);
});
afterAll(async () => {
  await operator?.stop();
  await controllers?.stop();
  await cluster?.stop();
  await rm(folder, { recursive: true, force: true });
});

interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function kubectl(...args: string[]): Promise<Said> {
  const env = { ...process.env, HOME: folder, KUBECONFIG: cluster.controlPlane.kubeconfig };
  try {
    const { stdout, stderr } = await run(kubectlPath, ['--namespace', namespace, ...args], { env, cwd: folder });
    return { code: 0, out: stdout, err: stderr };
  } catch (error) {
    // expected: an exit code that is the answer.
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, out: stdout, err: stderr };
  }
}

const write = (manifest: string): Promise<void> => writeFile(join(folder, 'app.yaml'), manifest);
const wait = (what: string, name = 'spinapp/hello'): Promise<Said> =>
  kubectl('wait', `--for=${what}`, name, '--timeout=60s');
/** Cells of a table, by the names of its columns. */
async function table(...args: string[]): Promise<Readonly<Record<string, string>>> {
  const [head = '', row = ''] = (await kubectl('get', ...args)).out.trimEnd().split('\n');
  const starts = [...head.matchAll(/\S+( \S+)*/g)].map(({ index, 0: name }) => ({ index, name }));
  return Object.fromEntries(
    starts.map(({ index, name }, at) => [name, row.slice(index, starts[at + 1]?.index).trim()]),
  );
}

describe('kubectl', () => {
  it('takes the definitions, also by apply, which keeps a copy of them in an annotation', async () => {
    expect(await kubectl('apply', '-f', CRDS)).toMatchObject({ code: 0 });
    expect((await kubectl('explain', 'spinapp.spec.image')).out).toContain('OCI reference of the application');
  });

  it('apply makes an app, and wait ends when it is ready', async () => {
    const { code, out } = await kubectl('apply', '-f', 'app.yaml');
    expect(code).toBe(0);
    expect(out.trim().split('\n')).toEqual([
      'spinappexecutor.core.spinkube.dev/containerd-shim-spin created',
      'spinapp.core.spinkube.dev/hello created',
    ]);
    expect(await wait('condition=Ready')).toMatchObject({
      code: 0,
      out: 'spinapp.core.spinkube.dev/hello condition met\n',
    });
    expect(await wait('condition=Ready', 'spinappexecutor/containerd-shim-spin')).toMatchObject({ code: 0 });
    expect((await kubectl('rollout', 'status', 'deployment/hello')).out).toContain('successfully rolled out');
  });

  it('get shows what runs, and wide where and why', async () => {
    expect(await table('spinapps')).toEqual({
      NAME: 'hello',
      READY: '1',
      DESIRED: '1',
      EXECUTOR: 'containerd-shim-spin',
      STATUS: 'Deployed',
      IMAGE: 'ghcr.io/example/hello:v1',
      AGE: expect.stringMatching(/^\d+\w+$/),
    });
    expect(await table('spinapps', '-o', 'wide')).toMatchObject({
      DEPLOYMENT: 'hello',
      SERVICE: 'hello',
      URL: `http://hello.${namespace}.svc:80`,
      MESSAGE: '1/1 ready',
    });
    expect(await table('spinappexecutors')).toMatchObject({
      NAME: 'containerd-shim-spin',
      READY: 'True',
      RUNTIMECLASS: 'wasmtime-spin-v2',
    });
    expect((await kubectl('describe', 'spinapp', 'hello')).out).toMatch(/Events:[^]*Normal +Deployed/);
    expect((await kubectl('get', 'spinapp', 'hello', '-o', 'jsonpath={.status.imageDigest}')).out).toBe(
      `sha256:${'ab'.repeat(32)}`,
    );
  });

  it('diff finds nothing in what was applied, and apply changes nothing', async () => {
    expect(await kubectl('diff', '-f', 'app.yaml')).toMatchObject({ code: 0, out: '' });
    expect(
      await kubectl('diff', '--server-side', '--field-manager=kubectl-client-side-apply', '-f', 'app.yaml'),
    ).toMatchObject({
      code: 0,
      out: '',
    });
    expect((await kubectl('apply', '-f', 'app.yaml')).out).toContain('spinapp.core.spinkube.dev/hello unchanged');
  });

  it('scale reaches the pods', async () => {
    expect((await kubectl('scale', 'spinapp/hello', '--replicas=3')).out).toContain('hello scaled');
    expect(await wait('jsonpath={.status.readyReplicas}=3')).toMatchObject({ code: 0 });
    expect(await wait('condition=Ready')).toMatchObject({ code: 0 });
    expect(await table('spinapps')).toMatchObject({ READY: '3', DESIRED: '3' });
    const { code, out } = await kubectl('diff', '-f', 'app.yaml');
    expect([code, out]).toEqual([1, expect.stringMatching(/-  replicas: 3\n\+  replicas: 1\n/)]);
  });

  it('apply of another image replaces the pods, and wait says when that is over', async () => {
    await write(MANIFEST.replace('hello:v1', 'hello:v2').replace('replicas: 1', 'replicas: 3'));
    expect((await kubectl('apply', '-f', 'app.yaml')).out).toContain('spinapp.core.spinkube.dev/hello configured');
    expect(await wait('jsonpath={.status.observedGeneration}=3')).toMatchObject({ code: 0 });
    expect(await wait('condition=Ready')).toMatchObject({ code: 0 });
    const images = await kubectl('get', 'pods', '-o', 'jsonpath={.items[*].spec.containers[*].image}');
    expect(new Set(images.out.split(' '))).toEqual(new Set(['ghcr.io/example/hello:v2']));
  });

  it('apply of what cannot be says what is wrong', async () => {
    await write(MANIFEST.replace('replicas: 1', 'replicas: 1\n  enableAutoscaling: true'));
    const { code, err } = await kubectl('apply', '-f', 'app.yaml');
    expect(code).toBe(1);
    expect(err).toContain('spec.replicas: Invalid value');
    expect(err).toContain('replicas cannot be set when autoscaling is enabled');
  });

  it('delete of an executor waits for its app, and says so; both go, with all that was made', async () => {
    expect(await kubectl('delete', 'spinappexecutor', 'containerd-shim-spin', '--wait=false')).toMatchObject({
      code: 0,
    });
    expect(await wait('condition=Terminating', 'spinappexecutor/containerd-shim-spin')).toMatchObject({ code: 0 });
    expect((await table('spinappexecutors', '-o', 'wide'))['MESSAGE']).toContain('no app needs it: hello');
    expect(await kubectl('delete', 'spinapp', 'hello')).toMatchObject({ code: 0 });
    for (const left of ['spinappexecutor/containerd-shim-spin', 'deployment/hello', 'service/hello']) {
      expect(await wait('delete', left)).toMatchObject({ code: 0 });
    }
    expect(await wait('delete', 'secret/hello-760b133c')).toMatchObject({ code: 0 });
  });
});
