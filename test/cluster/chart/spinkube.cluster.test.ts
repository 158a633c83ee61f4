// In the place of SpinKube's release: its values are understood, what it has installed goes, no pod of an app restarts.
// Its chart is not to be had everywhere, so fixtures/ has one with objects of the same names; apps are as its operator was seen
// to make them (test/upstream/operator).
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { kubectl as runKubectl } from '../../../hack/cluster/kubectl.ts';
import { upstreamCase } from '../../api/operator/testing/upstream-cases.ts';
import { RUNTIME_IMAGE } from '../testing/images.ts';
import { pushApp } from '../testing/spin-apps.ts';
import { get, newNamespace, theCluster } from '../testing/suite.ts';
import { CHART, helm } from './testing/helm.ts';
import { commandsOf, runAsWritten } from './testing/guide.ts';
import { addedSince, inventory } from './testing/inventory.ts';
import { withDefinitions, withoutDefinitions } from './testing/operators.ts';

const RELEASE = 'spin-operator';
const FIXTURES = join(import.meta.dirname, 'fixtures');

const cluster = theCluster();
let apps: string;
let before: Set<string>;

const kubectl = (...args: readonly string[]): Promise<string> => cluster.kubectl('-n', apps, ...args);
const body = async (): Promise<string> => (await get(await cluster.serviceUrl(apps, 'hello'))).body;

/** Each pod, and how often its container has begun. */
const pods = (): Promise<string> =>
  kubectl(
    'get',
    'pods',
    '-o',
    'jsonpath={range .items[*]}{.metadata.uid} {.status.containerStatuses[0].restartCount} {.status.phase}\n{end}',
  );

beforeAll(async () => {
  await withoutDefinitions(cluster);
  before = await inventory(cluster);
  await cluster.kubectl('apply', '--server-side', '-f', 'crds');
  await cluster.kubectl('apply', '-f', join(FIXTURES, 'cert-manager.yaml'));
  await cluster.kubectl('wait', '--for=condition=Established', '--all', 'crd');
  apps = await newNamespace(cluster, 'spinkube');
  await makeAppAsUpstream(await pushApp(cluster, 'upstream:v1', 'Before'));
  await kubectl('wait', '--for=condition=Available', '--timeout=90s', 'deployment/hello');
  await cluster.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: RELEASE } });
  await installUpstream();
});
afterAll(async () => {
  await helm(cluster, 'uninstall', RELEASE, '--namespace', RELEASE, '--ignore-not-found');
  await cluster.kubectl('delete', 'namespace', RELEASE, apps, '--ignore-not-found', '--wait=false');
  await withoutDefinitions(cluster);
  await cluster.kubectl('delete', '-f', join(FIXTURES, 'cert-manager.yaml'), '--ignore-not-found');
  await withDefinitions(cluster);
});

/** With values that people set, and with the lease that the operator takes when it runs. */
async function installUpstream(): Promise<void> {
  const values = [
    '--set=controllerManager.replicas=2',
    '--set=controllerManager.manager.imagePullPolicy=IfNotPresent',
    '--set=controllerManager.manager.resources.limits.memory=256Mi',
    '--set=controllerManager.serviceAccount.annotations.team=web',
  ];
  await helm(cluster, 'install', RELEASE, join(FIXTURES, 'spin-operator'), '--namespace', RELEASE, ...values);
  const now = new Date().toISOString().replace('Z', '000Z');
  await cluster.apply({
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { namespace: RELEASE, name: '90ba2d18.spinkube.dev' },
    spec: { holderIdentity: 'manager_1', leaseDurationSeconds: 15, acquireTime: now, renewTime: now },
  });
}

/** What upstream's operator makes of a SpinApp, by the name under which it writes. */
async function makeAppAsUpstream(image: string): Promise<void> {
  const { dependencies, object, secrets = [], deployments = [], services = [] } = upstreamCase('spin-image');
  const certificates = upstreamCase('ca-own-secret').deployments?.[0] as unknown as Deployment;
  const [deployment] = deployments as unknown as [Deployment];
  const [executor] = dependencies;
  const { metadata, spec } = object as { metadata: object; spec: object };
  await cluster.apply(
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { namespace: apps, name: 'own-ca' },
      stringData: { 'ca-certificates.crt': await readFile(cluster.registry.certificate, 'utf8') },
    },
    {
      ...executor,
      metadata: { namespace: apps, name: 'spintainer', finalizers: ['core.spinkube.dev/finalizer'] },
      spec: { createDeployment: true, deploymentConfig: { spinImage: RUNTIME_IMAGE, caCertSecret: 'own-ca' } },
    },
    {
      apiVersion: 'core.spinkube.dev/v1alpha1',
      kind: 'SpinApp',
      metadata: { ...metadata, namespace: apps },
      spec: { ...spec, image },
    },
  );
  const uid = await kubectl('get', 'spinapp/hello', '-o', 'jsonpath={.metadata.uid}');
  const of = <T extends { metadata: object }>(one: T): T => {
    const text = JSON.stringify({ ...one, metadata: { ...one.metadata, namespace: apps } });
    const given = text
      .replaceAll('"<uid>"', JSON.stringify(uid))
      .replaceAll('"ghcr.io/example/hello:v1"', JSON.stringify(image))
      .replaceAll('"ghcr.io/spinframework/spin:v3"', JSON.stringify(RUNTIME_IMAGE));
    return JSON.parse(given) as T;
  };
  const made = of(deployment);
  const [container] = made.spec.template.spec.containers;
  container.volumeMounts.push(...certificates.spec.template.spec.containers[0].volumeMounts.slice(1));
  made.spec.template.spec.volumes.push(...certificates.spec.template.spec.volumes.slice(1));
  for (const one of [...secrets.map(of), made, ...(services as { metadata: object }[]).map(of)]) {
    const apply = ['apply', '--server-side', '--field-manager=spin-operator', '-f', '-'];
    await runKubectl(cluster.kubeconfig, apply, { input: JSON.stringify(one) });
  }
}

interface Deployment {
  readonly metadata: object;
  readonly spec: { readonly template: { readonly spec: PodSpec } };
}

interface PodSpec {
  readonly containers: readonly [{ readonly volumeMounts: object[] }];
  readonly volumes: object[];
}

it('is what the apps have until then, and nobody answers its webhooks', async () => {
  // It has no probes: its pod counts as ready before it answers.
  await expect.poll(body).toContain('Before');
  await expect(kubectl('annotate', 'spinapp/hello', 'seen=before')).rejects.toThrow('failed calling webhook');
});

it('is taken over by the command of the guide without one restart', async () => {
  const running = await pods();
  const [takeOver = ''] = await commandsOf('docs/guides/install.md', 'Over SpinKube, without a restart');
  const said = await runAsWritten(cluster, takeOver);
  expect(said).toContain('Values of the chart spin-operator were found');
  const given = 'jsonpath={.spec.replicas} {.spec.template.spec.containers[0].image}';
  const operator = ['-n', RELEASE, 'get', 'deployment/spin-operator-spindle-operator', '-o', given];
  expect(await cluster.kubectl(...operator)).toBe('2 ghcr.io/spindle-runtime/spindle-operator:v0.1.0');
  const team = 'jsonpath={.items[*].metadata.annotations.team}';
  expect(await cluster.kubectl('-n', RELEASE, 'get', 'serviceaccounts', '-o', team)).toBe('web');

  await kubectl('annotate', 'spinapp/hello', 'seen=after');
  await kubectl('wait', '--for=condition=Ready', '--timeout=90s', 'spinapp/hello');
  expect(await pods()).toBe(running);
  expect(await body()).toContain('Before');
});

it('leaves nothing of SpinKube behind', async () => {
  const left = (await addedSince(before, cluster)).filter((line) => / spin-operator-(?!spindle)\S+$/.test(line));
  expect(left).toEqual([]);
});

it('rolls an app when its spec is changed, as before', async () => {
  const image = await pushApp(cluster, 'upstream:v2', 'After');
  await kubectl('patch', 'spinapp/hello', '--type=merge', '-p', JSON.stringify({ spec: { image } }));
  await expect.poll(body).toContain('After');
});

it('goes back by helm rollback, and the apps stay', async () => {
  const running = await pods();
  await helm(cluster, 'rollback', RELEASE, '1', '--namespace', RELEASE);
  const names = 'jsonpath={.items[*].metadata.name}';
  const deployments = (): Promise<string> => cluster.kubectl('-n', RELEASE, 'get', 'deployments', '-o', names);
  expect(await deployments()).toBe('spin-operator-controller-manager');
  expect(await kubectl('get', 'spinapps', '-o', 'name')).toBe('spinapp.core.spinkube.dev/hello\n');
  expect((await pods()).split('\n')).toEqual(expect.arrayContaining(running.split('\n').slice(0, 1)));
  await runAsWritten(
    cluster,
    `helm upgrade ${RELEASE} ${CHART} --namespace ${RELEASE} --reset-then-reuse-values --take-ownership --wait`,
  );
});
