// Pods as they are looked at, on an API server in memory, with time in the test's hand.
import { FakeClock } from '@spindle/kube/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { app, executor, NAMESPACE, rollOut, startRunning, type Running } from './testing/running.ts';
import { DEPLOYMENTS, EXECUTORS, PODS, REPLICA_SETS, SPIN_APPS, type Pod } from './resources.ts';

const DIGEST = `sha256:${'ab'.repeat(32)}`;

let clock: FakeClock;
let running: Running;

beforeEach(async () => {
  clock = new FakeClock();
  running = await startRunning(clock);
  await running.client.create(EXECUTORS, executor());
});
afterEach(async () => {
  await running.stop();
});

const until = <T>(look: () => Promise<T> | T): Promise<T> => vi.waitFor(look, { timeout: 20_000, interval: 10 });
const key = (name: string): { namespace: string; name: string } => ({ namespace: NAMESPACE, name });
const lists = (resource: string): number =>
  running.server.requests.filter(
    (request) =>
      request.verb === 'list' && request.resource === resource && request.headers['user-agent'] === 'operator',
  ).length;
const statusOf = async (
  name: string,
): Promise<{
  readonly reason: string | undefined;
  readonly lastError: string | undefined;
  readonly digest: string | undefined;
}> => {
  const { status } = await running.client.get(SPIN_APPS, key(name));
  const reason = status?.conditions?.find(({ type }) => type === 'Ready')?.reason;
  return { reason, lastError: status?.lastError, digest: status?.imageDigest };
};

/** As the controllers of Kubernetes make them: one pod of the newest ReplicaSet. */
async function startPod(name: string, status: Pod['status']): Promise<void> {
  const deployment = await running.client.get(DEPLOYMENTS, key(name));
  const labels = { 'core.spinkube.dev/app-name': name, 'pod-template-hash': 'new' };
  await running.client.create(REPLICA_SETS, {
    metadata: {
      ...key(`${name}-new`),
      labels,
      annotations: { 'deployment.kubernetes.io/revision': '2' },
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name, uid: deployment.metadata.uid ?? '' }],
    },
  });
  await running.client.create<Pod>(PODS, { metadata: { ...key(`${name}-new-1`), labels } });
  await running.client.patchStatus<Pod>(PODS, key(`${name}-new-1`), status);
}

async function create(name: string, spec: Parameters<typeof app>[1] = {}): Promise<void> {
  await running.client.create(SPIN_APPS, app(name, spec));
  await until(async () => expect((await statusOf(name)).reason).toBe('RollingOut'));
}

const failing: Pod['status'] = {
  phase: 'Pending',
  containerStatuses: [{ name: 'hello', state: { waiting: { reason: 'ErrImagePull', message: 'v1: not found' } } }],
};
const serving = (name: string, imageID: string): Pod['status'] => ({
  phase: 'Running',
  containerStatuses: [{ name, ready: true, imageID }],
});

describe('an app that does not get ready', () => {
  it('says what its newest pods say, after a while that lets others start in peace', async () => {
    await create('hello');
    await startPod('hello', failing);
    await rollOut(running.client, 'hello', { ready: 0, replicas: 1 });
    await until(() => expect(clock.pending).toBeGreaterThan(0));
    expect(lists('pods')).toBe(0);
    await clock.advance(5000);
    await until(async () =>
      expect(await statusOf('hello')).toMatchObject({
        reason: 'ImagePullFailed',
        lastError: 'pod hello-new-1: v1: not found',
      }),
    );
    expect(running.events).toContainEqual(
      expect.objectContaining({ type: 'Warning', reason: 'ImagePullFailed', note: 'pod hello-new-1: v1: not found' }),
    );

    await running.client.patchStatus<Pod>(PODS, key('hello-new-1'), serving('hello', ''));
    await rollOut(running.client, 'hello');
    await until(async () =>
      expect(await statusOf('hello')).toMatchObject({ reason: 'Deployed', lastError: undefined }),
    );
  });

  it('is looked at less and less often', async () => {
    await create('hello');
    await startPod('hello', failing);
    await rollOut(running.client, 'hello', { ready: 0, replicas: 1 });
    const looks: number[] = [];
    for (let minute = 0; minute < 5; minute += 1) {
      const before = lists('pods');
      for (let second = 0; second < 60; second += 1) {
        await clock.advance(1000);
        await until(() => expect(running.results['spinapp']?.length).toBeGreaterThan(0));
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      looks.push(lists('pods') - before);
    }
    expect(looks[0]).toBeGreaterThan(1);
    expect(looks[0]).toBeLessThanOrEqual(4);
    expect(looks.at(-1)).toBeLessThanOrEqual(1);
  });

  it('is not looked at while nobody acts on its Deployment', async () => {
    await create('hello');
    await clock.advance(600_000);
    expect([lists('pods'), lists('replicasets.apps')]).toEqual([0, 0]);
  });

  it('tells its status although its pods cannot be seen', async () => {
    running.server.setFaults(({ resource, verb }) =>
      resource === 'pods' && verb === 'list' ? { kind: 'refuse', status: 403, reason: 'Forbidden' } : undefined,
    );
    await create('hello');
    await rollOut(running.client, 'hello', { ready: 0, replicas: 1 });
    await clock.advance(5000);
    await rollOut(running.client, 'hello');
    await until(async () => expect(await statusOf('hello')).toMatchObject({ reason: 'Deployed' }));
    expect(running.results['spinapp']).not.toContain('error');
  });
});

describe('what the pods run', () => {
  it('is told once they all do, and asked once', async () => {
    await create('hello');
    await startPod('hello', serving('hello', `ghcr.io/example/hello@${DIGEST}`));
    await rollOut(running.client, 'hello');
    await until(async () => expect(await statusOf('hello')).toMatchObject({ reason: 'Deployed', digest: DIGEST }));
    const before = lists('pods');
    await running.client.patchStatus(DEPLOYMENTS, key('hello'), { conditions: [] });
    await running.client.patch(SPIN_APPS, key('hello'), 'merge', { metadata: { labels: { a: 'b' } } });
    await clock.advance(600_000);
    expect(lists('pods')).toBe(before);
  });

  it('is empty when they do not say it, which a later operator does not ask again', async () => {
    await create('hello');
    await startPod('hello', serving('hello', ''));
    await rollOut(running.client, 'hello');
    await until(async () => expect(await statusOf('hello')).toMatchObject({ digest: '' }));
  });

  it('is known without them where the image is given by its digest', async () => {
    await create('hello', { image: `ghcr.io/example/hello@${DIGEST}` });
    await rollOut(running.client, 'hello');
    await until(async () => expect(await statusOf('hello')).toMatchObject({ digest: DIGEST }));
    expect(lists('pods')).toBe(0);
  });

  it('is not said by pods that fetch the app themselves', async () => {
    await running.client.create(EXECUTORS, {
      ...executor('image'),
      spec: { createDeployment: true, deploymentConfig: { spinImage: 'spin:v4' } },
    });
    await create('hello', { executor: 'image' });
    await rollOut(running.client, 'hello');
    await until(async () => expect(await statusOf('hello')).toMatchObject({ reason: 'Deployed', digest: undefined }));
    expect(lists('pods')).toBe(0);
  });
});
