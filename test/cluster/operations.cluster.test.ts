// What an app goes through while it is in use: new images, secrets, scalers, and failures of what runs it.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OperatorProcess } from '../api/operator/testing/operator-process.ts';
import { startLoad } from './testing/load.ts';
import { startSuiteOperator } from './testing/operators.ts';
import { installExecutor, pushApp, spinApp } from './testing/spin-apps.ts';
import { get, newNamespace, theCluster } from './testing/suite.ts';

const cluster = theCluster();
let operators: OperatorProcess[];
let namespace: string;

/** Shorter than the defaults, so that the test of a leader's end takes seconds. */
const LEADER_FLAGS = [
  '--leader-elect',
  '--leader-elect-lease-duration=4s',
  '--leader-elect-renew-deadline=3s',
  '--leader-elect-retry-period=500ms',
];

beforeAll(async () => {
  const start = (): Promise<OperatorProcess> =>
    startSuiteOperator(cluster, { flags: LEADER_FLAGS, waitUntilReady: false });
  operators = [await start(), await start()];
  namespace = await newNamespace(cluster, 'operations');
  await installExecutor(cluster, namespace);
});
afterAll(async () => {
  for (const operator of operators ?? []) {
    await operator.stop();
  }
});

const kubectl = (...args: readonly string[]): Promise<string> => cluster.kubectl('-n', namespace, ...args);

const isReady = (name: string): Promise<unknown> =>
  kubectl('wait', '--for=condition=Ready', '--timeout=90s', `spinapp/${name}`);

const podsOf = async (name: string): Promise<string[]> =>
  (await kubectl('get', 'pods', '-l', `core.spinkube.dev/app-name=${name}`, '-o', 'name')).trim().split('\n');

const readyReplicas = (name: string): Promise<string> =>
  kubectl('get', `spinapp/${name}`, '-o', 'jsonpath={.status.readyReplicas}');

/** `kubectl get spinapp -o wide`, as a user reads it. */
const shown = (name: string): Promise<string> => kubectl('get', `spinapp/${name}`, '-o', 'wide');

const holder = (): Promise<string> =>
  cluster.kubectl('get', 'leases', '-n', 'default', '-o', 'jsonpath={.items[*].spec.holderIdentity}');

const body = async (name: string): Promise<string> => (await get(await cluster.serviceUrl(namespace, name))).body;

describe('an app in use', () => {
  it('gets a new image without one failed request', async () => {
    const [v1, v2] = [await pushApp(cluster, 'roll:v1', 'First'), await pushApp(cluster, 'roll:v2', 'Second')];
    await cluster.apply(spinApp(namespace, 'roll', { image: v1, replicas: 2 }));
    await isReady('roll');
    const load = startLoad(await cluster.serviceUrl(namespace, 'roll'));
    // Some requests before, so that connections are open when their pod goes.
    await sleep(1_000);
    await cluster.apply(spinApp(namespace, 'roll', { image: v2, replicas: 2 }));
    await kubectl('wait', '--for=jsonpath={.status.observedGeneration}=2', '--timeout=90s', 'spinapp/roll');
    await isReady('roll');
    // Those that stop have their time of grace.
    await expect.poll(() => podsOf('roll')).toHaveLength(2);
    const { requests, failures, answers } = await load.stop();
    expect({ failures, answered: [...answers].map((text) => text.split(' ')[0]) }).toEqual({
      failures: {},
      answered: ['First', 'Second'].map((greeting) => expect.stringContaining(greeting)),
    });
    expect(requests).toBeGreaterThan(100);
  });

  it('reads a secret again when it has changed', async () => {
    const secret = (greeting: string): object => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { namespace, name: 'greetings' },
      stringData: { greeting },
    });
    const image = await pushApp(cluster, 'secret:v1');
    const variables = [{ name: 'greeting', valueFrom: { secretKeyRef: { name: 'greetings', key: 'greeting' } } }];
    await cluster.apply(secret('Salut'), spinApp(namespace, 'secret', { image, variables }));
    await isReady('secret');
    expect(await body('secret')).toContain('Salut');
    await cluster.apply(secret('Servus'));
    await expect.poll(() => body('secret')).toContain('Servus');
  });

  it('goes on when its new image is broken, and says so in kubectl get', async () => {
    const image = await pushApp(cluster, 'broken:v1');
    await cluster.apply(spinApp(namespace, 'broken', { image }));
    await isReady('broken');
    await cluster.apply(spinApp(namespace, 'broken', { image: `${cluster.registry.host}/broken:no-such-tag` }));
    await expect
      .poll(() => shown('broken'))
      .toMatch(/CrashLooping .*: the registry has no manifest broken no-such-tag/);
    expect(await body('broken')).toContain('Hello');
    await cluster.apply(spinApp(namespace, 'broken', { image }));
    await isReady('broken');
  });

  it('says which quota is in its way, and starts when that is gone', async () => {
    const image = await pushApp(cluster, 'quota:v1');
    const quota = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { namespace, name: 'no-more-pods' } };
    await cluster.apply({ ...quota, spec: { hard: { 'count/pods': '0' } } });
    await expect.poll(() => kubectl('get', 'resourcequota/no-more-pods', '-o', 'jsonpath={.status.hard}')).not.toBe('');
    await cluster.apply(spinApp(namespace, 'quota', { image }));
    await expect.poll(() => shown('quota')).toMatch(/QuotaExceeded .*no-more-pods/);
    await kubectl('delete', 'resourcequota/no-more-pods');
    await isReady('quota');
  });

  it('follows an autoscaler of its Deployment', async () => {
    const image = await pushApp(cluster, 'autoscaled:v1');
    const app = { image, enableAutoscaling: true, replicas: undefined };
    await cluster.apply(
      spinApp(namespace, 'autoscaled', app),
      autoscaler('autoscaled', { apiVersion: 'apps/v1', kind: 'Deployment' }, 2, 3),
    );
    await expect.poll(() => readyReplicas('autoscaled')).toBe('2');
    await cluster.apply(autoscaler('autoscaled', { apiVersion: 'apps/v1', kind: 'Deployment' }, 1, 1));
    await expect.poll(() => readyReplicas('autoscaled')).toBe('1');
  });

  it('follows an autoscaler of its own', async () => {
    const target = { apiVersion: 'core.spinkube.dev/v1alpha1', kind: 'SpinApp' };
    await cluster.apply(autoscaler('secret', target, 2, 3));
    await expect.poll(() => readyReplicas('secret')).toBe('2');
    await kubectl('delete', 'hpa/secret');
  });

  it('is acted on by another replica of the operator when the leader is killed', async () => {
    const before = await holder();
    const ready = await Promise.all(operators.map((operator) => isLeader(operator)));
    const leader = operators[ready.indexOf(true)];
    expect(ready.filter(Boolean)).toHaveLength(1);
    await leader?.kill();
    operators = operators.filter((operator) => operator !== leader);
    await kubectl('scale', 'spinapp/roll', '--replicas=3');
    await expect.poll(() => readyReplicas('roll')).toBe('3');
    expect(await holder()).not.toBe(before);
  });

  it('leaves a node that is drained, and comes back with it', async () => {
    await kubectl('drain', cluster.nodeName, '--delete-emptydir-data', '--force', '--timeout=90s');
    await expect.poll(() => readyReplicas('roll')).toMatch(/^0?$/);
    expect(await shown('roll')).not.toMatch(/\bReady\s+\S*roll:v2/);
    await kubectl('uncordon', cluster.nodeName);
    await isReady('roll');
    expect(await body('roll')).toContain('Second');
  });
});

/** Without metrics it only keeps its limits, which is enough to see who obeys it. */
const autoscaler = (name: string, target: object, minReplicas: number, maxReplicas: number): object => ({
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { namespace, name },
  spec: { scaleTargetRef: { ...target, name }, minReplicas, maxReplicas },
});

/** Only the leader has work. */
async function isLeader(operator: OperatorProcess): Promise<boolean> {
  const metrics = await (await fetch(`http://127.0.0.1:${operator.metricsPort}/metrics`)).text();
  return /^leader_election_master_status\{.*\} 1$/m.test(metrics);
}
