import type { SpinApp } from '@spindle/api';
import type { KubeClient } from '@spindle/kube';
import { describe, expect, it } from 'vitest';
import { planSpinApp, type PlanInputs } from '../plan/index.ts';
import { MountedSecrets } from './mounted-secrets.ts';

const LABEL = 'core.spinkube.dev/app-name';

const app: SpinApp = {
  apiVersion: 'core.spinkube.dev/v1alpha1',
  kind: 'SpinApp',
  metadata: { name: 'hello', namespace: 'demo', uid: 'u', generation: 1 },
  spec: { image: 'a', replicas: 1 },
};

const inputs = (changes: Partial<PlanInputs> = {}): PlanInputs => ({
  app,
  executors: [],
  sharedExecutors: new Map(),
  runtimeImage: 'runtime',
  values: () => undefined,
  deployment: {
    uid: 'd',
    resourceVersion: '1',
    generation: 1,
    controller: 'u',
    appName: 'hello',
    rollout: { conditions: [], observed: true, desired: 1, updated: 1, ready: 1, total: 1 },
    hashes: { onDeployment: undefined, onTemplate: undefined },
    ownsReplicas: true,
    replicas: 1,
  },
  service: undefined,
  secrets: [
    {
      name: 'hello-deadbeef',
      uid: 's',
      resourceVersion: '1',
      labels: { [LABEL]: 'hello' },
      ownerUids: ['u'],
      keys: ['runtime-config.toml'],
    },
  ],
  mountedSecrets: undefined,
  hasSecret: () => false,
  now: '2026-01-01T00:00:00Z',
  ...changes,
});

function looker(): { readonly mounted: MountedSecrets; looks: number; now: number } {
  const state = { looks: 0, now: 0 };
  const client = {
    list: () => {
      state.looks += 1;
      const volumes = [{ name: 'work' }, { name: 'config', secret: { secretName: 'hello-1' } }];
      const items = [{ metadata: {}, spec: { template: { spec: { volumes } } } }, { metadata: {} }];
      return Promise.resolve({ items, resourceVersion: '1' });
    },
  } as unknown as Pick<KubeClient, 'list'>;
  const clock = { now: () => state.now, date: () => new Date(0), after: () => () => {} };
  return Object.assign(state, { mounted: new MountedSecrets(client, clock) });
}

const look = (mounted: MountedSecrets, given: PlanInputs): Promise<unknown> =>
  mounted.ofPlan(given, planSpinApp(given), {});

describe('what ReplicaSets mount', () => {
  it('is asked for when there is something to collect: at once, and once again a minute later', async () => {
    const state = looker();
    expect(await look(state.mounted, inputs())).toEqual(new Set(['hello-1']));
    expect(state.mounted.nextLookMs({ namespace: 'demo', name: 'hello' })).toBe(60_000);
    expect(await look(state.mounted, inputs())).toBeUndefined();
    state.now = 60_000;
    expect(await look(state.mounted, inputs())).toBeDefined();
    expect(state.mounted.nextLookMs({ namespace: 'demo', name: 'hello' })).toBeUndefined();
    state.now = 1e6;
    expect(await look(state.mounted, inputs())).toBeUndefined();
    expect(state.looks).toBe(2);
  });

  it('is asked for again after another rollout', async () => {
    const state = looker();
    await look(state.mounted, inputs());
    await look(state.mounted, inputs({ app: { ...app, metadata: { ...app.metadata, generation: 2 } } }));
    expect(state.looks).toBe(2);
  });

  it.each<[string, Partial<PlanInputs>]>([
    ['nothing is old', { secrets: [] }],
    ['there is no Deployment', { deployment: undefined }],
    [
      'the rollout goes on',
      {
        deployment: {
          uid: 'd',
          resourceVersion: '1',
          generation: 1,
          controller: 'u',
          appName: 'hello',
          rollout: { conditions: [], observed: true, desired: 1, updated: 1, ready: 1, total: 2 },
          hashes: { onDeployment: undefined, onTemplate: undefined },
          ownsReplicas: true,
          replicas: 1,
        },
      },
    ],
  ])('is not asked for while %s', async (_what, changes) => {
    const state = looker();
    expect(await look(state.mounted, inputs(changes))).toBeUndefined();
    expect(state.looks).toBe(0);
  });
});
