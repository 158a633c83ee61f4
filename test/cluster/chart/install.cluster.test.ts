// The chart from its first install to an uninstall that leaves nothing, by the commands of the guides.
import { Agent, request } from 'node:https';
import { parse } from 'yaml';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { installExecutor, pushApp } from '../testing/spin-apps.ts';
import { get, theCluster } from '../testing/suite.ts';
import { CHART, helm, install, NAMESPACE } from './testing/helm.ts';
import { commandsOf, runAsWritten } from './testing/guide.ts';
import { addedSince, inventory } from './testing/inventory.ts';
import { leader, operatorPods, withDefinitions, withoutDefinitions } from './testing/operators.ts';

const GUIDE = 'docs/guides/install.md';
const APPS = 'default';

const cluster = theCluster();
let before: Set<string>;

const kubectl = (...args: readonly string[]): Promise<string> => cluster.kubectl('-n', APPS, ...args);
const body = async (name: string): Promise<string> => (await get(await cluster.serviceUrl(APPS, name))).body;
const upgrade = (...args: readonly string[]): Promise<string> =>
  helm(cluster, 'upgrade', 'spindle', CHART, '--namespace', NAMESPACE, '--reuse-values', '--wait', ...args);

beforeAll(async () => {
  await withoutDefinitions(cluster);
  await cluster.kubectl('delete', 'namespace', NAMESPACE, '--ignore-not-found', '--timeout=90s');
  before = await inventory(cluster);
});
afterAll(async () => {
  await helm(cluster, 'uninstall', 'spindle', '--namespace', NAMESPACE, '--ignore-not-found');
  await withDefinitions(cluster);
});

it('is installed and tested by the first commands of the guide', async () => {
  const [first = ''] = await commandsOf(GUIDE);
  const said = await runAsWritten(cluster, first);
  expect(said).toContain('runs the SpinApps of all namespaces');
  expect(said).toMatch(/TEST SUITE:\s+spindle-test[\s\S]*Phase:\s+Succeeded/);
  const ready = 'jsonpath={.status.readyReplicas}/{.status.replicas}';
  expect(await cluster.kubectl('-n', NAMESPACE, 'get', 'deployment/spindle-operator', '-o', ready)).toBe('2/2');
  expect(await operatorPods(cluster)).toContain(await leader(cluster));
});

it('runs an app by the quick start of README', async () => {
  // The registry's certificate is of this machine's own making: pods have to be told.
  await installExecutor(cluster, APPS);
  const [, deploy = ''] = await commandsOf('README.md', 'On a cluster');
  const said = await runAsWritten(cluster, deploy);
  expect(said).toContain('http://hello.default.svc:80');
  expect(await body('hello')).toContain('Hello');
});

it('runs an app by what Helm says at the end', async () => {
  const image = await pushApp(cluster, 'notes:v1', 'Noted');
  await kubectl('delete', 'spinapp/hello', '--cascade=foreground', '--timeout=90s');
  const notes = await helm(cluster, 'get', 'notes', 'spindle', '--namespace', NAMESPACE);
  const commands = notes.slice(notes.indexOf('  kubectl')).replaceAll(/^ {2}/gm, '').replace('<your image>', image);
  expect(await runAsWritten(cluster, commands.replace('wait ', 'wait --timeout=90s '))).toContain(
    'spinapp.core.spinkube.dev/hello condition met',
  );
  expect(await body('hello')).toContain('Noted');
});

it('refuses a mistake at kubectl apply, and gives an app the executor of its namespace', async () => {
  const autoscaled = cluster.apply(appWith({ enableAutoscaling: true }));
  await expect(autoscaled).rejects.toThrow(/admission webhook "vspinapp.kb.io" denied|spec.replicas: Invalid value/);
  await cluster.apply(appWith({}));
  expect(await kubectl('get', 'spinapp/asked', '-o', 'jsonpath={.spec.executor}')).toBe('node');
  await kubectl('delete', 'spinapp/asked', '--cascade=foreground', '--timeout=90s');
});

it('gives metrics to those whom the cluster lets', async () => {
  await cluster.kubectl('-n', NAMESPACE, 'create', 'serviceaccount', 'scraper');
  const account = `--serviceaccount=${NAMESPACE}:scraper`;
  await cluster.kubectl('create', 'clusterrolebinding', 'scraper', '--clusterrole=spindle-operator-scrape', account);
  const token = (await cluster.kubectl('-n', NAMESPACE, 'create', 'token', 'scraper')).trim();
  const url = (await cluster.serviceUrl(NAMESPACE, 'spindle-operator-metrics')).replace('http:', 'https:');
  expect((await metrics(url)).status).toBe(401);
  const answer = await metrics(url, token);
  expect(answer.status).toBe(200);
  expect(answer.body).toContain('leader_election_master_status');
  await cluster.kubectl('delete', 'clusterrolebinding', 'scraper');
  await cluster.kubectl('-n', NAMESPACE, 'delete', 'serviceaccount', 'scraper');
});

it('lets a node be drained, one operator after the other', async () => {
  const allowed = 'jsonpath={.status.disruptionsAllowed}';
  await expect.poll(() => cluster.kubectl('-n', NAMESPACE, 'get', 'pdb/spindle-operator', '-o', allowed)).toBe('1');
  const spread = 'jsonpath={.items[*].spec.topologySpreadConstraints[*].topologyKey}';
  expect(await cluster.kubectl('-n', NAMESPACE, 'get', 'pods', '-o', spread)).toBe(
    'kubernetes.io/hostname kubernetes.io/hostname',
  );
});

it('is upgraded with other values in a namespace of restricted pods, while the app stays as it is', async () => {
  await cluster.kubectl('label', 'namespace', NAMESPACE, 'pod-security.kubernetes.io/enforce=restricted');
  const pods = 'jsonpath={.items[*].metadata.uid}';
  const apps = await kubectl('get', 'pods', '-o', pods);
  await upgrade('--set', 'operator.replicas=3', '--set', 'operator.logLevel=debug');
  const operators = await operatorPods(cluster);
  expect(operators.length).toBeGreaterThanOrEqual(3);
  expect(await helm(cluster, 'test', 'spindle', '--namespace', NAMESPACE)).toMatch(/Phase:\s+Succeeded/);
  expect(await kubectl('get', 'pods', '-o', pods)).toBe(apps);
});

it('is led by another when the leader is killed', async () => {
  const first = await leader(cluster);
  await cluster.kubectl('-n', NAMESPACE, 'delete', 'pod', first, '--grace-period=0', '--force');
  await expect.poll(() => leader(cluster)).not.toBe(first);
  await kubectl('scale', 'spinapp/hello', '--replicas=1');
  // The other one leaves in its time.
  await expect.poll(() => kubectl('get', 'pods', '-o', 'jsonpath={range .items[*]}one {end}')).toBe('one ');
});

it('leaves its definitions when it is uninstalled, and apps go on', async () => {
  const [remove = ''] = await commandsOf(GUIDE, 'Uninstall');
  await runAsWritten(cluster, remove);
  await expect.poll(() => operatorPods(cluster)).toEqual([]);
  // The namespace is there already where other tests have left it to be ended.
  const ofOthers = [` ${APPS} `, `Namespace <none> ${NAMESPACE}`];
  const added = await addedSince(before, cluster);
  expect(added.filter((line) => !ofOthers.some((part) => line.includes(part)))).toEqual([
    'CustomResourceDefinition <none> spinappexecutors.core.spinkube.dev',
    'CustomResourceDefinition <none> spinapps.core.spinkube.dev',
  ]);
  expect(await body('hello')).toContain('Noted');
});

it('is installed again over what it has left, and takes the apps over as they are', async () => {
  const pods = 'jsonpath={.items[*].metadata.uid}';
  const apps = await kubectl('get', 'pods', '-o', pods);
  await install(cluster);
  await kubectl('annotate', 'spinapp/hello', 'seen=again');
  await kubectl('wait', '--for=condition=Ready', '--timeout=90s', 'spinapp/hello');
  expect(await kubectl('get', 'pods', '-o', pods)).toBe(apps);
});

it('leaves nothing at all when the definitions are not kept, executors in use or not', async () => {
  await upgrade('--set', 'crds.keep=false');
  await helm(cluster, 'uninstall', 'spindle', '--namespace', NAMESPACE, '--wait');
  await kubectl('delete', 'secret/registry-ca');
  await cluster.kubectl('delete', 'namespace', NAMESPACE, '--timeout=90s');
  await expect.poll(() => addedSince(before, cluster)).toEqual([]);
});

it('has as many objects in its release as in its manifests', async () => {
  // What Helm renders is what the cluster gets: no object is refused or left out.
  await install(
    cluster,
    '--set',
    'metrics.dashboard.enabled=true',
    '--set',
    'networkPolicy.enabled=true',
    '--set',
    'runtimeClass.create=true',
  );
  const manifest = await helm(cluster, 'get', 'manifest', 'spindle', '--namespace', NAMESPACE);
  const wanted = manifest
    .split(/^---$/m)
    .map((text) => parse(text) as { kind: string; metadata: { name: string } } | null)
    .flatMap((object) => (object === null ? [] : [`${object.kind} ${object.metadata.name}`]));
  const there = [...(await inventory(cluster))].map((line) => line.replace(/ \S+ /, ' '));
  expect(wanted.filter((one) => !there.includes(one))).toEqual([]);
  expect(wanted).toEqual(expect.arrayContaining(['RuntimeClass wasmtime-spin-v2', 'NetworkPolicy spindle-operator']));
});

const appWith = (spec: object): object => ({
  apiVersion: 'core.spinkube.dev/v1alpha1',
  kind: 'SpinApp',
  metadata: { namespace: APPS, name: 'asked' },
  spec: { image: 'example.com/asked:v1', replicas: 1, ...spec },
});

/** The certificate is made by the operator at each start; the token is what protects them. */
function metrics(url: string, token?: string): Promise<{ readonly status: number; readonly body: string }> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const agent = new Agent({ rejectUnauthorized: false });
  return new Promise((resolve, reject) => {
    const asked = request(`${url}/metrics`, { agent, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.once('error', reject);
      response.once('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
    });
    asked.once('error', reject);
    asked.end();
  });
}
