// The operator itself changes: one of upstream's is replaced by ours, ours by a newer one.
import type { ConfigMap, Secret, SpinApp, SpinAppExecutor } from '@spindle/api';
import type { KubeObject, ResourceType } from '@spindle/kube';
import {
  CONFIG_MAPS,
  DEPLOYMENTS,
  EXECUTORS,
  SECRETS,
  SERVICES,
  SPIN_APPS,
} from '../../../operator/src/reconcile/resources.ts';
import { upstreamCase } from '../../api/operator/testing/upstream-cases.ts';
import type { World } from '../run/world.ts';
import { APP, configured, database, settings, shim, spinApp } from './objects.ts';
import type { End, Scenario } from './scenario.ts';

/** Of both operators. */
const FIELD_MANAGER = 'spin-operator';

/** As upstream's operator was seen to leave it (test/upstream/operator). */
async function leftByUpstream(world: World): Promise<void> {
  const {
    dependencies,
    object,
    stored,
    deployments = [],
    services = [],
    secrets = [],
  } = upstreamCase('runtime-config-kv-sqlite-llm');
  const resources: Readonly<Record<string, ResourceType>> = {
    SpinAppExecutor: EXECUTORS,
    Secret: SECRETS,
    ConfigMap: CONFIG_MAPS,
  };
  for (const dependency of dependencies as readonly (SpinAppExecutor | Secret | ConfigMap)[]) {
    await world.create(resources[dependency.kind] as ResourceType, dependency as KubeObject);
  }
  const { metadata } = await world.create(SPIN_APPS, object as SpinApp);
  const placed = <T extends KubeObject>(one: T): T & { readonly metadata: { readonly name: string } } =>
    JSON.parse(
      JSON.stringify(one)
        .replaceAll('<ns>', world.namespace)
        .replaceAll('<uid>', String((metadata as KubeObject['metadata']).uid)),
    ) as T & { readonly metadata: { readonly name: string } };
  for (const secret of secrets) {
    await world.create<Secret>(SECRETS, placed(secret));
  }
  for (const [type, made] of [
    [DEPLOYMENTS, deployments],
    [SERVICES, services],
  ] as const) {
    for (const one of made) {
      await world.apply<KubeObject>(type, placed(one), FIELD_MANAGER);
    }
  }
  const status = (stored?.[0] as SpinApp | undefined)?.status ?? {};
  await world.client.patchStatus(
    SPIN_APPS,
    { namespace: world.namespace, name: APP },
    JSON.parse(JSON.stringify(status).replaceAll('<time>', '2026-01-01T00:00:00Z')),
  );
}

const rollouts = (end: End): unknown => end.at('Deployment', APP, 'metadata.generation');

export const OPERATORS: readonly Scenario[] = [
  {
    name: 'taken over from upstream',
    given: leftByUpstream,
    act: (world) => world.start(),
    shows: (end) => [rollouts(end), end.at('SpinApp', APP, 'status.readyReplicas')],
    expected: [1, 1],
  },
  {
    name: 'operator replaced while an app is edited',
    given: async (world) => {
      await world.start();
      await world.create(EXECUTORS, shim);
      await world.untilHeld(shim.metadata.name);
      await world.create(SECRETS, database);
      await world.create(CONFIG_MAPS, settings);
      await world.create(SPIN_APPS, spinApp(configured));
      await world.untilReady(APP);
    },
    act: async (world) => {
      await world.stop();
      await world.edit(SPIN_APPS, APP, { spec: { image: 'ghcr.io/example/hello:v2', replicas: 4 } });
      await world.start();
    },
    shows: (end) => [rollouts(end), end.at('Deployment', APP, 'spec.replicas')],
    expected: [2, 4],
  },
];
