// Every sample of examples/kubernetes, applied to the cluster and asked what its README promises.
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { startDockerRegistry, type RunningRegistry } from '../../../hack/services/docker-registry.ts';
import { startRedis, type RunningRedis } from '../../../hack/services/redis.ts';
import { selfSigned } from '../../certificates/self-signed.ts';
import { helm, install, NAMESPACE, ROOT } from '../chart/testing/helm.ts';
import { RUNTIME_IMAGE } from '../testing/images.ts';
import { spindle } from '../testing/spin-apps.ts';
import { get, newNamespace, theCluster } from '../testing/suite.ts';
import { startRelay, type Relay } from './relay.ts';

const SAMPLES = join(ROOT, 'examples/kubernetes');
const REGISTRY = 'registry.example.com';
/** Of these and no others; made with `htpasswd -nbB -C 5`. */
const LOGIN = { user: 'me', password: 'correct horse' };
const HTPASSWD = 'me:$2b$05$Gtx9sDBHcE3aQtduH8FyvOccXG4d.egeu/NbHkRkKkpzht./FLTrC\n';

const cluster = theCluster();
const [address = ''] = cluster.registry.host.split(':');
let namespace: string;
let privateRegistry: RunningRegistry;
let redis: RunningRedis;
let relay: Relay;
let volume: string;

const kubectl = (...args: readonly string[]): Promise<string> => cluster.kubectl('-n', namespace, ...args);

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec?: Readonly<Record<string, unknown>> & { readonly deploymentConfig?: object };
}

/** As it is in the folder, with the suite's registry, whose certificate the executors' pods are told of. */
async function sample(name: string, registry = cluster.registry.host): Promise<Manifest[]> {
  const text = await readFile(join(SAMPLES, `${name}.yaml`), 'utf8');
  return parseAllDocuments(text.replaceAll(REGISTRY, registry)).map((document) =>
    trusting(document.toJS() as Manifest),
  );
}

function trusting(manifest: Manifest): Manifest {
  const { kind, metadata, spec } = manifest;
  const here = { ...manifest, metadata: { ...metadata, namespace } };
  return kind === 'SpinAppExecutor'
    ? { ...here, spec: { ...spec, deploymentConfig: { caCertSecret: 'registry-ca', ...spec?.deploymentConfig } } }
    : here;
}

async function run(file: string, registry?: string): Promise<string> {
  const manifests = await sample(file, registry);
  await cluster.apply(...manifests);
  const app = manifests.find(({ kind }) => kind === 'SpinApp')?.metadata.name ?? '';
  await kubectl('wait', '--for=condition=Ready', '--timeout=120s', `spinapp/${app}`);
  return app;
}

const ask = async (app: string, path = '/'): Promise<{ readonly status: number; readonly body: string }> =>
  get(`${await cluster.serviceUrl(namespace, app)}${path}`);

async function post(app: string, path: string): Promise<string> {
  const response = await fetch(`${await cluster.serviceUrl(namespace, app)}${path}`, {
    method: 'POST',
    headers: { connection: 'close' },
  });
  return (await response.text()).trim();
}

/** Its pods leave while the next sample begins: a small node has no room for all. */
const gone = (app: string): Promise<string> => kubectl('delete', `spinapp/${app}`, '--wait=false');

beforeAll(async () => {
  await install(cluster, '--take-ownership');
  namespace = await newNamespace(cluster, 'samples');
  const tls = selfSigned({ name: 'private registry', addresses: [address] });
  privateRegistry = await startDockerRegistry({ address, tls, htpasswd: HTPASSWD });
  redis = await startRedis();
  relay = await startRelay(address, redis.port);
  volume = await mkdtemp(join(tmpdir(), 'volume-'));
  // Any user's, as with volumes of a storage class that knows fsGroup.
  await chmod(volume, 0o777);
  const trusted = `${await readFile(cluster.registry.certificate, 'utf8')}\n${tls.cert}`;
  await cluster.apply(
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { namespace, name: 'registry-ca' },
      stringData: { 'ca-certificates.crt': trusted },
    },
    {
      apiVersion: 'core.spinkube.dev/v1alpha1',
      kind: 'SpinAppExecutor',
      metadata: { namespace, name: 'node' },
      spec: { createDeployment: true, deploymentConfig: { node: {}, caCertSecret: 'registry-ca' } },
    },
    ...redisService(),
  );
  for (const app of ['hello', 'kv-counter']) {
    await spindle(
      cluster,
      ROOT,
      'registry',
      'push',
      '-f',
      `examples/${app}`,
      `${cluster.registry.host}/team/${app}:v1`,
    );
  }
});
afterAll(async () => {
  await helm(cluster, 'uninstall', 'spindle', '--namespace', NAMESPACE, '--ignore-not-found');
  await cluster.kubectl('delete', 'namespace', NAMESPACE, namespace, '--ignore-not-found', '--wait=false');
  relay?.stop();
  await redis?.stop();
  await privateRegistry?.stop();
  await rm(volume, { recursive: true, force: true });
});

/** `redis:6379` of the namespace is the server on this machine. */
const redisService = (): object[] => [
  { apiVersion: 'v1', kind: 'Service', metadata: { namespace, name: 'redis' }, spec: { ports: [{ port: 6379 }] } },
  {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { namespace, name: 'redis', labels: { 'kubernetes.io/service-name': 'redis' } },
    addressType: 'IPv4',
    endpoints: [{ addresses: [address] }],
    ports: [{ port: relay.port, protocol: 'TCP', name: '' }],
  },
];

describe('the samples', () => {
  it('are all here', async () => {
    const text = await readFile(import.meta.filename, 'utf8');
    const files = (await readdir(SAMPLES)).filter((file) => file.endsWith('.yaml') && file !== 'kustomization.yaml');
    expect(files.filter((file) => !text.includes(`'${file.replace('.yaml', '')}'`))).toEqual([]);
    const readme = await readFile(join(SAMPLES, 'README.md'), 'utf8');
    expect(files.filter((file) => !readme.includes(`](${file})`))).toEqual([]);
    const base = await cluster.kubectl('kustomize', SAMPLES);
    expect(base.match(/^kind: SpinApp$/gm)?.length).toBeGreaterThan(8);
  });

  it.each(['simple', 'annotations', 'probes', 'resources', 'spin-image'])(
    '%s answers by both components',
    async (file) => {
      const app = await run(file);
      expect(await ask(app)).toEqual({ status: 200, body: 'Hello from Rust!\n' });
      expect((await ask(app, '/js/Ada')).body).toContain('Ada');
      expect(await whatItShows(file, app)).toMatchSnapshot();
      await gone(app);
    },
  );

  it('variables and variable-explorer greet by what they are given', async () => {
    expect(await ask(await run('variables'))).toMatchObject({ body: 'Moin from Rust!\n' });
    expect(await ask(await run('variable-explorer'))).toMatchObject({ body: 'Greetings from a Secret from Rust!\n' });
    await gone('variables');
    await gone('variable-explorer');
  });

  it('selective-deployment has one component', async () => {
    const app = await run('selective-deployment');
    expect([(await ask(app)).status, (await ask(app, '/js/Ada')).status]).toEqual([200, 404]);
    await gone(app);
  });

  it('hpa has as many pods as its autoscaler says', async () => {
    const app = await run('hpa');
    await expect.poll(() => kubectl('get', `spinapp/${app}`, '-o', 'jsonpath={.status.readyReplicas}')).toBe('2');
    expect((await ask(app)).body).toBe('Hello from Rust!\n');
    await kubectl('delete', 'hpa/hpa');
    await gone(app);
  });

  it('keda has what KEDA needs: an app without replicas of its own, and its Deployment’s name', async () => {
    const [app, scaled] = await sample('keda');
    await cluster.apply(app as object);
    const replicas = 'jsonpath={.spec.replicas}';
    expect(await kubectl('get', 'spinapp/keda', '-o', replicas)).toBe('');
    await expect.poll(() => kubectl('get', 'deployments', '-o', 'name')).toContain('deployment.apps/keda');
    expect(scaled?.spec?.['scaleTargetRef']).toEqual({ name: 'keda' });
    await gone('keda');
  });

  it('redis counts in Redis, whichever pod is asked', async () => {
    const app = await run('redis');
    const counted = [await post(app, '/visits'), await post(app, '/visits'), await post(app, '/visits')];
    expect(counted).toEqual(['1', '2', '3']);
    await gone(app);
  });

  it('runtime-config goes on counting there', async () => {
    const app = await run('runtime-config');
    expect(await post(app, '/visits')).toBe('4');
    await gone(app);
  });

  it('private-image is fetched by its login, and says so without', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'login-'));
    const { user, password } = LOGIN;
    const reference = `${privateRegistry.host}/team/hello:v1`;
    const certificates = join(folder, 'trusted.crt');
    const secret = await kubectl('get', 'secret/registry-ca', '-o', 'jsonpath={.data.ca-certificates\\.crt}');
    await writeFile(certificates, Buffer.from(secret, 'base64'));
    const config = {
      auths: { [privateRegistry.host]: { auth: Buffer.from(`${user}:${password}`).toString('base64') } },
    };
    await writeFile(join(folder, 'config.json'), JSON.stringify(config));
    const place = { ...cluster, registry: { ...cluster.registry, certificate: certificates } };
    vi.stubEnv('DOCKER_CONFIG', folder);
    await spindle(place, ROOT, 'registry', 'push', '-f', 'examples/hello', reference);
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true });

    await cluster.apply(...(await sample('private-image', privateRegistry.host)));
    await expect
      .poll(() => kubectl('get', 'spinapp/private', '-o', 'wide'))
      .toMatch(/CrashLooping .*wants other credentials/);
    await kubectl(
      'create',
      'secret',
      'docker-registry',
      'registry-login',
      `--docker-server=${privateRegistry.host}`,
      `--docker-username=${user}`,
      `--docker-password=${password}`,
    );
    // The container comes again with the login; nobody has to touch the app.
    await kubectl('wait', '--for=condition=Ready', '--timeout=150s', 'spinapp/private');
    expect((await ask('private')).body).toBe('Hello from Rust!\n');
    await gone('private');
  });

  it('volume-mount keeps what the pod before has counted', async () => {
    await cluster.apply({
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: namespace },
      spec: {
        capacity: { storage: '100Mi' },
        accessModes: ['ReadWriteOnce'],
        claimRef: { namespace, name: 'counters' },
        hostPath: { path: volume },
      },
    });
    const app = await run('volume-mount');
    expect([await post(app, '/visits'), await post(app, '/visits')]).toEqual(['1', '2']);
    await kubectl('delete', 'pods', '-l', `core.spinkube.dev/app-name=${app}`);
    await kubectl('wait', '--for=condition=Ready', '--timeout=90s', `spinapp/${app}`);
    await expect.poll(() => post(app, '/other')).toBe('1');
    expect(await post(app, '/visits')).toBe('3');
    await gone(app);
    await cluster.kubectl('delete', 'pv', namespace, '--wait=false');
  });

  it('otel sends traces to the collector', async () => {
    await cluster.apply(...collector());
    await kubectl('rollout', 'status', 'deployment/otel-collector', '--timeout=90s');
    const app = await run('otel');
    await ask(app);
    await expect.poll(() => kubectl('logs', 'deployment/otel-collector')).toContain('POST /v1/traces');
    await gone(app);
    await kubectl('delete', 'deployment/otel-collector', 'service/otel-collector');
  });

  it('shim-executor is accepted, and its pods are for nodes that have the shim', async () => {
    await cluster.apply(...(await sample('shim-executor')));
    const runtimeClass = 'jsonpath={.spec.template.spec.runtimeClassName}';
    await expect
      .poll(() => kubectl('get', 'deployment/shim', '-o', runtimeClass).catch(String))
      .toBe('wasmtime-spin-v2');
    await gone('shim');
    await cluster.kubectl('delete', 'runtimeclass/wasmtime-spin-v2');
  });
});

/** What the cluster keeps of what a sample is about. */
async function whatItShows(file: string, app: string): Promise<unknown> {
  const container = '.spec.template.spec.containers[0]';
  const paths: Readonly<Record<string, string>> = {
    annotations: `{.metadata.annotations.example\\.com/of} {.spec.template.metadata.annotations.example\\.com/of}`,
    probes: `{${container}.livenessProbe.httpGet.path} {${container}.readinessProbe.httpGet.path}`,
    resources: `{${container}.resources}`,
    'spin-image': `{${container}.args[0]}`,
  };
  const path = paths[file];
  return path === undefined ? 'nothing besides' : kubectl('get', `deployment/${app}`, '-o', `jsonpath=${path}`);
}

/** Prints what it is asked. */
function collector(): object[] {
  const labels = { app: 'otel-collector' };
  const server = `require('node:http').createServer((asked, response) => {
    console.log(asked.method, asked.url);
    asked.resume().on('end', () => response.end('{}'));
  }).listen(4318)`;
  const containers = [{ name: 'collector', image: RUNTIME_IMAGE, command: ['node', '-e', server] }];
  return [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { namespace, name: 'otel-collector' },
      spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { namespace, name: 'otel-collector' },
      spec: { selector: labels, ports: [{ port: 4318 }] },
    },
  ];
}
