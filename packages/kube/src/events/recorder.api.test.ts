// kube-client 21 on a real API server: it takes our events and series as they are.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startControlPlane, type ControlPlane } from '../../../../hack/cluster/control-plane.ts';
import { createClient } from '../client/kube-client.ts';
import { resource } from '../client/resource.ts';
import type { KubeClient } from '../client/types.ts';
import { loadClusterAccess } from '../config/load.ts';
import { createTransport } from '../transport/http-transport.ts';
import type { Transport } from '../transport/types.ts';
import { EVENTS, type Occurrence } from './event.ts';
import { createEventRecorder } from './recorder.ts';

const NAMESPACES = resource({ group: '', version: 'v1', plural: 'namespaces', kind: 'Namespace', namespaced: false });
const CLOSE_MS = 30_000;

let controlPlane: ControlPlane;
let transport: Transport;
let client: KubeClient;

beforeAll(async () => {
  controlPlane = await startControlPlane();
  const access = await loadClusterAccess({ env: {}, kubeconfig: controlPlane.kubeconfig });
  transport = createTransport(access, { userAgent: 'test' });
  client = createClient(transport, { fieldManager: 'spin-operator' });
});
afterAll(async () => {
  await transport?.close();
  await controlPlane?.stop();
});

async function eventsOf(occurrences: readonly Occurrence[], namespace: string): Promise<readonly object[]> {
  const errors: unknown[] = [];
  const recorder = createEventRecorder({
    client,
    reporter: { controller: 'spinkube.dev/spin-operator', instance: 'spin-operator-1' },
    onError: (error) => errors.push(error),
  });
  for (const occurrence of occurrences) {
    recorder.note(occurrence);
  }
  await recorder.close(CLOSE_MS);
  expect(errors).toEqual([]);
  return (await client.list(EVENTS, { namespace, fieldSelector: 'regarding.name=hello' })).items;
}

const about = (regarding: Partial<Occurrence['regarding']>, note = 'it was made'): Occurrence => ({
  regarding: { apiVersion: 'v1', kind: 'ConfigMap', name: 'hello', uid: crypto.randomUUID(), ...regarding },
  type: 'Warning',
  reason: 'ExecutorNotFound',
  action: 'PlanApp',
  note,
});

describe('21: events', () => {
  it('are stored as events.k8s.io/v1, and what was said twice as a series', async () => {
    const namespace = `test-${crypto.randomUUID()}`;
    await client.create(NAMESPACES, { metadata: { name: namespace } });
    const once = about({ namespace });
    const often = { ...once, note: 'again and again' };
    const events = await eventsOf([once, often, often, often], namespace);
    expect(events).toHaveLength(2);
    expect(events).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          note: 'it was made',
          regarding: once.regarding,
          reportingInstance: 'spin-operator-1',
        }),
        expect.objectContaining({ note: 'again and again', series: expect.objectContaining({ count: 3 }) }),
      ]),
    );
  });

  it('of what is in no namespace are in `default`', async () => {
    const events = await eventsOf([about({ kind: 'Namespace' })], 'default');
    expect(events).toEqual([expect.objectContaining({ type: 'Warning', reason: 'ExecutorNotFound' })]);
  });

  it('as long as they may be are taken', async () => {
    const namespace = `test-${crypto.randomUUID()}`;
    await client.create(NAMESPACES, { metadata: { name: namespace } });
    const long = { ...about({ namespace }, 'é'.repeat(2000)), reason: 'R'.repeat(300), action: 'A'.repeat(300) };
    expect(await eventsOf([long], namespace)).toHaveLength(1);
  });
});
