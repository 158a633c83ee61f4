// A refusal for a conflict that no change has caused: no event will bring the executor here again.
import { FakeClock } from '@spindle/kube/testing';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { executor, NAMESPACE, startRunning, type Running } from './testing/running.ts';
import { EXECUTORS } from './resources.ts';

let running: Running;
let clock: FakeClock;

beforeEach(async () => {
  clock = new FakeClock();
  running = await startRunning(clock);
});
afterEach(async () => {
  await running.stop();
});

it('an executor is held at the second try when the first was a conflict of which no event tells', async () => {
  let refusals = 0;
  running.server.setFaults(({ verb, resource }) =>
    verb === 'patch' && resource.startsWith('spinappexecutors') && (refusals += 1) === 1
      ? { kind: 'refuse', status: 409, reason: 'Conflict' }
      : undefined,
  );
  await running.client.create(EXECUTORS, executor());
  await vi.waitFor(() => expect(running.results['spinappexecutor']).toContain('requeue_after'), 20_000);
  await clock.advance(1_000);
  await vi.waitFor(async () => {
    const { metadata } = await running.client.get(EXECUTORS, { namespace: NAMESPACE, name: 'shim' });
    expect(metadata.finalizers).toEqual(['core.spinkube.dev/finalizer']);
  }, 20_000);
  expect(running.results['spinappexecutor']).not.toContain('error');
});
