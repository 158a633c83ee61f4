// kube-client 1, 14–17 on a real API server: reading, writing and what is refused.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startControlPlane, type ControlPlane } from '../../../../hack/cluster/control-plane.ts';
import { loadClusterAccess } from '../config/load.ts';
import { ApiError } from '../transport/errors.ts';
import { createTransport } from '../transport/http-transport.ts';
import type { AnswerRequest, Transport } from '../transport/types.ts';
import { createClient } from './kube-client.ts';
import { resource, type KubeObject } from './resource.ts';
import type { KubeClient } from './types.ts';

interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}
interface Deployment extends KubeObject {
  readonly spec?: { readonly replicas?: number; readonly selector: unknown; readonly template: unknown };
  readonly status?: { readonly replicas?: number; readonly observedGeneration?: number };
}
const CONFIG_MAPS = resource<ConfigMap>({
  group: '',
  version: 'v1',
  plural: 'configmaps',
  kind: 'ConfigMap',
  namespaced: true,
});
const NAMESPACES = resource({ group: '', version: 'v1', plural: 'namespaces', kind: 'Namespace', namespaced: false });
const DEPLOYMENTS = resource<Deployment>({
  group: 'apps',
  version: 'v1',
  plural: 'deployments',
  kind: 'Deployment',
  namespaced: true,
});

let controlPlane: ControlPlane;
let transport: Transport;
let requests: AnswerRequest[];
let client: KubeClient;
let other: KubeClient;
let namespace: string;

beforeAll(async () => {
  controlPlane = await startControlPlane();
  const access = await loadClusterAccess({ env: {}, kubeconfig: controlPlane.kubeconfig });
  transport = createTransport(access, { userAgent: 'test' });
});
afterAll(async () => {
  await transport?.close();
  await controlPlane?.stop();
});
beforeEach(async () => {
  requests = [];
  client = createClient(recorded(transport), { fieldManager: 'spin-operator' });
  other = createClient(transport, { fieldManager: 'somebody-else' });
  namespace = `test-${crypto.randomUUID()}`;
  await client.create(NAMESPACES, { metadata: { name: namespace } });
});

/** Sees what is asked; `answer` may stand in for the server's. */
const recorded = (behind: Transport, answer?: (request: AnswerRequest) => ApiError | undefined): Transport => ({
  ...behind,
  stream: (request) => behind.stream(request),
  close: () => behind.close(),
  async request(request) {
    requests.push(request);
    const error = answer?.(request);
    if (error !== undefined) {
      throw error;
    }
    return behind.request(request);
  },
});

const configMap = (
  name: string,
  data: Readonly<Record<string, string>>,
): ConfigMap & { metadata: { name: string } } => ({
  metadata: { name, namespace },
  data,
});

const deployment = (replicas: number): { readonly metadata: { name: string; namespace: string } } & Deployment => ({
  metadata: { name: 'web', namespace },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'web' }] } },
  },
});

describe('1: a list', () => {
  beforeEach(async () => {
    await Promise.all(['a', 'b', 'c', 'd', 'e'].map((name) => client.create(CONFIG_MAPS, configMap(name, { name }))));
    requests.splice(0);
  });

  it('is read in pages of one state', async () => {
    const { items, resourceVersion } = await client.list(CONFIG_MAPS, { namespace, limit: 2 });
    expect(items.map(({ metadata: { name }, kind, apiVersion }) => [name, kind, apiVersion])).toEqual(
      ['a', 'b', 'c', 'd', 'e'].map((name) => [name, 'ConfigMap', 'v1']),
    );
    expect(resourceVersion).toMatch(/./);
    expect(requests.map(({ query }) => query?.['limit'])).toEqual([2, 2, 2]);
  });

  it('has pages of 500 unless another size is asked for', async () => {
    await client.list(CONFIG_MAPS, { namespace });
    expect(requests.map(({ query }) => query?.['limit'])).toEqual([500]);
  });

  it('begins anew when its token has expired, without a half state', async () => {
    let expired = 0;
    const gone = new ApiError('The provided continue parameter is too old', {
      status: 410,
      reason: 'Expired',
      retry: 'backoff',
    });
    const behind = recorded(transport, ({ query }) =>
      query?.['continue'] !== undefined && (expired += 1) === 2 ? gone : undefined,
    );
    const { items } = await createClient(behind, { fieldManager: 'x' }).list(CONFIG_MAPS, { namespace, limit: 2 });
    expect(items.map(({ metadata: { name } }) => name)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(requests).toHaveLength(3 + 3);
  });

  it('gives up when tokens expire again and again', async () => {
    const gone = new ApiError('too old', { status: 410, reason: 'Expired', retry: 'backoff' });
    const behind = recorded(transport, ({ query }) => (query?.['continue'] === undefined ? undefined : gone));
    const listed = createClient(behind, { fieldManager: 'x' }).list(CONFIG_MAPS, { namespace, limit: 2 });
    await expect(listed).rejects.toBe(gone);
  });

  it('selects by label and field, and can be of metadata only', async () => {
    await client.patch(CONFIG_MAPS, { namespace, name: 'b' }, 'merge', { metadata: { labels: { of: 'interest' } } });
    const labelled = await client.list(CONFIG_MAPS, { namespace, labelSelector: 'of=interest', metadataOnly: true });
    expect(labelled.items).toEqual([
      expect.objectContaining({ kind: 'PartialObjectMetadata', metadata: expect.objectContaining({ name: 'b' }) }),
    ]);
    expect(labelled.items[0]).not.toHaveProperty('data');
    const named = await client.list(CONFIG_MAPS, { namespace, fieldSelector: 'metadata.name=c' });
    expect(named.items.map(({ data }) => data)).toEqual([{ name: 'c' }]);
  });

  it('is what a watch can begin from', async () => {
    const { resourceVersion } = await client.list(CONFIG_MAPS, { namespace });
    const stream = await client.watch(CONFIG_MAPS, { namespace, resourceVersion });
    await client.create(CONFIG_MAPS, configMap('f', {}));
    let seen = '';
    for await (const bytes of stream) {
      seen += Buffer.from(bytes).toString('utf8');
      if (seen.endsWith('\n')) {
        break;
      }
    }
    expect(JSON.parse(seen)).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'f' } } });
  });
});

describe('14: apply', () => {
  const name = 'applied';

  it('makes an object and afterwards changes only its own fields, as the field manager of the client', async () => {
    const made = await client.apply(CONFIG_MAPS, configMap(name, { ours: '1' }));
    await other.patch(CONFIG_MAPS, { namespace, name }, 'merge', { data: { theirs: '1' } });
    const changed = await client.apply(CONFIG_MAPS, configMap(name, { ours: '2' }));
    expect(changed.data).toEqual({ ours: '2', theirs: '1' });
    expect(changed.metadata.uid).toBe(made.metadata.uid);
    expect(changed.metadata.managedFields?.map(({ manager, operation }) => [manager, operation])).toEqual([
      ['spin-operator', 'Apply'],
      ['somebody-else', 'Update'],
    ]);
    expect(requests.at(-1)).toMatchObject({ method: 'PATCH', contentType: 'application/apply-patch+yaml' });
  });

  it("is a conflict that names the other manager's fields, and takes them over only by force", async () => {
    await other.apply(CONFIG_MAPS, configMap(name, { key: 'theirs' }));
    const refused = client.apply(CONFIG_MAPS, configMap(name, { key: 'ours' }));
    await expect(refused).rejects.toMatchObject({
      status: 409,
      reason: 'Conflict',
      retry: 'no',
      causes: [{ reason: 'FieldManagerConflict', field: '.data.key', message: 'conflict with "somebody-else"' }],
    });
    const taken = await client.apply(CONFIG_MAPS, configMap(name, { key: 'ours' }), { force: true });
    expect(taken.data).toEqual({ key: 'ours' });
  });

  it('with dry-run stores nothing', async () => {
    const would = await client.apply(CONFIG_MAPS, configMap(name, { a: '1' }), { dryRun: true });
    expect(would.data).toEqual({ a: '1' });
    await expect(client.find(CONFIG_MAPS, { namespace, name })).resolves.toBeUndefined();
  });

  it('of the same thing changes nothing, not even the version', async () => {
    const first = await client.apply(CONFIG_MAPS, configMap(name, { a: '1' }));
    const second = await client.apply(CONFIG_MAPS, configMap(name, { a: '1' }));
    expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
  });

  it('refuses a field that does not exist', async () => {
    const intent = { ...configMap(name, {}), dta: { a: '1' } };
    await expect(client.apply(CONFIG_MAPS, intent)).rejects.toMatchObject({ retry: 'no' });
  });
});

describe('15: the status', () => {
  it('is applied and patched apart from the rest, which stays as it is', async () => {
    const { metadata } = await client.apply(DEPLOYMENTS, deployment(2));
    const name = { namespace, name: 'web' };
    const applied = await client.applyStatus(DEPLOYMENTS, {
      metadata: name,
      status: { replicas: 1, observedGeneration: 1 },
    });
    expect(applied).toMatchObject({ spec: { replicas: 2 }, status: { replicas: 1 } });
    const patched = await client.patchStatus(DEPLOYMENTS, name, { replicas: 2 });
    expect(patched).toMatchObject({ status: { replicas: 2, observedGeneration: 1 } });
    expect(patched.metadata.generation).toBe(metadata.generation);
    const managers = patched.metadata.managedFields?.filter(({ subresource }) => subresource === 'status');
    expect(managers?.map(({ manager }) => manager)).toEqual(['spin-operator', 'spin-operator']);
  });

  it('of an object that has changed is refused when a version is given', async () => {
    const { metadata } = await client.apply(DEPLOYMENTS, deployment(2));
    await client.apply(DEPLOYMENTS, deployment(3));
    const options = metadata.resourceVersion === undefined ? {} : { resourceVersion: metadata.resourceVersion };
    const late = client.patchStatus(DEPLOYMENTS, { namespace, name: 'web' }, { replicas: 2 }, options);
    await expect(late).rejects.toMatchObject({ status: 409, reason: 'Conflict', retry: 'backoff' });
  });
});

describe('16: a delete', () => {
  it('with a uid spares the successor of the object that was meant', async () => {
    const name = { namespace, name: 'reborn' };
    const first = await client.create(CONFIG_MAPS, configMap('reborn', {}));
    const uid = first.metadata.uid ?? '';
    expect(await client.delete(CONFIG_MAPS, name, { preconditions: { uid } })).toBe(true);
    const second = await client.create(CONFIG_MAPS, configMap('reborn', {}));
    await expect(client.delete(CONFIG_MAPS, name, { preconditions: { uid } })).rejects.toMatchObject({
      status: 409,
      reason: 'Conflict',
    });
    expect((await client.get(CONFIG_MAPS, name)).metadata.uid).toBe(second.metadata.uid);
  });

  it('with a resource version spares what has changed since', async () => {
    const name = { namespace, name: 'changed' };
    const { metadata } = await client.create(CONFIG_MAPS, configMap('changed', {}));
    await client.patch(CONFIG_MAPS, name, 'merge', { data: { a: '1' } });
    const preconditions = { resourceVersion: metadata.resourceVersion ?? '' };
    await expect(client.delete(CONFIG_MAPS, name, { preconditions })).rejects.toMatchObject({ status: 409 });
    await expect(client.delete(CONFIG_MAPS, name)).resolves.toBe(true);
  });

  it('says so when there is nothing to delete, and with dry-run deletes nothing', async () => {
    const name = { namespace, name: 'kept' };
    await expect(client.delete(CONFIG_MAPS, name)).resolves.toBe(false);
    await client.create(CONFIG_MAPS, configMap('kept', {}));
    await expect(client.delete(CONFIG_MAPS, name, { dryRun: true })).resolves.toBe(true);
    await expect(client.find(CONFIG_MAPS, name)).resolves.toMatchObject({ metadata: { name: 'kept' } });
  });
});

describe('17: a read that decides a deletion', () => {
  it('asks for no version, which the API server reads from etcd', async () => {
    requests.splice(0);
    await client.find(CONFIG_MAPS, { namespace, name: 'any' });
    await client.list(CONFIG_MAPS, { namespace });
    expect(requests.map(({ query }) => query?.['resourceVersion'])).toEqual([undefined, undefined]);
  });
});

describe('an object', () => {
  it('is replaced only in the version that was read', async () => {
    const made = await client.create(CONFIG_MAPS, configMap('replaced', { a: '1' }));
    const changed = await client.replace(CONFIG_MAPS, { ...made, data: { a: '2' } });
    expect(changed.data).toEqual({ a: '2' });
    await expect(client.replace(CONFIG_MAPS, { ...made, data: { a: '3' } })).rejects.toMatchObject({
      reason: 'Conflict',
      retry: 'backoff',
    });
  });

  it('is made once', async () => {
    await client.create(CONFIG_MAPS, configMap('once', {}));
    await expect(client.create(CONFIG_MAPS, configMap('once', {}))).rejects.toMatchObject({
      status: 409,
      reason: 'AlreadyExists',
      retry: 'backoff',
    });
  });

  it('that is not valid is refused with the field that is wrong', async () => {
    const made = client.create(CONFIG_MAPS, configMap('Not_A_Name', {}));
    await expect(made).rejects.toMatchObject({
      status: 422,
      reason: 'Invalid',
      retry: 'no',
      causes: [{ field: 'metadata.name', reason: 'FieldValueInvalid' }],
    });
  });

  it('is patched by each kind of patch', async () => {
    const name = { namespace, name: 'web' };
    await client.apply(DEPLOYMENTS, deployment(1));
    const json = [{ op: 'replace', path: '/spec/replicas', value: 4 }];
    await expect(client.patch(DEPLOYMENTS, name, 'json', json)).resolves.toMatchObject({ spec: { replicas: 4 } });
    const strategic = { spec: { template: { spec: { containers: [{ name: 'second', image: 'second' }] } } } };
    const patched = await client.patch(DEPLOYMENTS, name, 'strategic', strategic);
    expect(patched.spec?.template).toMatchObject({ spec: { containers: [{ name: 'second' }, { name: 'web' }] } });
  });

  it('is scaled by its subresource', async () => {
    await client.apply(DEPLOYMENTS, deployment(1));
    const name = { namespace, name: 'web' };
    await expect(client.scale(DEPLOYMENTS, name, 3)).resolves.toMatchObject({ spec: { replicas: 3 } });
    await expect(client.getScale(DEPLOYMENTS, name)).resolves.toEqual({
      spec: { replicas: 3 },
      status: { replicas: 0, selector: 'app=web' },
    });
    await expect(client.get(DEPLOYMENTS, name)).resolves.toMatchObject({ spec: { replicas: 3 } });
  });

  it('without a namespace where it needs one is a mistake of ours, not a request', () => {
    expect(() => client.get(CONFIG_MAPS, { name: 'a' })).toThrow(TypeError);
    expect(() => client.get(NAMESPACES, { name: '' })).toThrow(TypeError);
  });
});
