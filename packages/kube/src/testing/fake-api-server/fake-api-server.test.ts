// What only the fake has: faults, control over watches, a collector. What it has in common with the real one: ../suite.
import * as fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { createClient } from '../../client/kube-client.ts';
import { resource, type KubeObject } from '../../client/resource.ts';
import type { KubeClient } from '../../client/types.ts';
import { createTransport } from '../../transport/http-transport.ts';
import type { Transport } from '../../transport/types.ts';
import { eventually } from '../suite/test-server.ts';
import { startFakeApiServer, type FakeApiServer, type FakeApiServerOptions } from './fake-api-server.ts';
import { difference, fieldSet, fromFieldsV1, isEmpty, toFieldsV1, union, type FieldSet } from './field-set.ts';
import { jsonPatched, mergePatched } from './patches.ts';
import { compare, fieldsOf, merged, withoutFields } from './structured.ts';

const configMaps = resource({ group: '', version: 'v1', plural: 'configmaps', kind: 'ConfigMap', namespaced: true });
const at = (name: string): { readonly namespace: string; readonly name: string } => ({ namespace: 'default', name });

const ownedBy = ({ metadata: { name = '', uid = '' } }: KubeObject, child: string): KubeObject => ({
  metadata: { ...at(child), ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name, uid }] },
});

describe('the fake API server', () => {
  let server: FakeApiServer;
  let transport: Transport;
  let client: KubeClient;

  const begin = async (options: FakeApiServerOptions = {}): Promise<void> => {
    server = await startFakeApiServer(options);
    transport = createTransport(server.access, { userAgent: 'test/1.0' });
    client = createClient(transport, { fieldManager: 'test' });
  };
  afterEach(async () => {
    await transport.close();
    await server.stop();
  });

  it.each([409, 410, 429, 500, 503])('refuses with %d what a hook says, and does nothing of it', async (status) => {
    await begin();
    server.setFaults(({ verb }) =>
      verb === 'create' ? { kind: 'refuse', status, reason: 'Test', retryAfterSeconds: 2 } : undefined,
    );
    await expect(client.create(configMaps, { metadata: at('a') })).rejects.toMatchObject({
      status,
      reason: 'Test',
      retry: { afterMs: 2_000 },
    });
    server.setFaults(undefined);
    expect(await client.find(configMaps, at('a'))).toBeUndefined();
  });

  it.each([
    ['before', false, false],
    ['after', false, true],
    ['before', true, false],
    ['after', true, true],
  ] as const)('breaks the connection %s the write is done (TLS: %s)', async (when, tls, isDone) => {
    await begin({ tls });
    server.setFaults(({ verb }) => (verb === 'create' ? { kind: 'cut', when } : undefined));
    await expect(client.create(configMaps, { metadata: at('a') })).rejects.toMatchObject({ kind: 'reset' });
    expect((await client.find(configMaps, at('a'))) !== undefined).toBe(isDone);
  });

  it('answers late, or never', async () => {
    await begin();
    server.setFaults(({ name }) => (name === 'a' ? { kind: 'delay', ms: 30 } : { kind: 'silence' }));
    expect(await client.find(configMaps, at('a'))).toBeUndefined();
    await expect(client.get(configMaps, at('b'), { deadlineMs: 50 })).rejects.toMatchObject({ kind: 'deadline' });
  });

  it('numbers the requests and says what each is about', async () => {
    await begin();
    await client.apply(configMaps, { metadata: at('a') });
    await client.list(configMaps);
    await client.delete(configMaps, at('a'));
    const seen = server.requests.map(({ number, verb, resource: what, namespace, name }) => [
      number,
      verb,
      what,
      namespace,
      name,
    ]);
    expect(seen).toEqual([
      [1, 'patch', 'configmaps', 'default', 'a'],
      [2, 'list', 'configmaps', '', ''],
      [3, 'delete', 'configmaps', 'default', 'a'],
    ]);
  });

  it('holds back what a frozen watch would say, and says it later', async () => {
    await begin();
    const stream = await client.watch(configMaps, { resourceVersion: '0' });
    let text = '';
    const read = (async () => {
      for await (const chunk of stream) {
        text += Buffer.from(chunk).toString('utf8');
      }
    })();
    const [watch] = server.watches('configmaps');
    watch?.freeze();
    await client.create(configMaps, { metadata: at('a') });
    expect(text).toBe('');
    watch?.thaw();
    await eventually(() => text.includes('"ADDED"'));
    watch?.end();
    await read;
    expect(server.watches()).toEqual([]);
  });

  it.each([
    ['Foreground', []],
    ['Background', []],
    ['Orphan', ['child', 'grandchild']],
  ] as const)('collects by the policy %s', async (propagationPolicy, left) => {
    await begin({ collectsGarbage: true });
    const owner = await client.create(configMaps, { metadata: at('owner') });
    const child = await client.create(configMaps, ownedBy(owner, 'child'));
    await client.create(configMaps, ownedBy(child, 'grandchild'));
    await client.delete(configMaps, at('owner'), { propagationPolicy });
    const { items } = await client.list(configMaps);
    expect(items.map(({ metadata }) => metadata.name)).toEqual(left);
  });

  it.each([false, true])('deletes what has lost its owner when it collects (%s)', async (collectsGarbage) => {
    await begin({ collectsGarbage });
    const owner = await client.create(configMaps, { metadata: at('owner') });
    const child = await client.create(configMaps, ownedBy(owner, 'child'));
    await client.create(configMaps, ownedBy(child, 'grandchild'));
    await client.delete(configMaps, at('owner'));
    const { items } = await client.list(configMaps);
    expect(items.map(({ metadata }) => metadata.name)).toEqual(collectsGarbage ? [] : ['child', 'grandchild']);
  });
});

const tree: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<unknown>(1, 2, 'x', true, ['a', 'b'], {}),
    fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('value')),
  ),
})).value;
const config = fc.dictionary(fc.constantFrom('a', 'b', 'c'), tree);

describe('values by their shape', () => {
  it('are merged so that all of the configuration is in the result', () => {
    fc.assert(
      fc.property(config, config, (live, applied) => {
        const result = merged(live, applied, {});
        expect(isEmpty(difference(fieldsOf(applied, {}), union(fieldsOf(result, {}), membersOnTheWay(result))))).toBe(
          true,
        );
        expect(merged(result, applied, {})).toEqual(result);
      }),
    );
  });

  it('differ from themselves in nothing, and from another in what their comparison says', () => {
    fc.assert(
      fc.property(config, config, (one, other) => {
        const same = compare(one, one, {});
        expect([isEmpty(same.set), isEmpty(same.removed)]).toEqual([true, true]);
        const { set, removed } = compare(one, other, {});
        const isAlike = isEmpty(set) && isEmpty(removed);
        expect(isAlike).toBe(JSON.stringify(sorted(one)) === JSON.stringify(sorted(other)));
      }),
    );
  });

  it('lose what is taken out, and nothing beside it', () => {
    const value = { spec: { a: 1, b: { c: 2 }, list: [{ name: 'x', v: 1 }, { name: 'y' }] } };
    const shape = { fields: { spec: { fields: { list: { keys: ['name'] } } } } };
    const fields = fromFieldsV1({ 'f:spec': { 'f:b': { 'f:c': {} }, 'f:list': { 'k:{"name":"x"}': { 'f:v': {} } } } });
    expect(withoutFields(value, fields, shape)).toEqual({ spec: { a: 1, list: [{ name: 'x' }, { name: 'y' }] } });
  });
});

/** Places between the root and the leaves: what an empty map in a configuration owns. */
function membersOnTheWay(value: unknown): FieldSet {
  const entries = typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
  return fieldSet(
    true,
    entries.map(([name, part]) => [`f:${name}`, membersOnTheWay(part)] as const),
  );
}

const sorted = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(
        Object.entries(value)
          .toSorted(([one], [other]) => (one < other ? -1 : 1))
          .map(([name, part]) => [name, sorted(part)]),
      )
    : value;

describe('field sets', () => {
  it('are the same after they were written as fieldsV1', () => {
    fc.assert(
      fc.property(config, (value) => {
        const fields = fieldsOf(value, {});
        expect(fromFieldsV1(JSON.parse(JSON.stringify(toFieldsV1(fields))))).toEqual(fields);
      }),
    );
  });
});

describe('patches', () => {
  it.each([
    // RFC 7396, appendix A.
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [
      ['a', 'b'],
      ['c', 'd'],
      ['c', 'd'],
    ],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])('merge %j with %j to %j', (target, patch, result) => {
    expect(mergePatched(target, patch)).toEqual(result);
  });

  it.each([
    // RFC 6902, appendix A.
    [{ foo: 'bar' }, [{ op: 'add', path: '/baz', value: 'qux' }], { baz: 'qux', foo: 'bar' }],
    [{ foo: ['bar', 'baz'] }, [{ op: 'add', path: '/foo/1', value: 'qux' }], { foo: ['bar', 'qux', 'baz'] }],
    [{ foo: ['bar', 'qux', 'baz'] }, [{ op: 'remove', path: '/foo/1' }], { foo: ['bar', 'baz'] }],
    [{ a: { b: 1, c: 2 }, d: {} }, [{ op: 'move', from: '/a/b', path: '/d/b' }], { a: { c: 2 }, d: { b: 1 } }],
    [{ a: [1, 2] }, [{ op: 'copy', from: '/a/0', path: '/a/-' }], { a: [1, 2, 1] }],
    [{ '/': 9, '~1': 10 }, [{ op: 'test', path: '/~01', value: 10 }], { '/': 9, '~1': 10 }],
    [{ a: 1 }, [{ op: 'replace', path: '', value: { b: 2 } }], { b: 2 }],
  ])('apply to %j the operations %j', (target, operations, result) => {
    expect(jsonPatched(target, operations)).toEqual(result);
  });

  it.each([
    [{ op: 'remove', path: '/nothing' }],
    [{ op: 'replace', path: '/nothing', value: 1 }],
    [{ op: 'test', path: '/a', value: '10' }],
    [{ op: 'add', path: '/list/5', value: 1 }],
    [{ op: 'add', path: '/no/where', value: 1 }],
    [{ op: 'paint', path: '/a' }],
  ])('refuse the operation %j', (operation) => {
    expect(() => jsonPatched({ a: 10, list: [] }, [operation])).toThrow(/rejected our request/);
  });
});
