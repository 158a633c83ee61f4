// What an operator has to notice, and what it must keep its hands off, without webhooks, on a real API server. Nobody acts on
// Deployments here, so that their status is the test's.
import type { SpinApp } from '@spindle/api';
import type { KubeObject } from '@spindle/kube';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  CONFIG_MAPS,
  DEPLOYMENTS,
  EVENTS,
  EXECUTORS,
  REPLICA_SETS,
  SECRETS,
  SERVICES,
  SPIN_APPS,
  type ReplicaSet,
} from '../../../operator/src/reconcile/resources.ts';
import { eventually, startTestCluster, until, type TestCluster } from './testing/cluster.ts';
import {
  conditionOf,
  configMap,
  deploymentOf,
  EXECUTOR,
  executor,
  isActedOn,
  secret,
  spinApp,
  whenApp,
  type LiveDeployment,
} from './testing/make.ts';
import * as helpers from './testing/make.ts';
import { startOperator, type OperatorProcess } from './testing/operator-process.ts';

const HASH = 'core.spinkube.dev/config-hash';

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
});

const create = async (app: SpinApp): Promise<SpinApp> => cluster.client.create(SPIN_APPS, app);
const name = (app: SpinApp): { namespace: string; name: string } => ({ namespace, name: app.metadata.name });
const patchApp = (app: SpinApp, spec: object): Promise<SpinApp> =>
  cluster.client.patch(SPIN_APPS, name(app), 'merge', { spec });
const deployment = (app: SpinApp): Promise<LiveDeployment> => deploymentOf(cluster.client, app);
const actedOn = (app: SpinApp): Promise<SpinApp> => whenApp(cluster.client, app, 'is acted on', isActedOn);
const whenDeployment = (app: SpinApp, what: string, is: (live: LiveDeployment) => boolean): Promise<LiveDeployment> =>
  eventually(`the Deployment ${what}`, async () => {
    const live = await deployment(app);
    return is(live) ? live : undefined;
  });
const whenReason = (app: SpinApp, reason: string): Promise<SpinApp> => helpers.whenReason(cluster.client, app, reason);

const rollOut = (app: SpinApp): Promise<void> => helpers.rollOut(cluster.client, app);

describe('an app', () => {
  it('is ready when its pods are, with an event, and its scale can be read and set', async () => {
    await cluster.client.create(EXECUTORS, executor(namespace));
    const app = await create(spinApp(namespace, 'hello', { replicas: 2 }));
    await actedOn(app);
    await rollOut(app);

    const ready = await whenApp(
      cluster.client,
      app,
      'is ready',
      (live) => conditionOf(live, 'Ready').status === 'True',
    );
    expect(ready.status).toMatchObject({
      observedGeneration: 1,
      readyReplicas: 2,
      replicas: 2,
      deploymentName: 'hello',
      serviceName: 'hello',
      url: `http://hello.${namespace}.svc:80`,
    });
    expect(conditionOf(ready, 'Available')).toMatchObject({ status: 'True', reason: 'MinimumReplicasAvailable' });
    await until('there is an event', async () => {
      const { items } = await cluster.client.list(EVENTS, { namespace });
      return items.some(({ reason, regarding }) => reason === 'Deployed' && regarding?.name === 'hello');
    });

    expect(await cluster.client.scale(SPIN_APPS, name(app), 5)).toMatchObject({ spec: { replicas: 5 } });
    await whenDeployment(app, 'has five pods', ({ spec }) => spec.replicas === 5);
  });

  it('may come before its executor: it says so, and heals by itself', async () => {
    const app = await create(spinApp(namespace, 'early'));
    await whenReason(app, 'ExecutorNotFound');
    const event = await eventually('there is an event', async () => {
      const { items } = await cluster.client.list(EVENTS, { namespace });
      return items.find(({ reason }) => reason === 'MissingExecutor');
    });
    expect(event.note).toContain(`Could not find SpinAppExecutor ${namespace}/${EXECUTOR}`);

    await cluster.client.create(EXECUTORS, executor(namespace));
    await deployment(app);
    const healed = await whenReason(app, 'RollingOut');
    expect(healed.status?.lastError).toBeUndefined();
  });

  it('without an executor anywhere runs by the operator’s own, and by the first one that comes', async () => {
    const { executor: _, ...spec } = spinApp(namespace, 'alone').spec;
    const app = await create({ ...spinApp(namespace, 'alone'), spec });
    expect((await actedOn(app)).status?.activeScheduler).toBe('node');
    await cluster.client.create(EXECUTORS, executor(namespace, 'first'));
    await whenDeployment(app, 'is of the executor', (live) => live.spec.template.spec.runtimeClassName !== undefined);
  });

  it('that the API server refuses to run says why', async () => {
    await cluster.client.create(EXECUTORS, executor(namespace));
    const app = await create(
      spinApp(namespace, 'refused', { volumeMounts: [{ name: 'nowhere', mountPath: '/data' }] }),
    );
    const refused = await whenReason(app, 'ObjectRefused');
    expect(refused.status?.lastError).toMatch(/volumeMounts\[1\]\.name: .*"nowhere"/);
    await patchApp(app, { volumeMounts: null });
    await whenReason(app, 'RollingOut');
  });

  it('gets back what others change or delete', async () => {
    await cluster.client.create(EXECUTORS, executor(namespace));
    const app = await create(spinApp(namespace, 'kept'));
    await actedOn(app);
    await cluster.client.patch(DEPLOYMENTS, name(app), 'strategic', {
      spec: { template: { spec: { containers: [{ name: 'kept', image: 'elsewhere:v2' }] } } },
    });
    await whenDeployment(
      app,
      'has its image again',
      ({ spec }) => spec.template.spec.containers[0]?.image === app.spec.image,
    );
    await cluster.client.delete(SERVICES, name(app));
    expect(await eventually('there is a Service again', () => cluster.client.find(SERVICES, name(app)))).toBeDefined();
    const [generated] = (await cluster.client.list(SECRETS, { namespace })).items;
    await cluster.client.delete(SECRETS, { namespace, name: generated?.metadata.name ?? '' });
    await until(
      'there is a Secret again',
      async () => (await cluster.client.list(SECRETS, { namespace })).items.length === 1,
    );
  });

  it('keeps what others have added', async () => {
    await cluster.client.create(EXECUTORS, executor(namespace));
    const app = await create(spinApp(namespace, 'mixed'));
    await actedOn(app);
    await cluster.client.patch(DEPLOYMENTS, name(app), 'merge', { metadata: { annotations: { theirs: 'a' } } });
    await patchApp(app, { image: 'ghcr.io/example/hello:v2', deploymentAnnotations: { ours: 'b' } });
    const changed = await whenDeployment(
      app,
      'has the new image',
      ({ spec }) => spec.template.spec.containers[0]?.image.endsWith(':v2') === true,
    );
    expect(changed.metadata.annotations).toMatchObject({ theirs: 'a', ours: 'b' });
    await patchApp(app, { deploymentAnnotations: null });
    await whenDeployment(
      app,
      'has its annotation no more',
      ({ metadata }) => metadata.annotations?.['ours'] === undefined,
    );
  });
});

describe('a change of an executor', () => {
  it('reaches the apps that name it, and no others', async () => {
    await cluster.client.create(EXECUTORS, executor(namespace));
    await cluster.client.create(EXECUTORS, executor(namespace, 'other'));
    const [one, two] = [
      await create(spinApp(namespace, 'one')),
      await create(spinApp(namespace, 'two', { executor: 'other' })),
    ];
    await actedOn(one);
    await actedOn(two);
    await cluster.client.patch(EXECUTORS, { namespace, name: EXECUTOR }, 'merge', {
      spec: { deploymentConfig: { runtimeClassName: 'another' } },
    });
    await whenDeployment(one, 'has the other class', ({ spec }) => spec.template.spec.runtimeClassName === 'another');
    expect((await deployment(two)).metadata.generation).toBe(1);
  });

  it('to one that leaves the pods to others deletes the Deployment and keeps the Service', async () => {
    await cluster.client.create(EXECUTORS, executor(namespace));
    await cluster.client.create(EXECUTORS, executor(namespace, 'cyclotron', { createDeployment: false }));
    const app = await create(spinApp(namespace, 'moved'));
    await actedOn(app);
    await patchApp(app, { executor: 'cyclotron' });
    await until(
      'the Deployment is gone',
      async () => (await cluster.client.find(DEPLOYMENTS, name(app))) === undefined,
    );
    expect(await cluster.client.find(SERVICES, name(app))).toBeDefined();
    expect((await whenReason(app, 'RunByOthers')).status?.activeScheduler).toBe('cyclotron');
  });

  it('makes the Secret with certificates again when somebody has deleted it', async () => {
    const config = { runtimeClassName: 'a', installDefaultCACerts: true };
    await cluster.client.create(
      EXECUTORS,
      executor(namespace, EXECUTOR, { createDeployment: true, deploymentConfig: config }),
    );
    const app = await create(spinApp(namespace, 'secure'));
    await actedOn(app);
    await cluster.client.delete(SECRETS, { namespace, name: 'spin-ca' });
    const again = await eventually('there is a Secret again', () =>
      cluster.client.find(SECRETS, { namespace, name: 'spin-ca' }),
    );
    expect(Buffer.from(again.data?.['ca-certificates.crt'] ?? '', 'base64').toString()).toMatch(
      /^-----BEGIN CERTIFICATE-----/,
    );
  });
});

describe('the deletion of an executor', () => {
  it('waits for its last app, tells of it, and ends with it', async () => {
    await cluster.client.create(EXECUTORS, executor(namespace));
    const app = await create(spinApp(namespace, 'last'));
    await actedOn(app);
    await cluster.client.delete(EXECUTORS, { namespace, name: EXECUTOR });
    const event = await eventually('there is an event', async () => {
      const { items } = await cluster.client.list(EVENTS, { namespace });
      return items.find(({ reason }) => reason === 'DeletionBlocked');
    });
    expect(event.note).toBe('Cannot delete SpinAppExecutor with dependent SpinApps: last');
    expect(await cluster.client.find(EXECUTORS, { namespace, name: EXECUTOR })).toBeDefined();

    await cluster.client.delete(SPIN_APPS, name(app));
    await until(
      'the executor is gone',
      async () => (await cluster.client.find(EXECUTORS, { namespace, name: EXECUTOR })) === undefined,
    );
  });

  it('ends when its app moves to another one', async () => {
    await cluster.client.create(EXECUTORS, executor(namespace));
    await cluster.client.create(EXECUTORS, executor(namespace, 'other'));
    const app = await create(spinApp(namespace, 'mover'));
    await actedOn(app);
    await cluster.client.delete(EXECUTORS, { namespace, name: EXECUTOR });
    await patchApp(app, { executor: 'other' });
    await until(
      'the executor is gone',
      async () => (await cluster.client.find(EXECUTORS, { namespace, name: EXECUTOR })) === undefined,
    );
    expect((await actedOn(app)).status?.activeScheduler).toBe('other');
  });
});

const store = (ref: object): object => ({
  runtimeConfig: { keyValueStores: [{ name: 'default', type: 'redis', options: [{ name: 'url', valueFrom: ref }] }] },
});
const generated = (live: LiveDeployment): string =>
  live.spec.template.spec.volumes.find(({ name: volume }) => volume === 'spin-runtime-config')?.secret?.secretName ??
  '';
const tomlOf = async (secretName: string): Promise<string> => {
  const { data } = await cluster.client.get(SECRETS, { namespace, name: secretName });
  return Buffer.from(data?.['runtime-config.toml'] ?? '', 'base64').toString();
};

describe('what an app refers to', () => {
  it.each([
    ['a ConfigMap', (url: string) => configMap(namespace, 'config', { url }), CONFIG_MAPS, 'configMapKeyRef'],
    ['a Secret', (url: string) => secret(namespace, 'config', { url }), SECRETS, 'secretKeyRef'],
  ] as const)('in an option, in %s: a change gives another runtime configuration', async (_what, make, type, field) => {
    await cluster.client.create(EXECUTORS, executor(namespace));
    const app = await create(spinApp(namespace, 'config', store({ [field]: { name: 'config', key: 'url' } })));
    const kind = type === SECRETS ? 'SecretNotFound' : 'ConfigMapNotFound';
    await whenReason(app, kind);

    await cluster.client.create<KubeObject>(type, make('redis://one'));
    const before = generated(await deployment(app));
    expect(await tomlOf(before)).toContain("url = 'redis://one'");
    await cluster.client.replace<KubeObject>(type, make('redis://two'));
    const after = await whenDeployment(app, 'mounts another Secret', (live) => generated(live) !== before);
    expect(await tomlOf(generated(after))).toContain("url = 'redis://two'");
  });

  it('and its pods read at their start replaces them when it changes, not before', async () => {
    await cluster.client.create(EXECUTORS, executor(namespace));
    await cluster.client.create(SECRETS, secret(namespace, 'own', { 'runtime-config.toml': 'a = 1' }));
    const app = await create(spinApp(namespace, 'reader', { runtimeConfig: { loadFromSecret: 'own' } }));
    const before = await deployment(app);
    expect(before.spec.template.metadata.annotations?.[HASH]).toBeUndefined();
    await cluster.client.replace(SECRETS, secret(namespace, 'own', { 'runtime-config.toml': 'a = 2' }));
    const after = await whenDeployment(
      app,
      'has a new template',
      ({ metadata }) => metadata.generation !== before.metadata.generation,
    );
    expect(after.spec.template.metadata.annotations?.[HASH]).toMatch(/^[0-9a-f]{16}$/);
  });

  it('leaves old runtime configurations until no ReplicaSet mounts them', async () => {
    await cluster.client.create(EXECUTORS, executor(namespace));
    const app = await create(spinApp(namespace, 'roller'));
    await actedOn(app);
    const first = generated(await deployment(app));
    const replicaSet = (secretName: string, owner: string): ReplicaSet =>
      ({
        metadata: { namespace, name: `roller-${secretName}`, labels: { 'core.spinkube.dev/app-name': 'roller' } },
        spec: {
          replicas: 0,
          selector: { matchLabels: { a: owner } },
          template: {
            metadata: { labels: { a: owner } },
            spec: {
              containers: [{ name: 'a', image: 'a' }],
              volumes: [{ name: 'spin-runtime-config', secret: { secretName } }],
            },
          },
        },
      }) as unknown as ReplicaSet;
    await cluster.client.create(REPLICA_SETS, replicaSet(first, 'first'));
    await rollOut(app);

    await patchApp(app, { runtimeConfig: { sqliteDatabases: [{ name: 'default', type: 'spin' }] } });
    const second = generated(await whenDeployment(app, 'mounts another Secret', (live) => generated(live) !== first));
    await rollOut(app);
    await whenApp(cluster.client, app, 'is ready', (live) => conditionOf(live, 'Ready').status === 'True');
    expect(await cluster.client.find(SECRETS, { namespace, name: first })).toBeDefined();

    await cluster.client.delete(REPLICA_SETS, { namespace, name: `roller-${first}` });
    await patchApp(app, { runtimeConfig: { sqliteDatabases: [{ name: 'other', type: 'spin' }] } });
    await whenDeployment(app, 'mounts a third Secret', (live) => generated(live) !== second);
    await rollOut(app);
    await until(
      'the first Secret is collected',
      async () => (await cluster.client.find(SECRETS, { namespace, name: first })) === undefined,
    );
  });
});

const foreign = (labels: Readonly<Record<string, string>>): KubeObject =>
  ({
    metadata: { namespace, name: 'taken', labels },
    spec: {
      selector: { matchLabels: { theirs: 'yes' } },
      template: {
        metadata: { labels: { theirs: 'yes' } },
        spec: { containers: [{ name: 'a', image: 'theirs:v1' }] },
      },
    },
  }) as KubeObject;

describe('objects of somebody else', () => {
  it.each([
    ['without a label', {}],
    ['with the label of another app', { 'core.spinkube.dev/app-name': 'another' }],
  ])('are not taken over, and the app says so: %s', async (_what, labels) => {
    await cluster.client.create(EXECUTORS, executor(namespace));
    const before = await cluster.client.create<KubeObject>(DEPLOYMENTS, foreign(labels));
    const app = await create(spinApp(namespace, 'taken'));
    await whenReason(app, 'DeploymentConflict');
    const after = await deployment(app);
    expect(after.metadata.resourceVersion).toBe(before.metadata.resourceVersion);
  });

  it('are not deleted when the app is left to others', async () => {
    await cluster.client.create(EXECUTORS, executor(namespace, 'cyclotron', { createDeployment: false }));
    await cluster.client.create<KubeObject>(DEPLOYMENTS, foreign({ 'core.spinkube.dev/app-name': 'another' }));
    const app = await create(spinApp(namespace, 'taken', { executor: 'cyclotron' }));
    await whenReason(app, 'RunByOthers');
    expect(await cluster.client.find(DEPLOYMENTS, name(app))).toBeDefined();
  });

  it('are those of an earlier app of the same name, until they are collected', async () => {
    await cluster.client.create(EXECUTORS, executor(namespace));
    const app = await create(spinApp(namespace, 'again'));
    const old = await deployment(app);
    await actedOn(app);
    await cluster.client.delete(SPIN_APPS, name(app));
    const next = await create(spinApp(namespace, 'again'));
    await whenReason(next, 'DeploymentConflict');
    // What Kubernetes does with objects whose owner is gone.
    await cluster.client.delete(DEPLOYMENTS, name(app));
    await cluster.client.delete(SERVICES, name(app));
    const live = await deployment(next);
    expect(live.metadata.uid).not.toBe(old.metadata.uid);
    expect(live.metadata.ownerReferences).toMatchObject([{ uid: next.metadata.uid, controller: true }]);
    const [own] = (await cluster.client.list(SECRETS, { namespace })).items;
    expect((own as KubeObject | undefined)?.metadata.ownerReferences).toMatchObject([{ uid: next.metadata.uid }]);
  });
});

describe('the number of pods', () => {
  it('stays when somebody else is to set it, is theirs from then on, and comes back', async () => {
    await cluster.client.create(EXECUTORS, executor(namespace));
    const app = await create(spinApp(namespace, 'scaled', { replicas: 3 }));
    await actedOn(app);
    await patchApp(app, { replicas: null, enableAutoscaling: true });
    await actedOn(app);
    await until('the operator has let it go', async () => {
      const { metadata } = await deployment(app);
      return metadata.managedFields?.some(({ manager }) => manager === 'spin-operator-replicas') === true;
    });
    expect((await deployment(app)).spec.replicas).toBe(3);

    await cluster.client.scale(DEPLOYMENTS, name(app), 7);
    await patchApp(app, { image: 'ghcr.io/example/hello:v2' });
    const changed = await whenDeployment(
      app,
      'has the new image',
      ({ spec }) => spec.template.spec.containers[0]?.image.endsWith(':v2') === true,
    );
    expect(changed.spec.replicas).toBe(7);

    await patchApp(app, { replicas: 2, enableAutoscaling: false });
    await whenDeployment(app, 'has two pods', ({ spec }) => spec.replicas === 2);
  });
});
