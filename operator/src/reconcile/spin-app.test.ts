// Apps on an API server in memory, where the order of what is seen and written is the test's.
import type { Secret } from '@spindle/api';
import { FakeClock } from '@spindle/kube/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { app, executor, NAMESPACE, rollOut, startRunning, type Running } from './testing/running.ts';
import { DEPLOYMENTS, EXECUTORS, REPLICA_SETS, SECRETS, SPIN_APPS, type ReplicaSet } from './resources.ts';

/** Nothing is waited for by time: the clock stands still, and work is begun by what is seen only. */
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
const secret = (name: string, text: string): Secret => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: key(name),
  data: { 'runtime-config.toml': Buffer.from(text).toString('base64') },
});
const replicaSet = (name: string, secretName: string): ReplicaSet => ({
  metadata: { ...key(name), labels: { 'core.spinkube.dev/app-name': name } },
  spec: { template: { spec: { volumes: [{ secret: { secretName } }] } } },
});
const observed = (name: string, generation: number): Promise<void> =>
  until(async () => {
    const { status } = await running.client.get(SPIN_APPS, key(name));
    expect(status?.observedGeneration).toBe(generation);
  });

describe('what an app refers to', () => {
  it('is there although the watch is late: the pods are not replaced for its being seen', async () => {
    const [watch] = running.server
      .watches('secrets')
      .filter(({ request }) => request.query.get('labelSelector')?.startsWith('!') === true);
    watch?.freeze();
    await running.client.create(SECRETS, secret('own', 'a = 1'));
    await running.client.create(SPIN_APPS, app('reader', { runtimeConfig: { loadFromSecret: 'own' } }));
    await observed('reader', 1);
    watch?.thaw();
    await until(() => expect(running.stores.otherSecrets.get(key('own'))).toBeDefined());
    // An edit that comes after it has been worked on: so has the Secret's coming.
    await running.client.patch(SPIN_APPS, key('reader'), 'merge', { spec: { replicas: 2 } });
    await observed('reader', 2);
    const live = await running.client.get(DEPLOYMENTS, key('reader'));
    expect(live.spec?.template?.metadata?.annotations).toBeUndefined();
    expect((await running.client.get(SPIN_APPS, key('reader'))).status?.lastError).toBeUndefined();
  });
});

describe('a runtime configuration that nothing mounts any more', () => {
  it('goes with the end of the rollout, not a minute later', async () => {
    await running.client.create(SPIN_APPS, app('roller'));
    await observed('roller', 1);
    await rollOut(running.client, 'roller');
    const [first] = (await running.client.list(SECRETS, { namespace: NAMESPACE })).items;
    await running.client.create(REPLICA_SETS, replicaSet('roller', first?.metadata.name ?? ''));
    const [watch] = running.server.watches('deployments.apps');
    watch?.freeze();
    await running.client.patch(SPIN_APPS, key('roller'), 'merge', {
      spec: { runtimeConfig: { sqliteDatabases: [{ name: 'default', type: 'spin' }] } },
    });
    await observed('roller', 2);
    expect((await running.client.list(SECRETS, { namespace: NAMESPACE })).items).toHaveLength(2);
    // All of the rollout is over before any of it is seen.
    await running.client.delete(REPLICA_SETS, key('roller'));
    await rollOut(running.client, 'roller');
    watch?.thaw();
    await until(async () =>
      expect((await running.client.list(SECRETS, { namespace: NAMESPACE })).items).toHaveLength(1),
    );
  });
});
