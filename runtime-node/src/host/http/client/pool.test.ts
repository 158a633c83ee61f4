import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { IncomingBody } from '../types/incoming-body.ts';
import { h2cPeer, Peers, type Peer } from '../testing/peers.ts';
import { answer, expectResponse, readBody, SendingGuest } from '../testing/sending-guest.ts';

const POST = { tag: 'post' } as const;

let guest: SendingGuest;
const peers = new Peers();

async function open(config: Readonly<Record<string, unknown>> = {}): Promise<void> {
  guest = await SendingGuest.open({ config });
}

function echo(): Promise<Peer> {
  return peers.http((request, response) => {
    response.flushHeaders();
    request.pipe(response);
  });
}

/** A connection is free some turns of the event loop after its response has been read. */
const freed = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 10));

async function roundTrip(peer: Peer): Promise<void> {
  await readBody(expectResponse(await guest.send({ authority: peer.authority })));
  await freed();
}

beforeEach(() => open());

afterEach(async () => {
  await guest.close();
  await peers.close();
});

describe('connections', () => {
  it('serve one request after another', async () => {
    const peer = await echo();
    for (let i = 0; i < 3; i += 1) {
      await roundTrip(peer);
    }
    expect(peer.connections()).toBe(1);
  });

  it('are as many as there are requests at a time', async () => {
    const peer = await echo();
    const held = [1, 2, 3].map(() => guest.beginWithBody({ authority: peer.authority, method: POST }));
    const responses = await Promise.all(held.map(async ({ future }) => expectResponse(await answer(future))));
    expect(peer.connections()).toBe(3);
    for (const [index, { body, stream }] of held.entries()) {
      stream.write(Buffer.from(`${index}`));
      stream[Symbol.dispose]();
      body.finish(undefined);
    }
    const bodies = await Promise.all(responses.map(readBody));
    expect(bodies.map(({ text }) => text)).toEqual(['0', '1', '2']);
  });

  it('are not shared by two requests that begin at once', async () => {
    const peer = await echo();
    await roundTrip(peer);
    await Promise.all([roundTrip(peer), roundTrip(peer)]);
    expect(peer.connections()).toBe(2);
  });

  it('are not kept when the response was not read to its end', async () => {
    const peer = await peers.http((_request, response) => response.write('part'));
    const response = expectResponse(await guest.send({ authority: peer.authority }));
    (response.consume().val as IncomingBody)[Symbol.dispose]();
    await guest.send({ authority: peer.authority });
    expect(peer.connections()).toBe(2);
  });

  it('are kept when the guest did not want a body that was here already', async () => {
    const peer = await peers.http((_request, response) => response.end('hello'));
    for (let i = 0; i < 2; i += 1) {
      expectResponse(await guest.send({ authority: peer.authority }))[Symbol.dispose]();
      await freed();
    }
    expect(peer.connections()).toBe(1);
  });

  it('that the server closed while they were kept are replaced without the guest knowing', async () => {
    let closeNext = false;
    const peer = await peers.tcp((socket) => {
      socket.on('data', () => {
        if (closeNext) {
          // Read and closed unanswered, as a server does whose own limit has just run out.
          closeNext = false;
          socket.destroy();
        } else {
          socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
        }
      });
    });
    await roundTrip(peer);
    closeNext = true;
    await roundTrip(peer);
    expect(peer.connections()).toBe(2);
    closeNext = true;
    expect(await guest.send({ authority: peer.authority, method: POST })).toEqual({ tag: 'HTTP-protocol-error' });
  });

  it('serve one request each without pooling', async () => {
    await guest.close();
    await open({ outbound_http: { connection_pooling: false } });
    const peer = await echo();
    await roundTrip(peer);
    await roundTrip(peer);
    expect(peer.connections()).toBe(2);
  });

  it('end with the app', async () => {
    const peer = await echo();
    const { future } = guest.beginWithBody({ authority: peer.authority, method: POST });
    const response = expectResponse(await answer(future));
    await guest.close();
    expect(await readBody(response)).toMatchObject({ error: { tag: 'HTTP-protocol-error' } });
  });
});

describe('a limit of connections', () => {
  it.each([
    ['outbound_http', { outbound_http: { max_connections: 1 } }],
    ['the old name', { outbound_http: { max_concurrent_requests: 0 } }],
    ['outbound_networking', { outbound_networking: { max_total_connections: 1 } }],
  ])('of %s makes requests wait for each other', async (_what, config) => {
    await guest.close();
    await open(config);
    const peer = await echo();
    const first = guest.beginWithBody({ authority: peer.authority, method: POST });
    const response = expectResponse(await answer(first.future));
    const second = guest.begin({ authority: peer.authority });
    const other = await echo();
    const third = guest.begin({ authority: other.authority });
    expect([second.ready(), third.ready()]).toEqual([false, false]);
    first.stream[Symbol.dispose]();
    first.body.finish(undefined);
    await readBody(response);
    await readBody(expectResponse(await answer(second)));
    // Another origin needs a connection of its own, for which the kept one has to go.
    await readBody(expectResponse(await answer(third)));
    expect([peer.connections(), other.connections()]).toEqual([1, 1]);
  });

  it('of all kinds makes a request wait for a socket to go', async () => {
    await guest.close();
    await open({ outbound_networking: { max_total_connections: 1 } });
    const peer = await echo();
    const socket = guest.state.network.sockets.tryTake();
    const request = guest.begin({ authority: peer.authority });
    await freed();
    expect([request.ready(), peer.connections()]).toEqual([false, 0]);
    socket?.[Symbol.dispose]();
    await readBody(expectResponse(await answer(request)));
    // What is kept for further requests counts as well.
    expect(guest.state.network.sockets.tryTake()).toBeUndefined();
  });

  it('lets those who wait for an HTTP/2 connection share it as soon as it is there', async () => {
    const peer = await peers.add(
      h2cPeer((stream) => {
        stream.respond();
        stream.pipe(stream);
      }),
    );
    await guest.close();
    guest = await SendingGuest.open({
      config: { outbound_http: { max_connections: 1 } },
      h2cAuthority: peer.authority,
    });
    const held = [1, 2, 3].map(() => guest.beginWithBody({ authority: peer.authority, method: POST }));
    // None of the three has ended its body, so none makes room for another.
    const responses = await Promise.all(held.map(async ({ future }) => expectResponse(await answer(future))));
    expect(responses.map((response) => response.status())).toEqual([200, 200, 200]);
    expect(peer.connections()).toBe(1);
  });

  it('answers ten thousand who want one of two', async () => {
    await guest.close();
    await open({ outbound_http: { max_connections: 2 } });
    const peer = await echo();
    const futures = Array.from({ length: 10_000 }, () => guest.begin({ authority: peer.authority }));
    const ended = await Promise.all(
      futures.map(async (future) => (await readBody(expectResponse(await answer(future)))).error),
    );
    expect(new Set(ended)).toEqual(new Set([undefined]));
    expect(peer.connections()).toBe(2);
    // A second or two, but this machine may be busy.
  }, 180_000);

  it('lets ten thousand go who end before it is their turn', async () => {
    await guest.close();
    await open({ outbound_http: { max_connections: 0 } });
    const futures = Array.from({ length: 10_000 }, () => guest.begin({ authority: '127.0.0.1:1' }));
    guest.abort();
    const ended = await Promise.all(futures.map((future) => answer(future)));
    expect(new Set(ended.map((code) => ('tag' in code ? code.tag : 'response')))).toEqual(
      new Set(['connection-terminated']),
    );
  });

  it('is told to a guest that did not want to wait so long, and its place is not lost', async () => {
    await guest.close();
    await open({ outbound_http: { max_connections: 1 } });
    const peer = await echo();
    const first = guest.beginWithBody({ authority: peer.authority, method: POST });
    const response = expectResponse(await answer(first.future));
    const timeouts = { connect: 20 };
    expect(await guest.send({ authority: peer.authority, timeouts })).toEqual({ tag: 'connection-limit-reached' });
    const dropped = guest.begin({ authority: peer.authority });
    dropped[Symbol.dispose]();
    first.stream[Symbol.dispose]();
    first.body.finish(undefined);
    await readBody(response);
    await roundTrip(peer);
    expect(peer.connections()).toBe(1);
  });

  it('frees the place of a connection that could not be made', async () => {
    await guest.close();
    await open({ outbound_http: { max_connections: 1 } });
    const gone = await echo();
    await gone.close();
    expect(await guest.send({ authority: gone.authority })).toEqual({ tag: 'connection-refused' });
    await roundTrip(await echo());
  });
});
