// What an operator must not do: restart pods when it takes a cluster over from upstream's, write when nothing has changed, act
// outside of its namespaces, act while another one leads.
import type { Secret, SpinApp } from '@spindle/api';
import { createClient, type KubeObject } from '@spindle/kube';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEPLOYMENTS, EXECUTORS, SECRETS, SERVICES, SPIN_APPS } from '../../../operator/src/reconcile/resources.ts';
import { eventually, startTestCluster, transportFor, until, type TestCluster } from './testing/cluster.ts';
import { deploymentOf, EXECUTOR, executor, isActedOn, spinApp, whenApp } from './testing/make.ts';
import { startOperator } from './testing/operator-process.ts';
import { allowNamespace, NAMESPACED } from './testing/rbac.ts';
import { upstreamCase, UPSTREAM_CASES, type UpstreamCase } from './testing/upstream-cases.ts';

let cluster: TestCluster;

beforeAll(async () => {
  cluster = await startTestCluster();
});
afterAll(async () => {
  await cluster?.stop();
});

/** Watches time out after minutes; a request in so many seconds would be one that comes again and again. */
const IDLE_MS = 15_000;
const WRITES = ['POST', 'PUT', 'PATCH', 'DELETE'];

/** The objects of a case, written as upstream's operator writes them. */
async function makeAsUpstream(namespace: string, one: UpstreamCase): Promise<SpinApp> {
  const transport = await transportFor(cluster.controlPlane.kubeconfig);
  const upstream = createClient(transport, { fieldManager: 'spin-operator' });
  const within = <T extends KubeObject>(object: T, owner: string): T =>
    JSON.parse(
      JSON.stringify({ ...object, metadata: { ...object.metadata, namespace } }).replaceAll(
        '"<uid>"',
        JSON.stringify(owner),
      ),
    ) as T;
  for (const dependency of one.dependencies) {
    const type = { SpinAppExecutor: EXECUTORS, Secret: SECRETS, ConfigMap: SECRETS }[dependency.kind];
    await upstream.create<KubeObject>(type, within(dependency, ''), { fieldManager: 'manager' });
  }
  const app = await cluster.client.create(SPIN_APPS, within(one.object as SpinApp, ''));
  const uid = app.metadata.uid ?? '';
  for (const secret of one.secrets ?? []) {
    const data = secret.data?.['ca-certificates.crt'] === undefined ? secret.data : { 'ca-certificates.crt': 'UEVN' };
    await upstream.create<Secret>(SECRETS, within({ ...secret, data } as Secret, uid), { fieldManager: 'manager' });
  }
  for (const deployment of one.deployments ?? []) {
    // With the empty structs that Go sends.
    const { spec, ...rest } = within(deployment, uid) as KubeObject & { spec: object };
    const intent = { ...rest, spec: { ...spec, strategy: {} }, status: {} };
    await upstream.apply<KubeObject>(DEPLOYMENTS, intent as typeof intent & { metadata: { name: string } }, {
      force: true,
    });
  }
  for (const service of one.services ?? []) {
    const intent = within(service, uid);
    await upstream.apply<KubeObject>(SERVICES, intent as typeof intent & { metadata: { name: string } }, {
      force: true,
    });
  }
  const name = { namespace, name: app.metadata.name };
  const status = { readyReplicas: 1, activeScheduler: EXECUTOR, deploymentName: name.name, serviceName: name.name };
  await upstream.patchStatus(SPIN_APPS, name, status, { fieldManager: 'manager' });
  await transport.close();
  return app;
}

describe('a cluster that upstream’s operator ran', () => {
  it('is taken over without a change of any pod template; afterwards nothing is written, not even after a restart', async () => {
    const cases = UPSTREAM_CASES.filter(
      ({ deployments = [], case: name }) => deployments.length > 0 && !name.startsWith('bad-'),
    ).filter(({ dependencies }) => dependencies.every(({ kind }) => kind !== 'ConfigMap'));
    const apps: SpinApp[] = [];
    for (const one of cases) {
      apps.push(await makeAsUpstream(await cluster.newNamespace(), one));
    }
    expect(apps.length).toBeGreaterThan(20);
    const templates = async (): Promise<unknown[]> =>
      Promise.all(
        apps.map(async (app) => {
          const { metadata, spec } = await deploymentOf(cluster.client, app);
          return [metadata.namespace, metadata.uid, JSON.stringify(spec.template)];
        }),
      );
    const before = await templates();

    const first = await startOperator({ kubeconfig: cluster.operator });
    for (const app of apps) {
      await whenApp(cluster.client, app, 'is acted on', isActedOn);
    }
    expect(await templates()).toEqual(before);

    await until('nothing is under way', async () => {
      const requests = await first.requests();
      await sleep(1000);
      return (await first.requests()) === requests;
    });
    const requests = await first.requests();
    await sleep(IDLE_MS);
    expect(await first.requests()).toBe(requests);
    await first.stop();

    const second = await startOperator({ kubeconfig: cluster.operator });
    await sleep(2000);
    expect(await second.requests(...WRITES)).toBe(0);
    expect(await templates()).toEqual(before);
    await second.stop();
  });
});

describe('an operator of some namespaces', () => {
  it('needs rights in these only, and leaves the others alone', async () => {
    const [ours, theirs] = [await cluster.newNamespace(), await cluster.newNamespace()];
    await allowNamespace(cluster.client, ours);
    const operator = await startOperator({
      kubeconfig: await cluster.controlPlane.kubeconfigFor(NAMESPACED.token),
      flags: [`--namespaces=${ours}`],
    });
    for (const namespace of [theirs, ours]) {
      await cluster.client.create(EXECUTORS, executor(namespace));
      await cluster.client.create(SPIN_APPS, spinApp(namespace, 'hello'));
    }
    await whenApp(cluster.client, spinApp(ours, 'hello'), 'is acted on', isActedOn);
    expect((await cluster.client.list(DEPLOYMENTS, { namespace: theirs })).items).toEqual([]);
    await operator.stop();
  });
});

const isLeading = (said: readonly string[]): boolean => said.some((line) => line.includes('"msg":"reconciling"'));

describe('of several operators', () => {
  const flags = [
    '--leader-elect',
    '--leader-elect-lease-duration=3s',
    '--leader-elect-renew-deadline=2s',
    '--leader-elect-retry-period=500ms',
  ];

  it.each(['stops', 'crashes'] as const)('one acts at a time, and another one when it %s', async (how) => {
    const namespace = await cluster.newNamespace();
    const first = await startOperator({ kubeconfig: cluster.operator, flags });
    await until('the first one leads', async () => isLeading(first.said));
    const second = await startOperator({ kubeconfig: cluster.operator, flags });
    expect(isLeading(second.said)).toBe(false);
    await (how === 'stops' ? first.stop() : first.kill());

    await cluster.client.create(EXECUTORS, executor(namespace));
    await cluster.client.create(SPIN_APPS, spinApp(namespace, 'hello'));
    await whenApp(cluster.client, spinApp(namespace, 'hello'), 'is acted on', isActedOn);
    expect(isLeading(second.said)).toBe(true);
    await second.stop();
  });
});

it('a crash between two writes is mended at the next start', async () => {
  const namespace = await cluster.newNamespace();
  const one = upstreamCase('simple');
  const app = await makeAsUpstream(namespace, { ...one, deployments: [], services: [] });
  const operator = await startOperator({ kubeconfig: cluster.operator });
  await whenApp(cluster.client, app, 'is acted on', isActedOn);
  await deploymentOf(cluster.client, app);
  const secrets = await eventually('there is a Secret', async () => {
    const { items } = await cluster.client.list(SECRETS, { namespace });
    return items.length > 0 ? items : undefined;
  });
  expect(secrets).toHaveLength(1);
  await operator.stop();
});
