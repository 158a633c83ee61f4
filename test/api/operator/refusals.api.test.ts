// What keeps an app from running, as a real API server and its controllers tell it: the words users read in the status. Pods and
// ReplicaSets are the test's, made as the controllers of Kubernetes make them.
import { resource, type KubeObject, type ResourceType } from '@spindle/kube';
import type { SpinApp } from '@spindle/api';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  DEPLOYMENTS,
  EVENTS,
  EXECUTORS,
  PODS,
  REPLICA_SETS,
  SECRETS,
  SERVICES,
  SPIN_APPS,
  type Pod,
  type ReplicaSet,
} from '../../../operator/src/reconcile/resources.ts';
import { eventually, startTestCluster, type TestCluster } from './testing/cluster.ts';
import { conditionOf, deploymentOf, executor, rollOut, secret, spinApp, whenApp, whenReason } from './testing/make.ts';
import { startOperator, type OperatorProcess } from './testing/operator-process.ts';
import { allowNamespace, NAMESPACED } from './testing/rbac.ts';

const QUOTAS = resource<KubeObject & { readonly spec: object }>({
  group: '',
  version: 'v1',
  plural: 'resourcequotas',
  kind: 'ResourceQuota',
  namespaced: true,
});

const DIGEST = `sha256:${'ab'.repeat(32)}`;

let cluster: TestCluster;
let operator: OperatorProcess;
let namespace: string;

beforeAll(async () => {
  cluster = await startTestCluster();
  operator = await startOperator({ kubeconfig: cluster.operator });
});
afterAll(async () => {
  await operator?.stop();
  await cluster?.stop();
});
beforeEach(async () => {
  namespace = await cluster.newNamespace();
  await cluster.client.create(EXECUTORS, executor(namespace));
});

const create = (app: SpinApp): Promise<SpinApp> => cluster.client.create(SPIN_APPS, app);
const key = (name: string): { namespace: string; name: string } => ({ namespace, name });
const noted = (reason: string, note: RegExp): Promise<unknown> =>
  eventually(`there is an event ${reason}`, async () => {
    const { items } = await cluster.client.list(EVENTS, { namespace });
    return items.find((event) => event.reason === reason && note.test(event.note ?? ''));
  });

describe('an object of somebody else', () => {
  it('a Service is not taken over, and the app goes on when it is gone', async () => {
    const spec = { selector: { theirs: 'yes' }, ports: [{ port: 80 }] };
    const theirs = await cluster.client.create<KubeObject & { spec: object }>(
      SERVICES as ResourceType<KubeObject & { spec: object }>,
      {
        metadata: key('taken'),
        spec,
      },
    );
    const app = await create(spinApp(namespace, 'taken'));
    const refused = await whenReason(cluster.client, app, 'ServiceConflict');
    expect(refused.status?.lastError).toBe(
      'metadata.name: a Service "taken" exists that does not belong to the app. Delete it, or create the app with another name.',
    );
    expect(conditionOf(refused, 'Stalled')).toMatchObject({ status: 'True', reason: 'ServiceConflict' });
    await noted('ServiceConflict', /a Service "taken" exists/);
    const live = await cluster.client.get(SERVICES, key('taken'));
    expect(live.metadata.resourceVersion).toBe(theirs.metadata.resourceVersion);
  });

  it('a Secret with the name of the runtime configuration and other contents is not taken over', async () => {
    const theirs = await cluster.client.create(
      SECRETS,
      secret(namespace, 'taken-760b133c', { 'runtime-config.toml': 'theirs' }),
    );
    const app = await create(spinApp(namespace, 'taken'));
    const refused = await whenReason(cluster.client, app, 'SecretConflict');
    expect(refused.status?.lastError).toContain('a Secret "taken-760b133c" exists that does not belong to the app');
    const live = await cluster.client.get(SECRETS, key('taken-760b133c'));
    expect(live.metadata.resourceVersion).toBe(theirs.metadata.resourceVersion);
    expect(await cluster.client.find(DEPLOYMENTS, key('taken'))).toBeUndefined();
  });
});

it('a Secret that is the same already is used, and a new image still replaces the pods', async () => {
  const toml = "[[config_provider]]\ntype = 'env'\nprefix = 'SPIN_VARIABLE_'\n";
  await cluster.client.create(SECRETS, secret(namespace, 'same-760b133c', { 'runtime-config.toml': toml }));
  const app = await create(spinApp(namespace, 'same'));
  await whenReason(cluster.client, app, 'RollingOut');
  await cluster.client.patch(SPIN_APPS, key('same'), 'merge', { spec: { image: 'ghcr.io/example/hello:v2' } });
  const changed = await eventually('the pods are replaced', async () => {
    const { metadata, spec } = await deploymentOf(cluster.client, app);
    return metadata.generation === 1 ? undefined : spec.template.spec;
  });
  expect(changed.containers[0]?.image).toBe('ghcr.io/example/hello:v2');
  expect(changed.volumes[0]?.secret?.secretName).toBe('same-760b133c');
});

describe('a quota', () => {
  it.each([
    ['Secret', 'count/secrets'],
    ['Deployment', 'count/deployments.apps'],
    ['Service', 'count/services'],
  ])('that leaves no place for a %s', async (kind, counted) => {
    const name = 'none-left';
    await cluster.client.create(QUOTAS, { metadata: key(name), spec: { hard: { [counted]: '0' } } });
    // What the controller of quotas would count.
    await cluster.client.patchStatus(QUOTAS, key(name), { hard: { [counted]: '0' }, used: { [counted]: '0' } });
    const app = await create(spinApp(namespace, 'much'));
    const refused = await whenReason(cluster.client, app, 'QuotaExceeded');
    expect(refused.status?.lastError).toMatch(
      new RegExp(`^the ${kind}: the API server refuses the ${kind}: .*exceeded quota: none-left.* Raise the quota`),
    );
    expect(conditionOf(refused, 'Stalled').status).toBe('True');
    await noted('QuotaExceeded', /exceeded quota/);
  });
});

describe('an operator that may not do all', () => {
  it('says which object it may not write', async () => {
    const other = await cluster.newNamespace();
    await allowNamespace(cluster.client, other, 'apps-without-services');
    await cluster.client.create(EXECUTORS, executor(other));
    const limited = await startOperator({
      kubeconfig: await cluster.controlPlane.kubeconfigFor(NAMESPACED.token),
      flags: [`--namespaces=${other}`],
    });
    await operator.stop();
    try {
      const app = await create(spinApp(other, 'hello'));
      const refused = await whenReason(cluster.client, app, 'Forbidden');
      expect(refused.status?.lastError).toMatch(/^the Service: .*cannot (create|patch) resource "services"/);
      // What it may write is written.
      expect(refused.status?.deploymentName).toBe('hello');
    } finally {
      await limited.stop();
      operator = await startOperator({ kubeconfig: cluster.operator });
    }
  });
});

/** The newest ReplicaSet of an app with one pod in this state, and an older one whose pod is well. */
async function startPods(app: SpinApp, status: Pod['status']): Promise<Pod> {
  const { name } = app.metadata;
  const { metadata } = await deploymentOf(cluster.client, app);
  const template = { spec: { containers: [{ name, image: app.spec.image }] } };
  let last: Pod | undefined;
  for (const [revision, hash] of ['old', 'new'].entries()) {
    const labels = { 'core.spinkube.dev/app-name': name, 'pod-template-hash': hash };
    await cluster.client.create(REPLICA_SETS, {
      metadata: {
        ...key(`${name}-${hash}`),
        labels,
        annotations: { 'deployment.kubernetes.io/revision': String(revision + 9) },
        ownerReferences: [
          { apiVersion: 'apps/v1', kind: 'Deployment', name, uid: metadata.uid ?? '', controller: true },
        ],
      },
      spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, ...template } },
    } as unknown as ReplicaSet);
    last = await cluster.client.create<Pod>(PODS, {
      metadata: { ...key(`${name}-${hash}-1`), labels },
      ...template,
    } as unknown as Pod);
    await cluster.client.patchStatus(PODS, key(`${name}-${hash}-1`), hash === 'new' ? status : running(app));
  }
  return last as Pod;
}

const running = ({ metadata: { name }, spec: { image } }: SpinApp): NonNullable<Pod['status']> => ({
  phase: 'Running',
  containerStatuses: [{ ...container(name, image), ready: true, imageID: `ghcr.io/example/hello@${DIGEST}` }],
});
const container = (name: string, image: string): { readonly name: string } & Record<string, unknown> => ({
  name,
  image,
  imageID: '',
  ready: false,
  restartCount: 0,
});

describe('the pods of an app', () => {
  it.each<[string, object, string, string]>([
    [
      'whose image is not there',
      { state: { waiting: { reason: 'ErrImagePull', message: 'ghcr.io/example/hello:v9: not found' } } },
      'ImagePullFailed',
      'pod hello-new-1: ghcr.io/example/hello:v9: not found',
    ],
    [
      'that crash',
      {
        restartCount: 3,
        state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 40s restarting failed container' } },
        lastState: { terminated: { exitCode: 1, reason: 'Error', message: 'Error: no such component "a"\n' } },
      },
      'CrashLooping',
      'pod hello-new-1: the container ended with exit code 1 (Error): Error: no such component "a"',
    ],
  ])('%s: the status says it, with the pod', async (_what, state, reason, text) => {
    const app = await create(spinApp(namespace, 'hello'));
    const status = { phase: 'Pending', containerStatuses: [{ ...container('hello', app.spec.image), ...state }] };
    await startPods(app, status);
    await rollOut(cluster.client, app, 0);
    const told = await whenReason(cluster.client, app, reason);
    expect(told.status?.lastError).toBe(text);
    expect(conditionOf(told, 'Ready')).toMatchObject({ status: 'False', message: text });
    expect(conditionOf(told, 'Stalled').status).toBe('False');
    await noted(reason, /pod hello-new-1/);

    await rollOut(cluster.client, app);
    const healed = await whenReason(cluster.client, app, 'Deployed');
    expect(healed.status?.lastError).toBeUndefined();
  });

  it('that no node takes', async () => {
    const app = await create(spinApp(namespace, 'hello'));
    const message = '0/3 nodes are available: 3 Insufficient memory.';
    await startPods(app, {
      phase: 'Pending',
      conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }],
    });
    await rollOut(cluster.client, app, 0);
    const told = await whenReason(cluster.client, app, 'PodsUnschedulable');
    expect(told.status?.lastError).toBe(`pod hello-new-1: ${message}`);
  });

  it('whose node has no handler of the RuntimeClass, which only an event says', async () => {
    const app = await create(spinApp(namespace, 'hello'));
    const pod = await startPods(app, {
      phase: 'Pending',
      conditions: [{ type: 'PodScheduled', status: 'True' }],
      containerStatuses: [
        { ...container('hello', app.spec.image), name: 'hello', state: { waiting: { reason: 'ContainerCreating' } } },
      ],
    });
    // As kubelets write them.
    const events = resource<KubeObject>({
      group: '',
      version: 'v1',
      plural: 'events',
      kind: 'Event',
      namespaced: true,
    });
    await cluster.client.create<KubeObject>(events, {
      metadata: key('hello-new-1.1'),
      involvedObject: { kind: 'Pod', namespace, name: 'hello-new-1', uid: pod.metadata.uid },
      type: 'Warning',
      reason: 'FailedCreatePodSandBox',
      message: 'Failed to create pod sandbox: rpc error: code = Unknown desc = no runtime for "spin" is configured',
      firstTimestamp: '2026-01-01T00:00:00Z',
      lastTimestamp: '2026-01-01T00:00:00Z',
    } as KubeObject);
    await rollOut(cluster.client, app, 0);
    const told = await whenReason(cluster.client, app, 'RuntimeClassMissing');
    expect(told.status?.lastError).toContain('pod hello-new-1: Failed to create pod sandbox: ');
  });

  it('that cannot be made are told by their Deployment, at once', async () => {
    const app = await create(spinApp(namespace, 'hello'));
    const { metadata } = await deploymentOf(cluster.client, app);
    const message = 'pods "hello-1" is forbidden: pod rejected: RuntimeClass "wasmtime-spin-v2" not found';
    await cluster.client.patchStatus(DEPLOYMENTS, key('hello'), {
      observedGeneration: metadata.generation,
      conditions: [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message }],
    });
    expect((await whenReason(cluster.client, app, 'RuntimeClassMissing')).status?.lastError).toBe(
      `the pods: ${message}`,
    );
  });

  it('that run say which image they have', async () => {
    const app = await create(spinApp(namespace, 'hello'));
    await startPods(app, running(app));
    await rollOut(cluster.client, app);
    const told = await whenApp(
      cluster.client,
      app,
      'has a digest',
      ({ status }) =>
        status?.imageDigest !== undefined && conditionOf({ status } as SpinApp, 'Ready').status === 'True',
    );
    expect(told.status?.imageDigest).toBe(DIGEST);
  });
});
