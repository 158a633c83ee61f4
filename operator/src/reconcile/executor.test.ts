// The deletion of executors on an API server in memory, while the clock stands still: what goes on is by what is seen.
import { resource, type KubeObject } from '@spindle/kube';
import { FakeClock } from '@spindle/kube/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { app, executor, NAMESPACE, startRunning, type Running } from './testing/running.ts';
import { EXECUTORS, SPIN_APPS } from './resources.ts';

let running: Running;

beforeEach(async () => {
  running = await startRunning(new FakeClock());
  await running.client.create(EXECUTORS, executor());
});
afterEach(async () => {
  await running.stop();
});

const until = <T>(look: () => Promise<T> | T): Promise<T> => vi.waitFor(look, { timeout: 20_000, interval: 10 });
const key = (name: string): { namespace: string; name: string } => ({ namespace: NAMESPACE, name });
const condition = async (type: string): Promise<unknown> => {
  const { status } = await running.client.get(EXECUTORS, key('shim'));
  return status?.conditions?.find((one) => one.type === type);
};
const held = (): Promise<void> =>
  until(async () =>
    expect((await running.client.get(EXECUTORS, key('shim'))).metadata.finalizers).toEqual([
      'core.spinkube.dev/finalizer',
    ]),
  );
const isGone = (): Promise<void> =>
  until(async () => expect(await running.client.find(EXECUTORS, key('shim'))).toBeUndefined());

describe('an executor', () => {
  it('says whether apps can run by it', async () => {
    await until(async () => expect(await condition('Ready')).toMatchObject({ status: 'True', reason: 'Accepted' }));
    await running.client.patch(EXECUTORS, key('shim'), 'merge', { spec: { deploymentConfig: null } });
    await until(async () =>
      expect(await condition('Ready')).toMatchObject({
        status: 'False',
        reason: 'ExecutorInvalid',
        observedGeneration: 2,
      }),
    );
  });

  it('does not disturb its apps by its own status', async () => {
    await running.client.create(SPIN_APPS, app('hello'));
    await until(() => expect(running.stores.apps.get(key('hello'))?.status?.observedGeneration).toBe(1));
    await held();
    await running.client.create(SPIN_APPS, app('other'));
    await until(() => expect(running.stores.apps.get(key('other'))?.status?.observedGeneration).toBe(1));
    const before = running.results['spinapp']?.length;
    await running.client.patchStatus(EXECUTORS, key('shim'), { conditions: [] });
    await until(async () => expect(await condition('Ready')).toBeDefined());
    expect(running.results['spinapp']?.length).toBe(before);
  });

  it('that is deleted names the apps that need it, and goes with the last of them', async () => {
    await running.client.create(SPIN_APPS, app('one'));
    await running.client.create(SPIN_APPS, app('two'));
    await held();
    await until(() => expect(running.stores.apps.size).toBe(2));
    await running.client.delete(EXECUTORS, key('shim'));
    await until(async () =>
      expect(await condition('Terminating')).toMatchObject({
        status: 'True',
        reason: 'DependentsExist',
        message: 'It goes when no app needs it: one, two. Delete them, or give them another executor.',
      }),
    );
    expect(running.events.filter(({ reason }) => reason === 'DeletionBlocked')).toMatchObject([
      {
        type: 'Warning',
        regarding: { kind: 'SpinAppExecutor', name: 'shim' },
        note: 'Cannot delete SpinAppExecutor with dependent SpinApps: one, two',
      },
    ]);

    await running.client.delete(SPIN_APPS, key('one'));
    await until(async () =>
      expect(await condition('Terminating')).toMatchObject({ message: expect.stringContaining('needs it: two.') }),
    );
    await running.client.delete(SPIN_APPS, key('two'));
    await isGone();
    // Nothing of it was another try, or a matter of time.
    expect(new Set(running.results['spinappexecutor'])).toEqual(new Set(['success']));
  });

  it('that is deleted goes when its last app names another one', async () => {
    await running.client.create(EXECUTORS, executor('other'));
    await running.client.create(SPIN_APPS, app('mover'));
    await held();
    await until(() => expect(running.stores.apps.size).toBe(1));
    await running.client.delete(EXECUTORS, key('shim'));
    await until(async () => expect(await condition('Terminating')).toBeDefined());
    await running.client.patch(SPIN_APPS, key('mover'), 'merge', { spec: { executor: 'other' } });
    await isGone();
  });

  it('that is deleted does not wait for apps of another namespace', async () => {
    const namespaces = resource<KubeObject>({
      group: '',
      version: 'v1',
      plural: 'namespaces',
      kind: 'Namespace',
      namespaced: false,
    });
    await running.client.create<KubeObject>(namespaces, { metadata: { name: 'other' } });
    const there = { ...executor(), metadata: { namespace: 'other', name: 'shim' } };
    await running.client.create(EXECUTORS, there);
    await running.client.create(SPIN_APPS, { ...app('hello'), metadata: { namespace: 'other', name: 'hello' } });
    await held();
    await until(() => expect(running.stores.apps.size).toBe(1));
    await running.client.delete(EXECUTORS, key('shim'));
    await isGone();
    expect(await running.client.find(EXECUTORS, there.metadata)).toBeDefined();
  });

  it('that is deleted counts an app that comes meanwhile', async () => {
    await running.client.create(SPIN_APPS, app('one'));
    await held();
    await until(() => expect(running.stores.apps.size).toBe(1));
    await running.client.delete(EXECUTORS, key('shim'));
    await until(async () => expect(await condition('Terminating')).toBeDefined());
    await running.client.create(SPIN_APPS, app('zwei'));
    await until(async () =>
      expect(await condition('Terminating')).toMatchObject({ message: expect.stringContaining('one, zwei') }),
    );
  });
});
