// The driver over real HTTP, on the fake API server, with faults and a clock that stands still.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createClient } from '../client/kube-client.ts';
import { resource, type KubeObject } from '../client/resource.ts';
import type { KubeClient } from '../client/types.ts';
import { Store } from '../store/store.ts';
import { startFakeApiServer, type FakeApiServer, type FakeApiServerOptions } from '../testing/fake-api-server/index.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { eventually } from '../testing/suite/test-server.ts';
import { createTransport } from '../transport/http-transport.ts';
import type { Transport } from '../transport/types.ts';
import { createInformer, type Informer, type InformerOptions } from './informer.ts';

const configMaps = resource({ group: '', version: 'v1', plural: 'configmaps', kind: 'ConfigMap', namespaced: true });

const HALF_AN_HOUR_MS = 1_800_000;

describe('a reflector', () => {
  let server: FakeApiServer;
  let transport: Transport;
  let client: KubeClient;
  let clock: FakeClock;
  let store: Store<KubeObject>;
  let informer: Informer<KubeObject, never> | undefined;
  let told: string[];
  let asked: string[];
  let badLines: string[];
  let failures: (readonly [message: string, retryMs: number])[];

  const begin = async (options: FakeApiServerOptions = {}): Promise<void> => {
    server = await startFakeApiServer(options);
    transport = createTransport(server.access, { userAgent: 'test/1.0' });
    client = createClient(transport, { fieldManager: 'test' });
  };
  beforeEach(() => {
    clock = new FakeClock();
    store = new Store<KubeObject>({ freeze: true });
    [told, asked, badLines, failures] = [[], [], [], []];
    store.listen(({ kind, object }) => told.push(`${kind} ${object.metadata.name}`));
  });
  afterEach(async () => {
    informer?.stop();
    await transport.close();
    await server.stop();
  });

  const put = (...names: readonly string[]): Promise<unknown> =>
    Promise.all(
      names.map((name) =>
        client.apply(configMaps, { metadata: { namespace: 'default', name, labels: { at: `${told.length}` } } }),
      ),
    );
  const follow = (options: Partial<InformerOptions<KubeObject, never>> = {}): void => {
    informer = createInformer({
      client,
      type: configMaps,
      store,
      clock,
      random: () => 0,
      observer: {
        asked: (how) => asked.push(how),
        failed: (error, retryMs) => failures.push([error.message, retryMs]),
        badLine: (excerpt) => badLines.push(excerpt),
      },
      ...options,
    });
    informer.start();
  };
  const openWatch = (): ReturnType<FakeApiServer['watches']>[number] => {
    const [watch] = server.watches('configmaps');
    if (watch === undefined) {
      throw new Error('no watch is open');
    }
    return watch;
  };

  it('1. lists by pages an API server that knows no streaming lists, and begins anew when a token is too old', async () => {
    await begin({ streamingLists: false });
    await put('a', 'b', 'c', 'd', 'e');
    let pages = 0;
    server.setFaults(({ verb }) => {
      if (verb === 'list' && (pages += 1) === 2) {
        server.expireHistory();
      }
      return undefined;
    });
    follow({ pageLimit: 2 });
    await store.whenSynced();
    expect(asked).toEqual(['streaming-list', 'list', 'list', 'list', 'list', 'list', 'watch']);
    expect(told).toEqual(['added a', 'added b', 'added c', 'added d', 'added e']);
    await eventually(() => server.watches('configmaps').length === 1);
    await put('f');
    await eventually(() => store.size === 6);
  });

  it('2. lists by pages when the end of the streaming list does not come in 10 s', async () => {
    await begin();
    await put('a');
    // As a server does that takes the option and does not know it: nothing comes after the head.
    server.setFaults(({ verb, query }) =>
      verb === 'watch' && query.has('sendInitialEvents') ? { kind: 'silence' } : undefined,
    );
    follow();
    await eventually(() => server.requests.some(({ verb }) => verb === 'watch'));
    await clock.advance(9_999);
    expect(asked).toEqual(['streaming-list']);
    await clock.advance(1);
    await store.whenSynced();
    expect(asked.slice(0, 3)).toEqual(['streaming-list', 'list', 'watch']);
    expect(told).toEqual(['added a']);
  });

  it('2. learns within an hour of an event that was lost, without a request more than its watches', async () => {
    await begin();
    await put('a');
    follow();
    await store.whenSynced();
    openWatch().loseNext();
    await client.delete(configMaps, { namespace: 'default', name: 'a' });
    await put('b');
    await eventually(() => told.length === 2);
    while (clock.now() < HALF_AN_HOUR_MS) {
      const before = asked.length;
      // Less than the silence in which it would ask again by itself.
      await clock.advance(100_000);
      openWatch().end();
      await eventually(() => asked.length > before && server.watches('configmaps').length === 1);
    }
    await eventually(() => told.length === 3);
    expect(told).toEqual(['added a', 'added b', 'deleted a']);
    expect(new Set(asked.slice(1, -1))).toEqual(new Set(['watch']));
    expect(asked.at(-1)).toBe('streaming-list');
    await put('c');
    await eventually(() => store.size === 2);
  });

  it('3. tells once what went while nobody watched, with the last state that was known', async () => {
    await begin();
    await put('a', 'b');
    follow();
    await store.whenSynced();
    const before = store.get({ namespace: 'default', name: 'a' });
    const gone: unknown[] = [];
    store.listen(({ kind, object }) => (kind === 'deleted' ? gone.push(object) : undefined));
    openWatch().freeze();
    await client.delete(configMaps, { namespace: 'default', name: 'a' });
    server.expireHistory();
    openWatch().cut();
    await eventually(() => told.length === 3);
    expect(told).toEqual(['added a', 'added b', 'deleted a']);
    expect(gone).toEqual([before]);
  });

  it('3. tells nothing of a list that breaks off in its middle', async () => {
    await begin({ streamingLists: false });
    await put('a', 'b', 'c');
    server.setFaults(({ verb, query }) =>
      verb === 'list' && query.has('continue') ? { kind: 'cut', when: 'before' } : undefined,
    );
    follow({ pageLimit: 2 });
    await eventually(() => failures.length === 1);
    expect(store.size).toBe(0);
    expect(store.isSynced).toBe(false);
    server.setFaults(undefined);
    await clock.advance(800);
    await store.whenSynced();
    expect(store.size).toBe(3);
  });

  it('5. goes on at once after the end of a watch, without a list, and misses nothing', async () => {
    await begin();
    follow();
    await store.whenSynced();
    openWatch().bookmark();
    openWatch().freeze();
    await put('a');
    openWatch().end();
    await eventually(() => store.size === 1);
    expect(asked).toEqual(['streaming-list', 'watch']);
    expect(clock.now()).toBe(0);
  });

  it('5. leaves no gap longer than the backoff however often watches end', async () => {
    await begin();
    follow();
    await store.whenSynced();
    server.setFaults(({ verb }) => (verb === 'watch' ? { kind: 'refuse', status: 500 } : undefined));
    openWatch().end();
    const gaps: number[] = [];
    for (let count = 1; count <= 8; count += 1) {
      await eventually(() => failures.length === count);
      gaps.push(failures.at(-1)?.[1] ?? 0);
      if (count === 8) {
        server.setFaults(undefined);
        await put('a');
      }
      await clock.advance(gaps.at(-1) ?? 0);
    }
    await eventually(() => store.size === 1);
    expect(Math.max(...gaps)).toBe(30_000);
  });

  it('6. waits as long as Retry-After says', async () => {
    await begin();
    follow();
    await store.whenSynced();
    server.setFaults(({ verb }) =>
      verb === 'watch' ? { kind: 'refuse', status: 429, retryAfterSeconds: 3 } : undefined,
    );
    openWatch().end();
    await eventually(() => failures.length === 1);
    expect(failures).toEqual([['refused with 429', 3_000]]);
    server.setFaults(undefined);
    await clock.advance(2_999);
    expect(server.watches('configmaps')).toEqual([]);
    await clock.advance(1);
    await eventually(() => server.watches('configmaps').length === 1);
  });

  it('6. shows that it is forbidden until it no longer is', async () => {
    await begin();
    server.setFaults(({ resource: what }) =>
      what === 'configmaps' ? { kind: 'refuse', status: 403, reason: 'Forbidden' } : undefined,
    );
    follow();
    await eventually(() => failures.length === 1);
    expect(informer?.failures()).toMatchObject([{ status: 403, reason: 'Forbidden' }]);
    server.setFaults(undefined);
    await clock.advance(30_000);
    await store.whenSynced();
    expect(informer?.failures()).toEqual([]);
  });

  it('6. lists again after an ERROR event of 410, and goes on after any other', async () => {
    await begin();
    await put('a');
    follow();
    await store.whenSynced();
    openWatch().sendEvent({ type: 'ERROR', object: { kind: 'Status', code: 500, message: 'etcd is not well' } });
    await eventually(() => failures.length === 1);
    expect(failures[0]).toEqual(['etcd is not well', 800]);
    await clock.advance(800);
    await eventually(() => server.watches('configmaps').length === 1);
    openWatch().sendEvent({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } });
    await eventually(() => asked.length === 3);
    expect(asked).toEqual(['streaming-list', 'watch', 'streaming-list']);
    await put('b');
    await eventually(() => store.size === 2);
    expect(told).toEqual(['added a', 'added b']);
  });

  it('7. gives up a watch that says nothing any more, although its connection answers', async () => {
    await begin({ tls: true });
    follow();
    await store.whenSynced();
    openWatch().freeze();
    await put('a');
    await clock.advance(149_999);
    expect(store.size).toBe(0);
    await clock.advance(1);
    await eventually(() => store.size === 1);
    expect(asked).toEqual(['streaming-list', 'watch']);
  });

  it('8. counts a line that cannot be read, shows its first 200 bytes, and goes on without a loss', async () => {
    await begin();
    follow();
    await store.whenSynced();
    openWatch().sendText(`{"type":"ADDED","object":${'x'.repeat(300)}\n`);
    await eventually(() => badLines.length === 1);
    expect(badLines[0]).toHaveLength(200);
    await put('a');
    await clock.advance(800);
    await eventually(() => store.size === 1);
    expect(asked).toEqual(['streaming-list', 'watch']);
  });

  it('8. takes the end of the stream within a line for a broken connection', async () => {
    await begin();
    await put('a');
    follow();
    await store.whenSynced();
    openWatch().bookmark();
    openWatch().sendText('{"type":"DEL');
    openWatch().end();
    await eventually(() => asked.length === 2);
    await put('b');
    await eventually(() => store.size === 2);
    expect(failures.map(([message]) => message)).toEqual(['the watch ended within a line']);
  });

  it('9. reads no further while there is no room, and everything when there is', async () => {
    await begin();
    let room: PromiseWithResolvers<void> | undefined;
    follow({ room: () => room?.promise });
    await store.whenSynced();
    room = Promise.withResolvers<void>();
    await put('a');
    await eventually(() => store.size === 1);
    await put('b', 'c');
    // Longer than any silence that it bears from the server.
    await clock.advance(400_000);
    expect(told).toEqual(['added a']);
    expect(asked).toEqual(['streaming-list']);
    room.resolve();
    room = undefined;
    await eventually(() => store.size === 3);
    expect(asked).toEqual(['streaming-list']);
  });

  it('11. lists and watches by pages in each namespace of its own', async () => {
    await begin({ streamingLists: false });
    await put('a');
    follow({ namespaces: ['default', 'kube-system', 'default'], labelSelector: 'at=0' });
    await store.whenSynced();
    await eventually(() => server.watches('configmaps').length === 2);
    const open = server
      .watches('configmaps')
      .map(({ request }) => [request.namespace, request.query.get('labelSelector')]);
    expect(open.toSorted()).toEqual([
      ['default', 'at=0'],
      ['kube-system', 'at=0'],
    ]);
    expect(told).toEqual(['added a']);
  });

  it('20. asks nothing more when it has been stopped', async () => {
    await begin();
    follow();
    await store.whenSynced();
    informer?.stop();
    await eventually(() => server.watches('configmaps').length === 0);
    const before = server.requests.length;
    await clock.advance(1_000_000);
    expect(server.requests.length).toBe(before);
  });

  it('23. goes on without a list when the connection with all watches breaks', async () => {
    await begin({ tls: true });
    await put('a');
    follow({ namespaces: ['default', 'kube-system'] });
    await store.whenSynced();
    for (const watch of server.watches('configmaps')) {
      watch.bookmark();
    }
    server.cutConnections();
    await eventually(() => asked.length === 4);
    await put('b');
    await eventually(() => store.size === 2);
    expect(asked.toSorted()).toEqual(['streaming-list', 'streaming-list', 'watch', 'watch']);
  });
});
