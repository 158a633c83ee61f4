// What the fake API server and the real one have in common: objects, their versions, their owners, their end.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject, ObjectName } from '../../client/resource.ts';
import type { KubeClient } from '../../client/types.ts';
import { ApiError, isAlreadyExists, isConflict, isExpired, isNotFound } from '../../transport/errors.ts';
import {
  configMaps,
  connect,
  defineWidgets,
  newNamespace,
  secrets,
  widgets,
  type Connected,
  type TestServer,
  type Widget,
} from './test-server.ts';

async function failure(promise: Promise<unknown>): Promise<ApiError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof ApiError) {
      return error;
    }
    throw error;
  }
  throw new Error('it was not refused');
}

/** Each manager's fields of an object, without the times. */
const ownersOf = ({ metadata }: KubeObject): unknown =>
  (metadata.managedFields ?? []).map(({ manager, operation, subresource, fieldsV1 }) => ({
    manager,
    operation,
    ...(subresource === undefined ? {} : { subresource }),
    fieldsV1,
  }));

export function describeObjects(title: string, start: () => Promise<TestServer>): void {
  describe(`objects of ${title}`, () => {
    let server: TestServer;
    let connected: Connected;
    let client: KubeClient;
    let namespace: string;
    let count = 0;
    const next = (): { readonly namespace: string; readonly name: string } => {
      count += 1;
      return { namespace, name: `object-${count}` };
    };
    const widget = (spec: Widget['spec'] = {}, at = next()): Promise<Widget> =>
      client.create(widgets, { metadata: at, spec });
    const apply = (
      manager: string,
      at: ObjectName,
      spec: NonNullable<Widget['spec']>,
      options: { readonly force?: boolean; readonly dryRun?: boolean } = {},
    ): Promise<Widget> => client.apply(widgets, { metadata: at, spec }, { fieldManager: manager, ...options });

    beforeAll(async () => {
      server = await start();
      connected = connect(server);
      ({ client } = connected);
      await defineWidgets(connected);
      namespace = await newNamespace(connected);
    });
    afterAll(async () => {
      await connected?.transport.close();
      await server?.stop();
    });

    it('gives a new object its uid, version, generation and time', async () => {
      const at = next();
      const made = await widget({ size: 1 }, at);
      expect(made).toMatchObject({
        apiVersion: 'suite.spindle.test/v1',
        kind: 'Widget',
        metadata: at,
        spec: { size: 1 },
      });
      expect(made.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
      expect(made.metadata.generation).toBe(1);
      expect(made.metadata.creationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      expect(await client.get(widgets, at)).toEqual(made);
    });

    it('makes a name of a generateName', async () => {
      const made = await client.create(configMaps, { metadata: { namespace, generateName: 'made-' } });
      expect(made.metadata.name).toMatch(/^made-[a-z0-9]{5}$/);
    });

    it('refuses a second object of the same name, one in no namespace that exists, and one with a bad name', async () => {
      const at = next();
      await widget({}, at);
      expect(isAlreadyExists(await failure(widget({}, at)))).toBe(true);
      expect(isNotFound(await failure(widget({}, { namespace: 'nowhere', name: 'a' })))).toBe(true);
      expect(await failure(widget({}, { namespace, name: 'Not_A_Name' }))).toMatchObject({
        status: 422,
        reason: 'Invalid',
      });
    });

    it('says NotFound for what is not there, and for a type that is not served', async () => {
      expect(await failure(client.get(widgets, next()))).toMatchObject({ status: 404, reason: 'NotFound' });
      expect(await failure(client.list({ ...widgets, plural: 'gadgets' }))).toMatchObject({ status: 404 });
      expect(await client.find(widgets, next())).toBeUndefined();
      expect(await client.delete(widgets, next())).toBe(false);
    });

    it('keeps the data of a Secret that was written as text', async () => {
      const at = next();
      const made = await client.create(secrets, { metadata: at, stringData: { key: 'value' } });
      expect(made).toMatchObject({ type: 'Opaque', data: { key: 'dmFsdWU=' } });
      expect(made.stringData).toBeUndefined();
    });

    it('replaces an object only in the state it was read in', async () => {
      const made = await widget({ size: 1 });
      const second = await client.replace(widgets, { ...made, spec: { size: 2 } });
      expect(second.metadata.generation).toBe(2);
      expect(second.metadata.resourceVersion).not.toBe(made.metadata.resourceVersion);
      const late = await failure(client.replace(widgets, { ...made, spec: { size: 3 } }));
      expect(isConflict(late)).toBe(true);
      expect(late.retry).toBe('backoff');
    });

    it('counts a generation for a change of the spec, none for one of the metadata or of the status', async () => {
      const at = next();
      await widget({ size: 1 }, at);
      const labelled = await client.patch(widgets, at, 'merge', { metadata: { labels: { a: 'b' } } });
      expect(labelled.metadata.generation).toBe(1);
      const stated = await client.patchStatus(widgets, at, { phase: 'Ready' });
      expect(stated).toMatchObject({ metadata: { generation: 1 }, status: { phase: 'Ready' } });
      const edited = await client.patch(widgets, at, 'merge', { spec: { size: 2 }, status: { phase: 'Lost' } });
      expect(edited).toMatchObject({ metadata: { generation: 2 }, spec: { size: 2 }, status: { phase: 'Ready' } });
    });

    it('leaves the spec alone when the status is written', async () => {
      const at = next();
      await widget({ size: 1 }, at);
      const stated = await client.patch(widgets, at, 'merge', { status: { phase: 'Lost' } });
      expect(stated.status).toBeUndefined();
      const live = await client.get(widgets, at);
      expect(live.spec).toEqual({ size: 1 });
    });

    it('gives no new version to a write that changes nothing', async () => {
      const at = next();
      const made = await widget({ size: 1 }, at);
      const patched = await client.patch<Widget>(widgets, at, 'merge', { spec: { size: 1 } });
      expect(patched.metadata.resourceVersion).toBe(made.metadata.resourceVersion);
      const replaced = await client.replace(widgets, patched);
      expect(replaced.metadata.resourceVersion).toBe(made.metadata.resourceVersion);
      const applied = await apply('one', at, { size: 1 });
      const again = await apply('one', at, { size: 1 });
      expect(again.metadata.resourceVersion).toBe(applied.metadata.resourceVersion);
    });

    it('takes a merge patch, where null takes away, and refuses one for another state', async () => {
      const at = next();
      const made = await widget({ size: 1, settings: { a: '1', b: '2' } }, at);
      const patched = await client.patch<Widget>(widgets, at, 'merge', { spec: { size: null, settings: { a: '3' } } });
      expect(patched.spec).toEqual({ settings: { a: '3', b: '2' } });
      const { resourceVersion } = made.metadata;
      const late = client.patch(widgets, at, 'merge', { metadata: { resourceVersion }, spec: { size: 4 } });
      expect(isConflict(await failure(late))).toBe(true);
    });

    it('takes a JSON patch, and refuses one whose test fails', async () => {
      const at = next();
      await widget({ size: 1, steps: ['a', 'c'] }, at);
      const patched = await client.patch<Widget>(widgets, at, 'json', [
        { op: 'test', path: '/spec/size', value: 1 },
        { op: 'replace', path: '/spec/size', value: 2 },
        { op: 'add', path: '/spec/steps/1', value: 'b' },
        { op: 'add', path: '/spec/steps/-', value: 'd' },
        { op: 'remove', path: '/spec/steps/0' },
      ]);
      expect(patched.spec).toEqual({ size: 2, steps: ['b', 'c', 'd'] });
      const failed = client.patch(widgets, at, 'json', [{ op: 'test', path: '/spec/size', value: 1 }]);
      expect((await failure(failed)).status).toBe(422);
    });

    it('checks a dry run and stores nothing of it', async () => {
      const at = next();
      await client.create(widgets, { metadata: at }, { dryRun: true });
      expect(await client.find(widgets, at)).toBeUndefined();
      const made = await widget({ size: 1 }, at);
      const dry = await apply('one', at, { size: 2 }, { force: true, dryRun: true });
      expect(dry.spec).toEqual({ size: 2 });
      expect(await client.get(widgets, at)).toEqual(made);
      await client.delete(widgets, at, { dryRun: true });
      expect(await client.get(widgets, at)).toEqual(made);
    });

    describe('server-side apply', () => {
      it('makes the object when there is none, and says who owns what', async () => {
        const at = next();
        const made = await apply('one', at, {
          size: 1,
          settings: { a: '1' },
          parts: [{ name: 'x', colour: 'red' }],
          tags: ['t'],
          steps: ['s'],
        });
        expect(made.metadata.generation).toBe(1);
        expect(ownersOf(made)).toEqual([
          {
            manager: 'one',
            operation: 'Apply',
            fieldsV1: {
              'f:spec': {
                'f:parts': { 'k:{"name":"x"}': { '.': {}, 'f:colour': {}, 'f:name': {} } },
                'f:settings': { 'f:a': {} },
                'f:size': {},
                'f:steps': {},
                'f:tags': { 'v:"t"': {} },
              },
            },
          },
        ]);
      });

      it('takes away what its manager no longer says and nobody else owns', async () => {
        const at = next();
        await apply('one', at, {
          size: 1,
          settings: { a: '1', b: '2' },
          parts: [{ name: 'x' }, { name: 'y' }],
          tags: ['t', 'u'],
        });
        const after = await apply('one', at, { settings: { a: '1' }, parts: [{ name: 'y' }], tags: ['u'] });
        expect(after.spec).toEqual({ settings: { a: '1' }, parts: [{ name: 'y' }], tags: ['u'] });
        expect(after.metadata.generation).toBe(2);
      });

      it('leaves nothing behind of a map whose last field has gone', async () => {
        const at = next();
        await apply('one', at, { size: 1, nested: { one: '1' }, settings: { a: '1' } });
        const after = await apply('one', at, { size: 1 });
        expect(after.spec).toEqual({ size: 1 });
      });

      it('leaves what others own', async () => {
        const at = next();
        await apply('one', at, { size: 1, parts: [{ name: 'x', colour: 'red' }] });
        await apply('two', at, { settings: { b: '2' }, parts: [{ name: 'x', weight: 5 }, { name: 'z' }] });
        const both = await apply('one', at, { size: 1 });
        expect(both.spec).toEqual({ size: 1, settings: { b: '2' }, parts: [{ name: 'x', weight: 5 }, { name: 'z' }] });
        const neither = await apply('two', at, { settings: { b: '2' } });
        expect(neither.spec).toEqual({ size: 1, settings: { b: '2' } });
      });

      it('takes away an item whose manager lets it go, with what others have patched into it', async () => {
        const at = next();
        await apply('one', at, { size: 1, parts: [{ name: 'x', colour: 'red' }, { name: 'y' }] });
        const weigh = [{ op: 'add', path: '/spec/parts/0/weight', value: 5 }];
        await client.patch(widgets, at, 'json', weigh, { fieldManager: 'scales' });
        const after = await apply('one', at, { size: 1, parts: [{ name: 'y' }] });
        expect(after.spec).toEqual({ size: 1, parts: [{ name: 'y' }] });
      });

      it('shares a field that two managers say the same of, and keeps it until the second lets go', async () => {
        const at = next();
        await apply('one', at, { size: 1, replicas: 1 });
        await apply('two', at, { size: 1 });
        expect((await apply('one', at, { replicas: 1 })).spec).toEqual({ size: 1, replicas: 1 });
        expect((await apply('two', at, {})).spec).toEqual({ replicas: 1 });
      });

      it('refuses to change what another owns, and names the manager and each field', async () => {
        const at = next();
        await apply('one', at, { size: 1, settings: { a: '1' }, parts: [{ name: 'x', colour: 'red' }] });
        const refused = await failure(
          apply('two', at, { size: 2, settings: { a: '2' }, parts: [{ name: 'x', colour: 'blue' }] }),
        );
        expect(refused).toMatchObject({ status: 409, reason: 'Conflict', retry: 'no' });
        expect(refused.message).toContain('Apply failed with 3 conflicts');
        expect(refused.causes.toSorted((a, b) => (a.field < b.field ? -1 : 1))).toEqual([
          { reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.spec.parts[name="x"].colour' },
          { reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.spec.settings.a' },
          { reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.spec.size' },
        ]);
        expect((await client.get(widgets, at)).spec).toMatchObject({ size: 1 });
      });

      it('takes a field over by force, and its old owner owns it no longer', async () => {
        const at = next();
        await apply('one', at, { size: 1, replicas: 1 });
        const taken = await apply('two', at, { size: 2 }, { force: true });
        expect(ownersOf(taken)).toEqual([
          { manager: 'one', operation: 'Apply', fieldsV1: { 'f:spec': { 'f:replicas': {} } } },
          { manager: 'two', operation: 'Apply', fieldsV1: { 'f:spec': { 'f:size': {} } } },
        ]);
        const after = await apply('one', at, { replicas: 1 });
        expect(after.spec).toEqual({ size: 2, replicas: 1 });
        expect((await failure(apply('one', at, { size: 3, replicas: 1 }))).causes).toEqual([
          { reason: 'FieldManagerConflict', message: 'conflict with "two"', field: '.spec.size' },
        ]);
      });

      it('conflicts with what was written without apply, too', async () => {
        const at = next();
        await widget({ size: 1 }, at);
        const refused = await failure(apply('one', at, { size: 2 }));
        expect(refused.causes).toEqual([
          {
            reason: 'FieldManagerConflict',
            message: expect.stringMatching(/^conflict with "suite" using suite.spindle.test\/v1/),
            field: '.spec.size',
          },
        ]);
        const taken = await apply('one', at, { size: 2 }, { force: true });
        expect(taken.spec).toEqual({ size: 2 });
      });

      it('loses a field to whoever patches it, without an error', async () => {
        const at = next();
        await apply('one', at, { size: 1, replicas: 1 });
        await client.patch(widgets, at, 'merge', { spec: { replicas: 3 } }, { fieldManager: 'autoscaler' });
        const after = await apply('one', at, { size: 1 });
        expect(after.spec).toEqual({ size: 1, replicas: 3 });
      });

      it('replaces a list without keys as a whole', async () => {
        const at = next();
        await apply('one', at, { steps: ['a', 'b'] });
        expect((await apply('one', at, { steps: ['c'] })).spec).toEqual({ steps: ['c'] });
        expect((await failure(apply('two', at, { steps: ['a'] }))).causes.map(({ field }) => field)).toEqual([
          '.spec.steps',
        ]);
      });

      it('owns the status apart from the rest', async () => {
        const at = next();
        await apply('one', at, { size: 1 });
        const stated = await client.applyStatus(
          widgets,
          { metadata: at, status: { phase: 'Ready', conditions: [{ type: 'Ready', status: 'True' }] } },
          { fieldManager: 'one' },
        );
        expect(stated).toMatchObject({
          metadata: { generation: 1 },
          spec: { size: 1 },
          status: { phase: 'Ready', conditions: [{ type: 'Ready', status: 'True' }] },
        });
        expect(ownersOf(stated)).toContainEqual({
          manager: 'one',
          operation: 'Apply',
          subresource: 'status',
          fieldsV1: {
            'f:status': {
              'f:conditions': { 'k:{"type":"Ready"}': { '.': {}, 'f:status': {}, 'f:type': {} } },
              'f:phase': {},
            },
          },
        });
        const after = await apply('one', at, { size: 2 });
        expect(after.status?.phase).toBe('Ready');
      });

      it('owns labels, annotations, finalizers and owner references one by one', async () => {
        const at = next();
        const owner = await widget();
        const reference = {
          apiVersion: 'suite.spindle.test/v1',
          kind: 'Widget',
          name: owner.metadata.name ?? '',
          uid: owner.metadata.uid ?? '',
          controller: true,
          blockOwnerDeletion: true,
        };
        const metadata = { ...at, labels: { a: '1' }, annotations: { b: '2' }, ownerReferences: [reference] };
        await client.apply(widgets, { metadata }, { fieldManager: 'one' });
        const other = { ...at, labels: { c: '3' }, finalizers: ['suite.spindle.test/hold'] };
        await client.apply(widgets, { metadata: other }, { fieldManager: 'two' });
        const after = await client.apply(widgets, { metadata: at }, { fieldManager: 'one' });
        expect(after.metadata.labels).toEqual({ c: '3' });
        expect(after.metadata.annotations).toBeUndefined();
        expect(after.metadata.ownerReferences).toBeUndefined();
        expect(after.metadata.finalizers).toEqual(['suite.spindle.test/hold']);
        await client.apply(widgets, { metadata: at }, { fieldManager: 'two' });
      });

      it('applies only to the object that is meant', async () => {
        const at = next();
        const uid = '00000000-0000-4000-8000-000000000000';
        const nothing = client.apply(widgets, { metadata: { ...at, uid } }, { fieldManager: 'one' });
        expect((await failure(nothing)).status).toBe(409);
        await apply('one', at, {});
        const another = client.apply(widgets, { metadata: { ...at, uid } }, { fieldManager: 'one' });
        expect(await failure(another)).toMatchObject({
          status: 422,
          causes: expect.arrayContaining([expect.objectContaining({ field: 'metadata.uid' })]),
        });
        const { resourceVersion = '' } = (await client.get(widgets, at)).metadata;
        await apply('one', at, { size: 1 });
        const late = client.apply(widgets, { metadata: { ...at, resourceVersion } }, { fieldManager: 'one' });
        expect(isConflict(await failure(late))).toBe(true);
      });
    });

    it('17. shows to a read what was written before it, at once', async () => {
      for (let edit = 1; edit <= 20; edit += 1) {
        const data = { n: String(edit) };
        await client.apply(configMaps, { metadata: { namespace, name: 'read' }, data }, { force: true });
        expect((await client.get(configMaps, { namespace, name: 'read' })).data).toEqual(data);
        const { items } = await client.list(configMaps, { namespace, fieldSelector: 'metadata.name=read' });
        expect(items.map((item) => item.data)).toEqual([data]);
      }
      await client.delete(configMaps, { namespace, name: 'read' });
      expect(await client.find(configMaps, { namespace, name: 'read' })).toBeUndefined();
    });

    describe('deletion', () => {
      it('16. keeps an object of another uid or version', async () => {
        const at = next();
        const made = await widget({}, at);
        const { uid = '', resourceVersion = '' } = made.metadata;
        const wrongUid = client.delete(widgets, at, { preconditions: { uid: '00000000-0000-4000-8000-000000000000' } });
        expect(isConflict(await failure(wrongUid))).toBe(true);
        const wrongVersion = client.delete(widgets, at, { preconditions: { uid, resourceVersion: '1' } });
        expect(isConflict(await failure(wrongVersion))).toBe(true);
        expect(await client.delete(widgets, at, { preconditions: { uid, resourceVersion } })).toBe(true);
        expect(await client.find(widgets, at)).toBeUndefined();
      });

      it('waits for finalizers, and lets none be added meanwhile', async () => {
        const at = next();
        await client.create(widgets, { metadata: { ...at, finalizers: ['suite.spindle.test/hold'] } });
        await client.delete(widgets, at);
        const going = await client.get(widgets, at);
        expect(going.metadata.deletionTimestamp).toBeDefined();
        expect(going.metadata.generation).toBe(2);
        const more = client.patch(widgets, at, 'merge', {
          metadata: { finalizers: ['suite.spindle.test/hold', 'suite.spindle.test/more'] },
        });
        expect((await failure(more)).status).toBe(422);
        await client.patch(widgets, at, 'merge', { metadata: { finalizers: null } });
        expect(await client.find(widgets, at)).toBeUndefined();
      });

      it('in the foreground waits for the collector', async () => {
        const at = next();
        await widget({}, at);
        await client.delete(widgets, at, { propagationPolicy: 'Foreground' });
        const going = await client.get(widgets, at);
        expect(going.metadata.finalizers).toEqual(['foregroundDeletion']);
        await client.patch(widgets, at, 'merge', { metadata: { finalizers: null } });
      });
    });

    it('reads and writes the replicas through scale', async () => {
      const at = next();
      await widget({ replicas: 2 }, at);
      await client.patchStatus(widgets, at, { replicas: 1, selector: 'app=x' });
      expect(await client.getScale(widgets, at)).toEqual({
        spec: { replicas: 2 },
        status: { replicas: 1, selector: 'app=x' },
      });
      expect((await client.scale(widgets, at, 5)).spec.replicas).toBe(5);
      expect(await client.get(widgets, at)).toMatchObject({ metadata: { generation: 2 }, spec: { replicas: 5 } });
    });

    describe('lists', () => {
      it('selects by labels and by name', async () => {
        const space = await newNamespace(connected);
        const make = (name: string, labels: Readonly<Record<string, string>>): Promise<unknown> =>
          client.create(configMaps, { metadata: { namespace: space, name, labels } });
        await make('a', { app: 'x', tier: 'front' });
        await make('b', { app: 'y' });
        await make('c', { tier: 'back' });
        const names = async (selection: {
          readonly labelSelector?: string;
          readonly fieldSelector?: string;
        }): Promise<unknown> =>
          (await client.list(configMaps, { namespace: space, ...selection })).items.map(
            ({ metadata }) => metadata.name,
          );
        expect(await names({ labelSelector: 'app=x' })).toEqual(['a']);
        expect(await names({ labelSelector: 'app in (x, y)' })).toEqual(['a', 'b']);
        expect(await names({ labelSelector: 'app notin (x)' })).toEqual(['b', 'c']);
        expect(await names({ labelSelector: 'app,tier!=back' })).toEqual(['a', 'b']);
        expect(await names({ labelSelector: '!app' })).toEqual(['c']);
        expect(await names({ fieldSelector: 'metadata.name=b' })).toEqual(['b']);
        expect(await names({ labelSelector: 'app=x', fieldSelector: 'metadata.name=b' })).toEqual([]);
      });

      it('1. come in pages of one state, whatever happens between them', async () => {
        const space = await newNamespace(connected);
        for (const name of ['a', 'b', 'c', 'd', 'e']) {
          await client.create(configMaps, { metadata: { namespace: space, name } });
        }
        const first = await client.page(configMaps, { namespace: space, limit: 2 });
        await client.delete(configMaps, { namespace: space, name: 'd' });
        await client.create(configMaps, { metadata: { namespace: space, name: 'f' } });
        const e = { namespace: space, name: 'e' };
        await client.patch(configMaps, e, 'merge', { data: { n: '1' } });
        await client.patch(configMaps, e, 'merge', { data: { n: '2' } });
        const second = await client.page(configMaps, { namespace: space, limit: 2 }, first.continue);
        const third = await client.page(configMaps, { namespace: space, limit: 2 }, second.continue);
        const names = [first, second, third].flatMap(({ items }) => items.map(({ metadata }) => metadata.name));
        expect(names).toEqual(['a', 'b', 'c', 'd', 'e']);
        expect(third.items[0]?.data).toBeUndefined();
        expect(third.continue).toBeUndefined();
        expect(new Set([first, second, third].map(({ resourceVersion }) => resourceVersion)).size).toBe(1);
      });

      it('1. say that a token is too old', async () => {
        const space = await newNamespace(connected);
        for (const name of ['a', 'b', 'c']) {
          await client.create(configMaps, { metadata: { namespace: space, name } });
        }
        const first = await client.page(configMaps, { namespace: space, limit: 1 });
        await client.delete(configMaps, { namespace: space, name: 'c' });
        const second = (): Promise<unknown> => client.page(configMaps, { namespace: space, limit: 1 }, first.continue);
        await server.expire(second);
        expect(isExpired(await failure(second()))).toBe(true);
      });

      it('11. have metadata only when that is asked for', async () => {
        const space = await newNamespace(connected);
        await client.create(configMaps, {
          metadata: { namespace: space, name: 'a', labels: { b: 'c' } },
          data: { d: 'e' },
        });
        const { items } = await client.list(configMaps, { namespace: space, metadataOnly: true });
        expect(items).toHaveLength(1);
        expect(items[0]).toMatchObject({ kind: 'PartialObjectMetadata', metadata: { name: 'a', labels: { b: 'c' } } });
        expect(items[0]?.data).toBeUndefined();
      });
    });
  });
}
