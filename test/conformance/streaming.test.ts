// Bodies flow in both directions as they are made, no faster than they are read, and leave the connection usable
// (spin-contract.md §3.4, §3.9).
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Agent } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ask, BodyReader, open, readWhole, responseTo } from './client.ts';
import { eventually } from './eventually.ts';
import { serveGuests, type ServedGuest } from './serve-guest.ts';
import { holdingUpstream, type HoldingUpstream } from './upstream.ts';

let served: ServedGuest;
let upstream: HoldingUpstream;

beforeAll(async () => {
  served = await serveGuests(['recho', 'rchunks', 'rlate', 'rdump', 'rio'], {
    component: 'allowed_outbound_hosts = ["http://127.0.0.1:*"]',
  });
  upstream = await holdingUpstream();
});

afterAll(async () => {
  await served?.stop();
  await upstream?.close();
});

describe('a body that is echoed', () => {
  it.each(['', '?blocking', '?splice', '?read=2'])('comes back piece by piece (recho%s)', async (query) => {
    const client = open(served.port, `/recho/${query}`, { method: 'POST' });
    const sent = ['one', 'two', 'three'];
    client.write('zero');
    const reader = new BodyReader(await responseTo(client));
    await reader.until(4);
    for (const piece of sent) {
      client.write(piece);
      await reader.until(reader.text.length + piece.length);
    }
    client.end();
    expect(await reader.whole()).toBe('whole');
    expect(reader.text).toBe('zeroonetwothree');
  });

  it.each(['', '?splice', '?buffer'])('of a megabyte in chunks of all sizes arrives whole (recho%s)', async (query) => {
    const bytes = randomBytes(1_048_576);
    const client = open(served.port, `/recho/${query}`, { method: 'POST' });
    const response = responseTo(client);
    for (let at = 0, size = 1; at < bytes.length; at += size, size = Math.min(size * 3, 200_000)) {
      client.write(bytes.subarray(at, at + size));
    }
    client.end();
    const digest = createHash('sha256');
    for await (const piece of await response) {
      digest.update(piece as Buffer);
    }
    expect(digest.digest('hex')).toBe(createHash('sha256').update(bytes).digest('hex'));
  });

  it('brings its trailers back', async () => {
    const client = open(served.port, '/recho/', { method: 'POST', headers: { trailer: 'x-sum' } });
    client.write('body');
    client.addTrailers({ 'x-sum': '42', 'x-other': 'a' });
    client.end();
    expect(await readWhole(await responseTo(client))).toMatchObject({
      status: 200,
      body: 'body',
      trailers: { 'x-sum': '42', 'x-other': 'a' },
    });
  });
});

describe('a client that does not read', () => {
  // More than the buffers of two sockets and of all streams between them can hold (Linux: 6 MiB in, 4 MiB out each).
  const TOTAL = 48;
  const MEGABYTE = Buffer.alloc(1_048_576, 'm');

  it('holds the guest back, which then takes no more of the request', async () => {
    const client = open(served.port, '/recho/', { method: 'POST' });
    const response = responseTo(client);
    let sent = 0;
    const upload = (async () => {
      for (; sent < TOTAL; sent += 1) {
        if (!client.write(MEGABYTE)) {
          await once(client, 'drain');
        }
      }
      client.end();
    })();
    const answer = await response;
    // Until nothing moves any more: a second look finds what the first one found.
    for (let before = -1; before !== sent;) {
      before = sent;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    expect(sent).toBeLessThan(TOTAL);
    let received = 0;
    answer.on('data', (piece: Buffer) => (received += piece.length));
    await Promise.all([upload, once(answer, 'end')]);
    expect(received).toBe(TOTAL * MEGABYTE.length);
  });
});

describe('an answer before the end of the request', () => {
  it('arrives whole while the request is still being sent', async () => {
    const client = open(served.port, '/recho/?ignore', { method: 'POST' });
    client.write('the beginning');
    expect(await readWhole(await responseTo(client))).toMatchObject({ status: 200, body: 'ignored\n' });
    client.end('the end');
  });
});

describe('work after the answer', () => {
  it('goes on when the client has all of it, and what it prints is logged', async () => {
    const answer = await ask(served.port, `/rlate/?steps=1&ms=1&url=${upstream.url}/`);
    expect(answer).toMatchObject({ status: 200, body: 'answered\n' });
    await eventually(() => upstream.held.length > 0);
    expect(served.output()).not.toContain('late request');
    upstream.held[0]?.response.end();
    await eventually(() => served.output().includes('late end'));
    expect(served.output()).toContain('late step 1\nlate request 200\nlate end\n');
  });

  it('that fails is reported with the name of the component', async () => {
    const before = served.errors.length;
    await ask(served.port, '/rlate/?steps=1&ms=1&panic');
    await eventually(() => served.errors.length > before);
    expect(served.errors.slice(before)).toEqual([
      expect.stringMatching(/^Component error after response started, component rlate: /),
    ]);
    expect(served.output()).toContain('late failure');
  });
});

describe('a connection', () => {
  let agent: Agent;

  beforeEach(() => {
    agent = new Agent({ keepAlive: true, maxSockets: 1 });
  });

  afterEach(() => agent.destroy());

  const unread = 'x'.repeat(1_000_000);

  it.each([
    ['an echo', '/recho/', { method: 'POST', body: 'hello' }],
    ['trailers', '/rdump/?trailer=x-sum:1', {}],
    ['a body in chunks', '/rchunks/?count=3&size=70000', {}],
    ['a body of a declared length', '/rchunks/?count=2&size=3&length', {}],
    ['no body', '/rdump/?none', {}],
    ['a small request body that nobody reads', '/recho/?ignore', { method: 'POST', body: 'x' }],
    ['a large request body that nobody reads', '/recho/?ignore', { method: 'POST', body: unread }],
    ['a request body that was begun and dropped', '/rio/drop-body-unread', { method: 'POST', body: unread }],
    ['a large request body on no route', '/none', { method: 'POST', body: unread }],
    ['work after the answer', '/rlate/?steps=1&ms=1', {}],
    ['a request that failed', '/rdump/?error=x', { method: 'POST', body: unread }],
  ])('serves on after %s', async (_what, path, asked) => {
    const first = open(served.port, path, { ...asked, agent, headers: lengthOf(asked) });
    first.end('body' in asked ? asked.body : undefined);
    await readWhole(await responseTo(first));
    const second = open(served.port, '/recho/', { method: 'POST', agent });
    second.end('still here');
    expect((await readWhole(await responseTo(second))).body).toBe('still here');
    expect(second.reusedSocket).toBe(true);
  });
});

const lengthOf = (asked: object): Record<string, string> =>
  'body' in asked ? { 'content-length': String((asked.body as string).length) } : {};
