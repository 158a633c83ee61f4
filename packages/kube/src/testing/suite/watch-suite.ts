// The watch layer on the fake API server and on the real one: what a store shows, and what its handlers are told.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Store, type StoreEvent, type StoreOptions } from '../../store/store.ts';
import type { KubeClient } from '../../client/types.ts';
import type { Clock } from '../../clock.ts';
import type { ByteStream } from '../../transport/types.ts';
import { createInformer, type Informer, type InformerOptions } from '../../watch/informer.ts';
import { readEvent, type WatchEvent } from '../../watch/event.ts';
import { LineSplitter } from '../../watch/lines.ts';
import {
  configMaps,
  connect,
  defineWidgets,
  eventually,
  newNamespace,
  pause,
  widgets,
  type ConfigMap,
  type Connected,
  type TestServer,
  type Widget,
} from './test-server.ts';

type Told = readonly [kind: StoreEvent<ConfigMap>['kind'], name: string, data: ConfigMap['data']];

export function describeWatches(title: string, start: () => Promise<TestServer>): void {
  describe(`watches of ${title}`, () => {
    let server: TestServer;
    let connected: Connected;
    let client: KubeClient;
    let namespace: string;
    const running: { stop(): void }[] = [];
    const told: Told[] = [];

    beforeAll(async () => {
      server = await start();
      connected = connect(server);
      ({ client } = connected);
      await defineWidgets(connected);
    });
    beforeEach(async () => {
      namespace = await newNamespace(connected);
      told.length = 0;
    });
    afterEach(() => {
      for (const informer of running.splice(0)) {
        informer.stop();
      }
    });
    afterAll(async () => {
      await connected?.transport.close();
      await server?.stop();
    });

    const put = (at: string, data: NonNullable<ConfigMap['data']>, space = namespace): Promise<ConfigMap> =>
      client.apply(configMaps, { metadata: { namespace: space, name: at }, data }, { force: true });
    const remove = (at: string): Promise<boolean> => client.delete(configMaps, { namespace, name: at });
    const follow = (
      options: Partial<InformerOptions<ConfigMap, never>> = {},
      storeOptions: StoreOptions<ConfigMap, never> = {},
    ): Informer<ConfigMap, never> => {
      const store = new Store<ConfigMap>({ freeze: true, ...storeOptions });
      store.listen(({ kind, object }) => told.push([kind, object.metadata.name, object.data]));
      const informer = createInformer({ client, type: configMaps, store, namespaces: [namespace], ...options });
      running.push(informer);
      informer.start();
      return informer;
    };

    it('2. has everything after one streaming list, and then whatever happens', async () => {
      await put('a', { n: '1' });
      await put('b', { n: '1' });
      const asked: string[] = [];
      const { store } = follow({ observer: { asked: (how) => asked.push(how) } });
      await store.whenSynced();
      expect(asked).toEqual(['streaming-list']);
      expect(store.list().map(({ metadata }) => metadata.name)).toEqual(['a', 'b']);
      await put('a', { n: '2' });
      await put('c', { n: '1' });
      await remove('b');
      await eventually(() => told.length === 5);
      expect(told).toEqual([
        ['added', 'a', { n: '1' }],
        ['added', 'b', { n: '1' }],
        ['changed', 'a', { n: '2' }],
        ['added', 'c', { n: '1' }],
        ['deleted', 'b', { n: '1' }],
      ]);
      expect(asked).toEqual(['streaming-list']);
    });

    it('2. begins anew with the whole state after half an hour, and so learns what was lost on the way', async () => {
      await put('lost', { n: '1' });
      const asked: string[] = [];
      const ended = withFirstWatchEnded({
        page: (type, options, token) => client.page(type, options, token),
        watch: async (type, options) => withoutDeletions(await client.watch(type, options)),
      });
      let now = 0;
      const clock: Clock = { now: () => now, date: () => new Date(), after: () => () => {} };
      const { store } = follow({
        client: ended.client,
        clock,
        random: () => 0,
        observer: { asked: (how) => asked.push(how) },
      });
      await store.whenSynced();
      await remove('lost');
      await put('a', { n: '1' });
      await eventually(() => store.size === 2);
      now = HALF_AN_HOUR_MS;
      ended.end();
      await eventually(() => store.size === 1);
      expect(asked).toEqual(['streaming-list', 'streaming-list']);
      expect(told.map(([kind, at]) => [kind, at])).toEqual([
        ['added', 'lost'],
        ['added', 'a'],
        ['deleted', 'lost'],
      ]);
      await put('b', { n: '1' });
      await eventually(() => store.size === 2);
    });

    it('3. tells a deletion with the last state and the version of the deletion', async () => {
      const made = await put('a', { n: '1' });
      const { store } = follow();
      const events: (readonly [StoreEvent<ConfigMap>, stillThere: boolean])[] = [];
      store.listen((event) => events.push([event, store.get(event.object.metadata) !== undefined]));
      await store.whenSynced();
      await remove('a');
      await eventually(() => events.length === 2);
      const [, [deletion, stillThere] = []] = events;
      expect(deletion).toMatchObject({ kind: 'deleted', object: { metadata: { uid: made.metadata.uid } } });
      expect(deletion?.object.metadata.resourceVersion).not.toBe(made.metadata.resourceVersion);
      expect(stillThere).toBe(false);
    });

    it('3. tells an object that was made anew as a deletion and an addition', async () => {
      const first = await put('a', { n: '1' });
      const { store } = follow();
      await store.whenSynced();
      await remove('a');
      const second = await put('a', { n: '1' });
      await eventually(() => told.length === 3);
      expect(told.map(([kind]) => kind)).toEqual(['added', 'deleted', 'added']);
      expect(store.get({ namespace, name: 'a' })?.metadata.uid).toBe(second.metadata.uid);
      expect(second.metadata.uid).not.toBe(first.metadata.uid);
    });

    it('6. relists when its version is too old', async () => {
      await put('a', { n: '1' });
      const asked: string[] = [];
      const versions: (string | undefined)[] = [];
      const stale: Pick<KubeClient, 'page' | 'watch'> = {
        page: (type, options, token) => client.page(type, options, token),
        watch(type, options = {}) {
          versions.push(options.resourceVersion);
          // The first watch after the first list is given a version from before the crash.
          const tooOld = versions.length === 2;
          return client.watch(type, tooOld ? { ...options, resourceVersion: '1' } : options);
        },
      };
      await server.crash();
      const ended = withFirstWatchEnded(stale);
      const { store } = follow({ client: ended.client, observer: { asked: (how) => asked.push(how) } });
      await store.whenSynced();
      ended.end();
      await eventually(() => asked.length === 3);
      await put('b', { n: '1' });
      await eventually(() => store.size === 2);
      expect(asked).toEqual(['streaming-list', 'watch', 'streaming-list']);
      expect(told.map(([kind, at]) => [kind, at])).toEqual([
        ['added', 'a'],
        ['added', 'b'],
      ]);
    });

    it('5. goes on by itself when the API server has crashed', async () => {
      await put('a', { n: '1' });
      const { store, failures } = follow();
      await store.whenSynced();
      await server.crash();
      await put('b', { n: '1' });
      await remove('a');
      await eventually(() => store.size === 1 && failures().length === 0);
      await put('c', { n: '1' });
      await eventually(() => store.size === 2);
      expect(told.map(([kind, at]) => `${kind} ${at}`).toSorted()).toEqual([
        'added a',
        'added b',
        'added c',
        'deleted a',
      ]);
    });

    it('4. learns from bookmarks how far it is, and goes on from there', async () => {
      await put('a', { n: '1' });
      const { resourceVersion } = await client.list(configMaps, { namespace });
      // A watch that ends by its timeout: the API server sends a bookmark shortly before.
      const stream = await client.watch(configMaps, {
        namespace,
        resourceVersion,
        allowWatchBookmarks: true,
        timeoutSeconds: 3,
      });
      await put('elsewhere', { n: '1' }, 'default');
      const events = await readAll(stream);
      expect(events.map(({ type }) => type)).toContain('BOOKMARK');
      const bookmark = events.findLast((event) => event.type === 'BOOKMARK');
      const next = await client.watch(configMaps, {
        namespace,
        resourceVersion: bookmark?.type === 'BOOKMARK' ? bookmark.resourceVersion : '',
        timeoutSeconds: 1,
      });
      expect(await readAll(next)).toEqual([]);
      await client.delete(configMaps, { namespace: 'default', name: 'elsewhere' });
    });

    it('5. misses nothing of what happens between two watches', async () => {
      const { resourceVersion } = await client.list(configMaps, { namespace });
      await put('a', { n: '1' });
      await put('a', { n: '2' });
      await remove('a');
      const stream = await client.watch(configMaps, { namespace, resourceVersion, timeoutSeconds: 1 });
      const events = await readAll<ConfigMap>(stream);
      expect(
        events.map((event) =>
          event.type === 'ADDED' || event.type === 'MODIFIED' || event.type === 'DELETED'
            ? [event.type, event.object.data]
            : [],
        ),
      ).toEqual([
        ['ADDED', { n: '1' }],
        ['MODIFIED', { n: '2' }],
        ['DELETED', { n: '2' }],
      ]);
    });

    it('8. restarts after a line that cannot be read, and misses nothing', async () => {
      let opened = 0;
      const badLines: string[] = [];
      const garbled: Pick<KubeClient, 'page' | 'watch'> = {
        page: (type, options, token) => client.page(type, options, token),
        async watch(type, options) {
          const stream = await client.watch(type, options);
          opened += 1;
          return opened === 1 ? withoutObject(stream, 'garbled') : stream;
        },
      };
      const { store } = follow({ client: garbled, observer: { badLine: (excerpt) => badLines.push(excerpt) } });
      await store.whenSynced();
      await put('garbled', { n: '1' });
      await put('after', { n: '1' });
      await eventually(() => store.size === 2);
      expect(badLines).toEqual(['<html>']);
      expect(told.map(([kind, at]) => [kind, at])).toEqual([
        ['added', 'garbled'],
        ['added', 'after'],
      ]);
    });

    it('9. reads no further while there is no room, and everything when there is', async () => {
      let room: PromiseWithResolvers<void> | undefined;
      const { store } = follow({ room: () => room?.promise });
      await store.whenSynced();
      room = Promise.withResolvers<void>();
      await put('a', { n: '1' });
      await eventually(() => store.size === 1);
      await put('b', { n: '1' });
      await put('c', { n: '1' });
      await pause(100);
      expect(store.size).toBe(1);
      room.resolve();
      room = undefined;
      await eventually(() => store.size === 3);
      expect(told.map(([, at]) => at)).toEqual(['a', 'b', 'c']);
    });

    it('10. keeps neither managed fields nor what kubectl applied last, and freezes what it keeps', async () => {
      await client.apply(configMaps, {
        metadata: {
          namespace,
          name: 'a',
          annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}', keep: 'this' },
        },
        data: { n: '1', m: '2' },
      });
      const { store } = follow({}, { reduce: (object) => ({ ...object, data: { n: object.data?.['n'] ?? '' } }) });
      await store.whenSynced();
      const kept = store.get({ namespace, name: 'a' });
      expect(kept?.metadata.managedFields).toBeUndefined();
      expect(kept?.metadata.annotations).toEqual({ keep: 'this' });
      expect(kept?.data).toEqual({ n: '1' });
      expect(() => Object.assign(kept?.metadata ?? {}, { name: 'b' })).toThrow(TypeError);
    });

    it('11. watches each of its namespaces, and no other, into one store', async () => {
      const [second, third] = [await newNamespace(connected), await newNamespace(connected)];
      await put('a', { n: '1' });
      await put('b', { n: '1' }, second);
      await put('c', { n: '1' }, third);
      const { store } = follow({ namespaces: [namespace, second] });
      await store.whenSynced();
      expect(
        store
          .list()
          .map(({ metadata }) => metadata.name)
          .toSorted(),
      ).toEqual(['a', 'b']);
      await put('d', { n: '1' }, third);
      await put('e', { n: '1' }, second);
      await eventually(() => store.size === 3);
      expect(store.list(second).map(({ metadata }) => metadata.name)).toEqual(['b', 'e']);
    });

    const label = (value: string): Promise<unknown> =>
      client.patch(configMaps, { namespace, name: 'a' }, 'merge', { metadata: { labels: { app: value } } });

    it('11. forgets an object whose label no longer selects it', async () => {
      await put('a', { n: '1' });
      await label('ours');
      await put('b', { n: '1' });
      const { store } = follow({ labelSelector: 'app=ours' });
      await store.whenSynced();
      expect(store.size).toBe(1);
      await label('theirs');
      await eventually(() => store.size === 0);
      await label('ours');
      await eventually(() => store.size === 1);
      expect(told.map(([kind, at]) => [kind, at])).toEqual([
        ['added', 'a'],
        ['deleted', 'a'],
        ['added', 'a'],
      ]);
    });

    it('11. follows one object by a field selector', async () => {
      await put('a', { n: '1' });
      await put('b', { n: '1' });
      const { store } = follow({ fieldSelector: 'metadata.name=b' });
      await store.whenSynced();
      expect(store.list().map(({ metadata }) => metadata.name)).toEqual(['b']);
    });

    it('11. gets metadata only, in the list and in the watch', async () => {
      await put('a', { n: '1' });
      const { store } = follow({ metadataOnly: true });
      await store.whenSynced();
      await put('b', { n: '1' });
      await eventually(() => store.size === 2);
      expect(store.list().map(({ kind, data }) => [kind, data])).toEqual([
        ['PartialObjectMetadata', undefined],
        ['PartialObjectMetadata', undefined],
      ]);
    });

    it('follows a custom resource, its status and its replicas', async () => {
      const store = new Store<Widget>({ freeze: true });
      const versions: (string | undefined)[] = [];
      store.listen(({ object }) => versions.push(object.status?.phase));
      const informer = createInformer({ client, type: widgets, store, namespaces: [namespace] });
      running.push(informer);
      informer.start();
      await store.whenSynced();
      const at = { namespace, name: 'w' };
      await client.create(widgets, { metadata: at, spec: { replicas: 1 } });
      await client.patchStatus(widgets, at, { phase: 'Ready' });
      await client.scale(widgets, at, 3);
      await eventually(() => store.get(at)?.spec?.replicas === 3);
      expect(versions).toEqual([undefined, 'Ready', 'Ready']);
    });
  });
}

async function readAll<T>(stream: AsyncIterable<Uint8Array>): Promise<readonly WatchEvent<T>[]> {
  const lines = new LineSplitter();
  const events: WatchEvent<T>[] = [];
  for await (const chunk of stream) {
    for (const line of lines.push(chunk)) {
      events.push(readEvent<T>(line));
    }
  }
  return events;
}

const HALF_AN_HOUR_MS = 1_800_000;

/** In the place of that object's line there is one that a proxy has written. */
function withoutObject(stream: ByteStream, name: string): ByteStream {
  return {
    close: () => stream.close(),
    async *[Symbol.asyncIterator]() {
      const lines = new LineSplitter();
      for await (const chunk of stream) {
        for (const line of lines.push(chunk)) {
          const isOurs = Buffer.from(line).includes(`"name":"${name}"`);
          yield Buffer.concat([isOurs ? Buffer.from('<html>') : line, Buffer.from('\n')]);
        }
      }
    },
  };
}

/** What is deleted gets lost on the way; the stream stays whole. */
function withoutDeletions(stream: ByteStream): ByteStream {
  return {
    close: () => stream.close(),
    async *[Symbol.asyncIterator]() {
      const lines = new LineSplitter();
      for await (const chunk of stream) {
        for (const line of lines.push(chunk)) {
          if (readEvent(line).type !== 'DELETED') {
            yield Buffer.concat([line, Buffer.from('\n')]);
          }
        }
      }
    },
  };
}

/** The first watch can be ended here as a server ends one: in good order. */
function withFirstWatchEnded(client: Pick<KubeClient, 'page' | 'watch'>): {
  readonly client: Pick<KubeClient, 'page' | 'watch'>;
  end(): void;
} {
  let close: (() => void) | undefined;
  return {
    client: {
      page: (type, options, token) => client.page(type, options, token),
      async watch(type, options) {
        const stream = await client.watch(type, options);
        // Whoever closes a stream beside its loop makes the loop end.
        close ??= () => stream.close();
        return stream;
      },
    },
    end: () => close?.(),
  };
}
