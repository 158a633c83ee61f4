import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Peers, type Peer } from '../testing/peers.ts';
import { answer, expectResponse, readBody, SendingGuest, writeAll } from '../testing/sending-guest.ts';
import type { IncomingBody } from '../types/incoming-body.ts';

const MEBIBYTE = 1_048_576;
const POST = { tag: 'post' } as const;
const BROKEN = { tag: 'HTTP-protocol-error' };
const TOO_SLOW = { tag: 'connection-read-timeout' };

const peers = new Peers();
let guest: SendingGuest;

beforeEach(async () => {
  guest = await SendingGuest.open();
});

afterEach(async () => {
  await guest.close();
  await peers.close();
});

describe('time limits', () => {
  it('end a wait for the first byte', async () => {
    const peer = await peers.http(() => {});
    expect(await guest.send({ authority: peer.authority, timeouts: { firstByte: 20 } })).toEqual(TOO_SLOW);
  });

  it('end a wait for a head that comes too slowly', async () => {
    const peer = await peers.replying('HTTP/1.1 200 OK\r\nx: ');
    expect(await guest.send({ authority: peer.authority, timeouts: { firstByte: 20 } })).toEqual(TOO_SLOW);
  });

  it('end a wait for the next piece of a body, and for trailers', async () => {
    const peer = await peers.replying('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello');
    const send = { authority: peer.authority, timeouts: { betweenBytes: 20 } };
    const response = expectResponse(await guest.send(send));
    expect(await readBody(response)).toEqual({ text: 'hello', error: TOO_SLOW, trailers: TOO_SLOW });
    const trailers = (expectResponse(await guest.send(send)).consume().val as IncomingBody).finish();
    await trailers.wait();
    expect(trailers.get()).toEqual({ tag: 'ok', val: { tag: 'err', val: TOO_SLOW } });
  });

  it('end a wait for a connection', async () => {
    await guest.close();
    guest = await SendingGuest.open({ resolve: () => new Promise(() => {}) });
    expect(await guest.send({ authority: 'slow.test', timeouts: { connect: 20 } })).toEqual({
      tag: 'connection-timeout',
    });
  });

  it('do not end a body whose guest takes its time', async () => {
    const peer = await peers.http((_request, response) => response.end('hello'));
    const response = expectResponse(await guest.send({ authority: peer.authority, timeouts: { betweenBytes: 100 } }));
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await readBody(response)).toMatchObject({ text: 'hello', error: undefined });
  });

  it('may be longer than Node can count', async () => {
    const peer = await peers.http((_request, response) => response.end('hello'));
    const month = 31 * 24 * 3_600_000;
    const timeouts = { connect: month, firstByte: month, betweenBytes: month };
    expect(await readBody(expectResponse(await guest.send({ authority: peer.authority, timeouts })))).toMatchObject({
      text: 'hello',
    });
  });
});

describe('a connection that cannot be made', () => {
  it('is refused when nobody listens', async () => {
    const peer = await peers.http(() => {});
    await peer.close();
    expect(await guest.send({ authority: peer.authority })).toEqual({ tag: 'connection-refused' });
  });

  it('is a DNS error when the name has no address', async () => {
    await guest.close();
    guest = await SendingGuest.open({ resolve: () => Promise.reject(new Error('ENOTFOUND')) });
    expect(await guest.send({ authority: 'nope.invalid' })).toEqual({
      tag: 'DNS-error',
      val: { rcode: 'address not available', infoCode: 0 },
    });
  });

  it('takes a little more of the body, so that the guest comes to ask why, and closes it when it is much', async () => {
    const peer = await peers.http(() => {});
    await peer.close();
    const { future, stream } = guest.beginWithBody({ authority: peer.authority, method: POST });
    expect(await answer(future)).toEqual({ tag: 'connection-refused' });
    expect(await writeAll(stream, Buffer.alloc(MEBIBYTE))).toBe(true);
    expect(await writeAll(stream, Buffer.alloc(MEBIBYTE))).toBe(true);
    expect(stream.ready()).toBe(true);
    expect(stream.checkWrite()).toEqual({ tag: 'closed' });
  });

  it('wakes a guest that waits for room', async () => {
    const { promise, reject } = Promise.withResolvers<never>();
    await guest.close();
    guest = await SendingGuest.open({ resolve: () => promise });
    const { stream } = guest.beginWithBody({ authority: 'slow.test', method: POST });
    expect(await writeAll(stream, Buffer.alloc(2 * MEBIBYTE))).toBe(true);
    const waited = stream.wait();
    reject(new Error('ENOTFOUND'));
    await waited;
    expect(stream.checkWrite()).toEqual({ tag: 'closed' });
  });
});

/** A server that never answers; `begun` resolves once it has a request. */
async function silent(): Promise<{ peer: Peer; begun: Promise<void> }> {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { peer: await peers.http(() => resolve()), begun: promise };
}

/** Waits until nobody is connected to it any more. */
const deserted = (peer: Peer): Promise<void> => vi.waitFor(() => expect(peer.open()).toBe(0));

describe('a request that is given up', () => {
  it('ends when the guest drops the future', async () => {
    const { peer, begun } = await silent();
    const future = guest.begin({ authority: peer.authority });
    await begun;
    future[Symbol.dispose]();
    await deserted(peer);
    expect(peer.connections()).toBe(1);
  });

  it('ends when the guest drops the future of an answer that has come', async () => {
    const peer = await peers.http((_request, response) => response.write('part'));
    const future = guest.begin({ authority: peer.authority });
    await future.wait();
    expect(peer.open()).toBe(1);
    future[Symbol.dispose]();
    await deserted(peer);
  });

  it('ends when the call is over', async () => {
    const { peer, begun } = await silent();
    guest.begin({ authority: peer.authority });
    await begun;
    guest.abort();
    await deserted(peer);
    expect(peer.connections()).toBe(1);
  });

  it('does not begin when the call is over already', async () => {
    const { peer } = await silent();
    guest.abort();
    expect(await guest.send({ authority: peer.authority })).toEqual({ tag: 'connection-terminated' });
    expect(peer.connections()).toBe(0);
  });

  it('ends when its body is dropped unfinished, and the guest is told', async () => {
    const { peer, begun } = await silent();
    const { future, body, stream } = guest.beginWithBody({ authority: peer.authority, method: POST });
    await begun;
    stream[Symbol.dispose]();
    body[Symbol.dispose]();
    await deserted(peer);
    expect(await answer(future)).toEqual(BROKEN);
  });

  it('ends when the response, its body or its trailers are dropped before the end', async () => {
    const peer = await peers.http((_request, response) => response.write('part'));
    expectResponse(await guest.send({ authority: peer.authority }))[Symbol.dispose]();
    (expectResponse(await guest.send({ authority: peer.authority })).consume().val as IncomingBody)[Symbol.dispose]();
    const third = expectResponse(await guest.send({ authority: peer.authority })).consume().val as IncomingBody;
    third.finish()[Symbol.dispose]();
    await deserted(peer);
    expect(peer.connections()).toBe(3);
  });
});
