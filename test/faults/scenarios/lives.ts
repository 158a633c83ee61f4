// An app from its first day to its last: created, edited, moved, deleted, created again.
import { CONFIG_MAPS, DEPLOYMENTS, EXECUTORS, SECRETS, SPIN_APPS } from '../../../operator/src/reconcile/resources.ts';
import type { World } from '../run/world.ts';
import {
  APP,
  base64,
  configured,
  database,
  elsewhere,
  ELSEWHERE,
  NODE,
  onNode,
  settings,
  shim,
  SHIM,
  spinApp,
} from './objects.ts';
import type { End, Scenario } from './scenario.ts';

type Spec = Parameters<typeof spinApp>[0];

/** The operator, what an app needs, and an app that is ready, where one is wanted. */
const withApp =
  (spec: Spec | undefined) =>
  async (world: World): Promise<void> => {
    await world.start();
    for (const executor of [shim, onNode, elsewhere]) {
      await world.create(EXECUTORS, executor);
      await world.untilHeld(executor.metadata.name);
    }
    await world.create(SECRETS, database);
    await world.create(CONFIG_MAPS, settings);
    if (spec !== undefined) {
      await world.create(SPIN_APPS, spinApp(spec));
      await world.untilReady(APP);
    }
  };

const edit =
  (spec: object) =>
  (world: World): Promise<void> =>
    world.edit(SPIN_APPS, APP, { spec });

const ofDeployment = (end: End, path: string): unknown => end.at('Deployment', APP, path);
const image = (end: End): unknown => ofDeployment(end, 'spec.template.spec.containers.0.image');
const rollouts = (end: End): unknown => ofDeployment(end, 'metadata.generation');

/** Texts of the generated files. */
const runtimeConfigs = (end: End): string[] =>
  end
    .names('Secret')
    .filter((name) => name.startsWith(`${APP}-`))
    .map((name) => {
      const data = end.at('Secret', name, 'data') as Readonly<Record<string, string>>;
      return Buffer.from(data['runtime-config.toml'] ?? '', 'base64').toString();
    });

export const LIVES: readonly Scenario[] = [
  {
    name: 'create',
    given: withApp(undefined),
    act: async (world) => void (await world.create(SPIN_APPS, spinApp())),
    shows: (end) => [
      end.names('Deployment'),
      end.names('Service'),
      end.names('Secret').includes('spin-ca'),
      rollouts(end),
    ],
    expected: [[APP], [APP], true, 1],
  },
  {
    name: 'create with configuration',
    given: withApp(undefined),
    act: async (world) => void (await world.create(SPIN_APPS, spinApp(configured))),
    shows: (end) => [end.names('Deployment'), runtimeConfigs(end).map((text) => text.includes('redis://one:6379'))],
    expected: [[APP], [true]],
  },
  {
    name: 'executor after the app',
    given: async (world) => {
      await world.start();
    },
    act: async (world) => {
      await world.create(SPIN_APPS, spinApp());
      await world.create(EXECUTORS, shim);
    },
    shows: (end) => [end.names('Deployment'), rollouts(end)],
    expected: [[APP], 1],
  },
  {
    name: 'image',
    given: withApp(configured),
    act: edit({ image: 'ghcr.io/example/hello:v2' }),
    shows: (end) => [image(end), rollouts(end)],
    expected: ['ghcr.io/example/hello:v2', 2],
  },
  {
    name: 'replicas',
    given: withApp({}),
    act: edit({ replicas: 5 }),
    shows: (end) => [ofDeployment(end, 'spec.replicas'), end.at('SpinApp', APP, 'status.readyReplicas')],
    expected: [5, 5],
  },
  {
    name: 'autoscaling on',
    given: withApp({ replicas: 4 }),
    act: edit({ enableAutoscaling: true, replicas: null }),
    shows: (end) => [ofDeployment(end, 'spec.replicas'), rollouts(end)],
    expected: [4, 1],
  },
  {
    name: 'autoscaling off',
    given: async (world) => {
      await withApp(undefined)(world);
      const { replicas: _, ...spec } = spinApp().spec;
      await world.create(SPIN_APPS, { ...spinApp(), spec: { ...spec, enableAutoscaling: true } });
      await world.untilReady(APP);
      await world.edit(DEPLOYMENTS, APP, { spec: { replicas: 7 } });
      await world.untilReady(APP);
    },
    act: edit({ enableAutoscaling: false, replicas: 3 }),
    shows: (end) => ofDeployment(end, 'spec.replicas'),
    expected: 3,
  },
  {
    name: 'other executor',
    given: withApp(configured),
    act: edit({ executor: NODE }),
    shows: (end) => [
      ofDeployment(end, 'spec.template.spec.runtimeClassName'),
      end.at('SpinApp', APP, 'status.activeScheduler'),
      rollouts(end),
    ],
    expected: [undefined, NODE, 2],
  },
  {
    name: 'executor that leaves it to others',
    given: withApp(configured),
    act: edit({ executor: ELSEWHERE }),
    shows: (end) => [end.names('Deployment'), end.names('Service'), end.at('SpinApp', APP, 'status.activeScheduler')],
    expected: [[], [APP], ELSEWHERE],
  },
  {
    name: 'back from others',
    given: async (world) => {
      await withApp(undefined)(world);
      await world.create(SPIN_APPS, spinApp({ executor: ELSEWHERE }));
      await world.untilTold(APP);
    },
    act: edit({ executor: SHIM }),
    shows: (end) => [end.names('Deployment'), rollouts(end)],
    expected: [[APP], 1],
  },
  {
    name: 'executor edited',
    given: withApp({}),
    act: (world) =>
      world.edit(EXECUTORS, SHIM, { spec: { deploymentConfig: { runtimeClassName: 'wasmtime-spin-v3' } } }),
    shows: (end) => [ofDeployment(end, 'spec.template.spec.runtimeClassName'), rollouts(end)],
    expected: ['wasmtime-spin-v3', 2],
  },
  {
    name: 'secret of a variable rotated',
    given: withApp(configured),
    act: (world) => world.edit(SECRETS, 'db', { data: { password: base64('other') } }),
    shows: rollouts,
    expected: 2,
  },
  {
    name: 'secret of a store rotated',
    given: withApp(configured),
    act: (world) => world.edit(SECRETS, 'db', { data: { url: base64('redis://two:6379') } }),
    shows: (end) => [runtimeConfigs(end).map((text) => text.includes('redis://two:6379')), rollouts(end)],
    expected: [[true], 2],
  },
  {
    name: 'runtime configuration changed',
    given: withApp(configured),
    act: edit({ runtimeConfig: { sqliteDatabases: [{ name: 'default', type: 'spin', options: [] }] } }),
    shows: (end) => [runtimeConfigs(end).map((text) => text.includes('sqlite_database')), rollouts(end)],
    expected: [[true], 2],
  },
  {
    name: 'delete',
    given: withApp(configured),
    act: (world) => world.remove(SPIN_APPS, APP),
    shows: (end) => [end.names('SpinApp'), end.names('Deployment'), end.names('Service'), runtimeConfigs(end)],
    expected: [[], [], [], []],
  },
  {
    name: 'delete with executor',
    given: withApp({}),
    act: async (world) => {
      await world.remove(EXECUTORS, SHIM);
      await world.remove(SPIN_APPS, APP);
    },
    shows: (end) => [end.names('Deployment'), end.names('SpinAppExecutor')],
    expected: [[], [ELSEWHERE, NODE]],
  },
  {
    name: 'created again',
    given: withApp(configured),
    act: async (world) => {
      await world.remove(SPIN_APPS, APP);
      await world.create(SPIN_APPS, spinApp({ ...configured, image: 'ghcr.io/example/hello:v2' }));
    },
    shows: (end) => [image(end), rollouts(end), end.names('Service')],
    expected: ['ghcr.io/example/hello:v2', 1, [APP]],
  },
];
