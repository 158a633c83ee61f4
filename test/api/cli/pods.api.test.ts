// `logs`, `connect`, `status` and `events` on a real API server, with a kubelet of the test behind it.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { DEPLOYMENTS, EVENTS, SPIN_APPS } from '../../../cli/src/cluster/resources.ts';
import { resource, type KubeObject } from '@spindle/kube';
import { runInside, type Inside } from '../../../cli/src/testing/run-inside.ts';
import { RunningSpindle } from '../../../cli/src/testing/run-spindle.ts';
import { startTestCluster, type TestCluster } from '../operator/testing/cluster.ts';
import { spinApp } from '../operator/testing/make.ts';
import { makePod, READY, waiting } from './testing/children.ts';
import { startFakeKubelet, type FakeKubelet } from './testing/fake-kubelet.ts';

const rbac = { group: 'rbac.authorization.k8s.io', version: 'v1', namespaced: true };
const ROLES = resource<KubeObject>({ ...rbac, plural: 'roles', kind: 'Role' });
const BINDINGS = resource<KubeObject>({ ...rbac, plural: 'rolebindings', kind: 'RoleBinding' });

let cluster: TestCluster;
let kubelet: FakeKubelet;
let namespace: string;
let count = 0;

beforeAll(async () => {
  cluster = await startTestCluster();
  kubelet = await startFakeKubelet(cluster.client);
});
afterAll(async () => {
  await kubelet?.stop();
  await cluster?.stop();
});
beforeEach(async () => {
  namespace = await cluster.newNamespace();
  await cluster.client.create(SPIN_APPS, spinApp(namespace, 'shop'));
});

const where = (): string[] => ['-n', namespace, '--kubeconfig', cluster.controlPlane.kubeconfig];
const spindle = (...args: readonly string[]): Promise<Inside> => runInside([...args, ...where()], { cwd: '/' });

function start(...args: readonly string[]): RunningSpindle {
  const running = new RunningSpindle([...args, ...where()], { cwd: '/' });
  onTestFinished(async () => void (await running.stop('SIGKILL')));
  return running;
}

/** With a name that the kubelet has not heard before. */
async function pod(status: object = READY, app = 'shop'): Promise<string> {
  count += 1;
  const name = `${app}-${count}`;
  await makePod(cluster.client, { namespace, name: app }, name, status);
  return name;
}

/** As the operator and the controller of Deployments would have left it. */
async function deployment(): Promise<void> {
  const labels = { 'core.spinkube.dev/app-name': 'shop' };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'shop', image: 'app' }] } };
  const { metadata } = await cluster.client.create(DEPLOYMENTS, {
    metadata: { namespace, name: 'shop', labels },
    spec: { selector: { matchLabels: labels }, template } as object,
  });
  await cluster.client.patchStatus(
    DEPLOYMENTS,
    { namespace, name: 'shop' },
    { observedGeneration: metadata.generation },
  );
}

async function serving(answer: string): Promise<Server> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => response.end(`${answer} ${Buffer.concat(chunks).length}`));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return server;
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

describe('logs', () => {
  it('of one pod are its lines as they are', async () => {
    const name = await pod();
    kubelet.say(name, 'one', 'two');
    kubelet.end(name);
    expect(await spindle('logs', 'shop')).toEqual({ code: 0, stdout: 'one\ntwo\n', stderr: '' });
    expect(await spindle('logs', 'shop', '--tail', '1', '--prefix')).toMatchObject({ stdout: `${name}  two\n` });
  });

  it('of several pods have the pod before each line', async () => {
    const names = [await pod(), await pod()];
    names.forEach((name) => kubelet.say(name, `from ${name}`));
    const { stdout } = await spindle('logs', 'shop');
    expect(stdout.trimEnd().split('\n').toSorted()).toEqual(names.map((name) => `${name}  from ${name}`).toSorted());
  });

  it('that are followed go on with what comes, also of pods that come', async () => {
    const first = await pod();
    kubelet.say(first, 'begun');
    const running = start('logs', 'shop', '--follow');
    await running.printed(/^begun$/m);
    kubelet.say(first, 'more');
    await running.printed(/^more$/m);
    const second = await pod();
    kubelet.say(second, 'hello');
    await running.printed(new RegExp(`^${second}  hello$`, 'm'));
    kubelet.end(first);
    kubelet.say(second, 'still');
    await running.printed(new RegExp(`^${second}  still$`, 'm'));
    expect(await running.stop('SIGINT')).toMatchObject({ code: 0, stderr: '' });
  });

  it('are not there when no pod has started', async () => {
    expect(await spindle('logs', 'shop')).toMatchObject({ code: 1, stderr: expect.stringContaining('it has no pods') });
    await pod(waiting('ContainerCreating', ''));
    expect(await spindle('logs', 'shop')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('none of its pods has started'),
    });
  });

  it('of a component are those of the apps that run it alone', async () => {
    await cluster.client.create(SPIN_APPS, spinApp(namespace, 'cart', { components: ['cart'] }));
    const name = await pod(READY, 'cart');
    kubelet.say(name, 'in the cart');
    kubelet.end(name);
    expect(await spindle('logs', '--component', 'cart')).toMatchObject({ code: 0, stdout: 'in the cart\n' });
    expect(await spindle('logs', 'shop', '--component', 'cart')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('cannot be told from those of others: a pod has one log'),
    });
    expect(await spindle('logs', '--component', 'nope')).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('Apps name cart.'),
    });
  });
});

describe('connect', () => {
  it('forwards connections to a pod that is ready, several at once and large ones too', async () => {
    await pod(waiting('ContainerCreating', ''));
    const name = await pod();
    kubelet.serve(name, portOf(await serving('hello')));
    const running = start('connect', 'shop', '-q');
    const [, url = ''] = await running.printed(/^(http:\S+)$/m);
    const sizes = [0, 1, 100_000, 3_000_000];
    const answers = await Promise.all(
      sizes.map(async (size) => (await fetch(url, { method: 'POST', body: Buffer.alloc(size) })).text()),
    );
    expect(answers).toEqual(sizes.map((size) => `hello ${size}`));
    expect(await running.stop('SIGINT')).toMatchObject({ code: 0, stderr: '' });
  });

  it('says of a pod that does not listen what the kubelet says, and goes on', async () => {
    const name = await pod();
    const running = start('connect', 'shop');
    const [, url = ''] = await running.printed(/Forwarding (http:\S+) to port 80 of shop-\d+\. Ctrl-C ends it\./);
    await expect(fetch(url)).rejects.toThrow('fetch failed');
    await running.printed(/connection: .*connection refused/, 'stderr');
    kubelet.serve(name, portOf(await serving('now')));
    expect(await (await fetch(url)).text()).toBe('now 0');
  });

  it('needs a pod that is ready, and a port that is free', async () => {
    expect(await spindle('connect', 'shop')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('it has no pods'),
    });
    await pod();
    const taken = portOf(await serving('x'));
    expect(await spindle('connect', 'shop', '-p', String(taken))).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`cannot listen on 127.0.0.1:${taken}`),
    });
  });
});

describe('status and events', () => {
  it('show pods, what happened, and why the app is not ready', async () => {
    await deployment();
    const name = await pod(waiting('ImagePullBackOff', 'Back-off pulling image "app"'));
    await cluster.client.create(EVENTS, {
      metadata: { namespace, name: `${name}.1` },
      type: 'Warning',
      reason: 'Failed',
      message: 'Failed to pull image "app": unauthorized',
      count: 3,
      lastTimestamp: new Date().toISOString(),
      involvedObject: { kind: 'Pod', name, namespace } as object,
    });
    await cluster.client.create(EVENTS, {
      metadata: { namespace, name: 'other.1' },
      reason: 'Killing',
      message: 'of another app',
      involvedObject: { kind: 'Pod', name: 'other', namespace } as object,
    });
    const { code, stdout } = await spindle('status', 'shop');
    expect(code).toBe(0);
    expect(stdout).toContain(
      `\nImagePullFailed\n  pod ${name}: Failed to pull image "app": unauthorized\n  Give the cluster a login: "kubectl create secret docker-registry", then --image-pull-secret.\n`,
    );
    expect(stdout).toMatch(new RegExp(`\\n${name} +no +ImagePullBackOff +0 +fake-node +\\d+s\\n`));
    const { stdout: events } = await spindle('events', 'shop');
    expect(events.split('\n').map((line) => line.split(/ {2,}/).slice(1))).toEqual([
      ['TYPE', 'REASON', 'OBJECT', 'MESSAGE'],
      ['Warning', 'Failed', `pod/${name}`, 'Failed to pull image "app": unauthorized'],
      [],
    ]);
    const data = JSON.parse((await spindle('status', 'shop', '-o', 'json')).stdout) as Record<string, unknown>;
    expect(data).toMatchObject({
      kind: 'AppStatus',
      version: 1,
      name: 'shop',
      diagnosis: { reason: 'ImagePullFailed', pod: name, isFinal: true },
      pods: [{ name, ready: false, state: 'ImagePullBackOff' }],
    });
  });

  it('show an app also to somebody who may not see its pods', async () => {
    await pod();
    expect(await spindle('status', 'shop', '--as', 'viewer')).toMatchObject({ code: 5, stdout: '' });
    const rules = [{ apiGroups: ['core.spinkube.dev'], resources: ['spinapps'], verbs: ['get'] }];
    await cluster.client.create(ROLES, { metadata: { namespace, name: 'viewer' }, rules } as KubeObject);
    await cluster.client.create(BINDINGS, {
      metadata: { namespace, name: 'viewer' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'viewer' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'viewer' }],
    } as KubeObject);
    await expect
      .poll(() => spindle('status', 'shop', '--as', 'viewer'))
      .toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/^Name: +ns-\d+\/shop\n(?!.*POD)/s) });
  });
});
