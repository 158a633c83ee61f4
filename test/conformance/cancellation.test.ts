// A client that goes away ends the work that was for it: the guest, its timers and its requests to others. Nothing of it
// is left behind (spin-contract.md §3.4).
import { once } from 'node:events';
import type { ClientRequest } from 'node:http';
import { getActiveResourcesInfo } from 'node:process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ask, BodyReader, open, responseTo } from './client.ts';
import { eventually } from './eventually.ts';
import { fixturePath } from '../guests/fixtures.ts';
import { serveComponents, type ServedGuest } from './serve-guest.ts';
import { holdingUpstream, type HoldingUpstream } from './upstream.ts';

let served: ServedGuest;
let upstream: HoldingUpstream;

beforeEach(async () => {
  served = await serveComponents(
    await Promise.all(
      ['recho', 'rchunks', 'rfanout', 'rnever'].map(async (id) => ({
        id,
        // The path alone says what rnever does.
        route: id === 'rnever' ? '/...' : `/${id}/...`,
        source: await fixturePath(id),
      })),
    ),
    { component: 'allowed_outbound_hosts = ["http://127.0.0.1:*"]' },
  );
  upstream = await holdingUpstream();
});

afterEach(() => upstream?.close());

/** What keeps an event loop alive, by kind. */
function resources(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const kind of getActiveResourcesInfo()) {
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

/** A request whose connection may be cut without anybody minding. */
function begin(path: string, body?: string): ClientRequest {
  const client = open(served.port, path, { method: body === undefined ? 'GET' : 'POST' });
  client.on('error', () => {});
  if (body === undefined) {
    client.end();
  } else {
    client.write(body);
  }
  return client;
}

/** Ways to begin a request that the guest will not end, up to where the guest is at it. */
const HANGING: readonly (readonly [string, () => Promise<ClientRequest>])[] = [
  [
    'before it answers',
    async () => {
      const client = begin('/hang');
      // Nothing is heard of it; but what was sent later has been answered.
      await ask(served.port, '/recho/');
      return client;
    },
  ],
  [
    'after the head of its answer',
    async () => {
      const client = begin('/hang-headers');
      await responseTo(client);
      return client;
    },
  ],
  [
    'after a part of its answer',
    async () => {
      const client = begin('/hang-body');
      await new BodyReader(await responseTo(client)).until('half of it\n'.length);
      return client;
    },
  ],
  [
    'while it writes',
    async () => {
      const client = begin('/rchunks/?count=1000000&size=65536');
      await new BodyReader(await responseTo(client)).until(1_000_000);
      return client;
    },
  ],
  [
    'while it waits for the rest of the request',
    async () => {
      const client = begin('/recho/', 'half');
      await new BodyReader(await responseTo(client)).until('half'.length);
      return client;
    },
  ],
  [
    'while it waits for another server',
    async () => {
      const before = upstream.held.length;
      const client = begin(`/rfanout/?url=${upstream.url}/`);
      await eventually(() => upstream.held.length > before);
      return client;
    },
  ],
];

describe('a client that disconnects', () => {
  it.each(HANGING)('ends the guest %s, again and again, and leaves nothing behind', async (_when, hang) => {
    await ask(served.port, '/recho/', { method: 'POST', body: 'warm' });
    await eventually(() => (resources()['TCPSocketWrap'] ?? 0) === 0);
    const before = resources();
    for (let round = 0; round < 3; round += 1) {
      const clients = await Promise.all(Array.from({ length: 5 }, hang));
      for (const client of clients) {
        client.destroy();
      }
    }
    // The runner has a timer of its own now and then; what leaks would be there once for each request.
    await eventually(() => Object.entries(resources()).every(([kind, count]) => count <= (before[kind] ?? 0) + 1));
    expect(served.errors).toEqual([]);
    expect((await ask(served.port, '/recho/', { method: 'POST', body: 'served on' })).body).toBe('served on');
    expect(await served.stop()).toBe(0);
  });

  it('cuts the requests that the guest has made for it', async () => {
    const client = begin(`/rfanout/?url=${upstream.url}/a&url=${upstream.url}/b`);
    await eventually(() => upstream.held.length === 2);
    const cut = Promise.all(upstream.held.map(({ response }) => once(response, 'close')));
    client.destroy();
    await cut;
    expect(upstream.held.map(({ response }) => response.writableFinished)).toEqual([false, false]);
    expect(await served.stop()).toBe(0);
  });
});

describe('a runtime that stops', () => {
  it('ends the guests that would never end', async () => {
    const client = begin('/hang-headers');
    const reader = new BodyReader(await responseTo(client));
    expect(await served.app.stop(0)).toBe(1);
    expect(await reader.whole()).toBe('cut');
  });
});
