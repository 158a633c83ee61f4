import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { InputStream } from '../../io/streams.ts';
import { httpPeer, tcpPeer, type Peer } from '../testing/peers.ts';
import {
  answer,
  expectResponse,
  listOf,
  readBody,
  readStream,
  SendingGuest,
  writeAll,
} from '../testing/sending-guest.ts';
import type { IncomingBody } from '../types/incoming-body.ts';

const MEBIBYTE = 1_048_576;
const POST = { tag: 'post' } as const;
const BROKEN = { tag: 'HTTP-protocol-error' };
const TOO_SLOW = { tag: 'connection-read-timeout' };

let guest: SendingGuest;
const peers: Peer[] = [];

beforeEach(async () => {
  guest = await SendingGuest.open();
});

afterEach(async () => {
  await guest.close();
  await Promise.all(peers.splice(0).map((peer) => peer.close()));
});

async function http(listener: Parameters<typeof httpPeer>[0]): Promise<Peer> {
  const peer = await httpPeer(listener);
  peers.push(peer);
  return peer;
}

async function tcp(listener: Parameters<typeof tcpPeer>[0]): Promise<Peer> {
  const peer = await tcpPeer(listener);
  peers.push(peer);
  return peer;
}

/** Answers each request, whatever it says, with these bytes. */
const replying = (text: string, after: (socket: Socket) => void = () => {}): Promise<Peer> =>
  tcp((socket) => {
    socket.on('data', () => socket.write(Buffer.from(text, 'latin1'), () => after(socket)));
  });

/** The request as it stood on the wire. */
async function captured(
  send: (authority: string) => Promise<unknown>,
  isWhole = (text: string) => text.endsWith('\r\n\r\n'),
): Promise<string> {
  let text = '';
  const peer = await tcp((socket) => {
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      if (isWhole(text)) {
        socket.end('HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n');
      }
    });
  });
  await send(peer.authority);
  return text.replaceAll(peer.authority, '<authority>');
}

async function collect(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) {
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

describe('an HTTP/1.1 request', () => {
  it('carries exactly what the guest set, and the host', async () => {
    const text = await captured((authority) =>
      guest.send({
        authority,
        path: '/caf\u00e9?q#fragment',
        headers: [
          ['X-A', '1'],
          ['x-b', 'b\u00e9'],
          ['x-a', '2'],
        ],
      }),
    );
    expect(text).toBe(
      'GET /caf\u00c3\u00a9?q HTTP/1.1\r\nhost: <authority>\r\nx-a: 1\r\nx-a: 2\r\nx-b: b\u00e9\r\n\r\n',
    );
  });

  it.each([
    ['get', undefined],
    ['head', undefined],
    ['delete', undefined],
    ['options', undefined],
    ['post', '0'],
    ['put', '0'],
    ['patch', '0'],
  ] as const)('%s without content declares the length %s', async (tag, expected) => {
    const text = await captured((authority) => guest.send({ authority, method: { tag } }));
    expect(/content-length: (\d+)/.exec(text)?.[1]).toBe(expected);
    expect(text).not.toContain('ransfer-encoding');
  });

  it.each(['get', 'post', 'delete'] as const)('%s with a body of unknown length is chunked', async (tag) => {
    const text = await captured(
      async (authority) => {
        const { future, body, stream } = guest.beginWithBody({ authority, method: { tag } });
        stream.write(Buffer.from('hello'));
        stream[Symbol.dispose]();
        body.finish(undefined);
        await answer(future);
      },
      (sofar) => sofar.includes('\r\n0\r\n'),
    );
    expect(text).toContain('transfer-encoding: chunked\r\n');
    expect(text.endsWith('\r\n\r\n5\r\nhello\r\n0\r\n\r\n')).toBe(true);
  });

  it('with a content-length is not chunked', async () => {
    const text = await captured(
      async (authority) => {
        const headers = [['content-length', '5']] as const;
        const { future, body, stream } = guest.beginWithBody({ authority, method: POST, headers });
        stream.write(Buffer.from('hello'));
        stream[Symbol.dispose]();
        body.finish(undefined);
        await answer(future);
      },
      (sofar) => sofar.endsWith('hello'),
    );
    expect(text).toContain('content-length: 5\r\n');
    expect(text).not.toContain('ransfer-encoding');
  });

  it('sends its trailers after its body', async () => {
    const got: unknown[] = [];
    const peer = await http((request, response) => {
      void collect(request).then((body) => {
        got.push(body.toString(), request.rawTrailers);
        response.end();
      });
    });
    const { future, body, stream } = guest.beginWithBody({
      authority: peer.authority,
      method: POST,
      headers: [['trailer', 'x-sum']],
    });
    stream.write(Buffer.from('hello'));
    stream[Symbol.dispose]();
    const trailers = guest.request({ headers: [['x-sum', '1']] }).headers();
    body.finish(trailers);
    expectResponse(await answer(future));
    expect(got).toEqual(['hello', ['x-sum', '1']]);
  });

  it('sends its head before the guest has written a body, and takes an answer before the body has ended', async () => {
    const peer = await http((request, response) => {
      response.write('early');
      void collect(request).then((body) => response.end(` and ${body.toString()}`));
    });
    const { future, body, stream } = guest.beginWithBody({ authority: peer.authority, method: POST });
    const response = expectResponse(await answer(future));
    expect(await writeAll(stream, Buffer.from('late'))).toBe(true);
    stream[Symbol.dispose]();
    body.finish(undefined);
    expect(await readBody(response)).toEqual({ text: 'early and late', error: undefined, trailers: undefined });
  });

  it('keeps a method in other letters apart from the known one', async () => {
    const text = await captured((authority) => guest.send({ authority, method: { tag: 'other', val: 'PROPFIND' } }));
    expect(text.startsWith('PROPFIND / HTTP/1.1\r\n')).toBe(true);
  });
});

describe('an HTTP/1.1 response', () => {
  it('shows its status, its fields as received but the hop-by-hop ones, its body and trailers', async () => {
    const peer = await replying(
      'HTTP/1.1 203 Whatever\r\nServer: x\r\nX-A: 1\r\nx-a: \u00e9\r\nSet-Cookie: a\r\nset-cookie: b\r\n' +
        'Connection: close\r\nKeep-Alive: timeout=5\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n' +
        '5\r\nhello\r\n0\r\nX-T: 1\r\nx-t: 2\r\nHost: evil\r\n\r\n',
    );
    const response = expectResponse(await guest.send({ authority: peer.authority }));
    expect(response.status()).toBe(203);
    expect(listOf(response.headers())).toEqual([
      ['server', 'x'],
      ['x-a', '1'],
      ['x-a', '\u00e9'],
      ['set-cookie', 'a'],
      ['set-cookie', 'b'],
      ['content-encoding', 'gzip'],
    ]);
    // Said to be gzip and given as it came.
    expect(await readBody(response)).toEqual({
      text: 'hello',
      error: undefined,
      trailers: [
        ['x-t', '1'],
        ['x-t', '2'],
      ],
    });
  });

  it('may have more fields than Node counts by itself', async () => {
    const fields = Array.from({ length: 3000 }, (_, index) => `x-${index}: ${index}\r\n`).join('');
    const peer = await replying(`HTTP/1.1 200 OK\r\n${fields}content-length: 0\r\n\r\n`);
    const response = expectResponse(await guest.send({ authority: peer.authority }));
    expect(response.headers().entries()).toHaveLength(3001);
  });

  it.each([301, 302, 307, 401, 407, 500])('%i is the guest\u2019s to deal with', async (status) => {
    const peer = await http((_request, response) => {
      response.writeHead(status, { location: '/elsewhere', 'www-authenticate': 'Basic' }).end('here');
    });
    const response = expectResponse(await guest.send({ authority: peer.authority }));
    expect(response.status()).toBe(status);
    expect(peer.connections()).toBe(1);
  });

  it('passes over informational answers', async () => {
    const peer = await replying(
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok',
    );
    expect(await readBody(expectResponse(await guest.send({ authority: peer.authority })))).toMatchObject({
      text: 'ok',
    });
  });

  it.each<[string, string]>([
    ['no HTTP at all', 'garbage\r\n\r\n'],
    ['a switch of protocol', 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\na'],
    ['a length and chunks', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['a bad field', 'HTTP/1.1 200 OK\r\nx y: 1\r\n\r\n'],
    ['a body where none may be', 'HTTP/1.1 204 No Content\r\ncontent-length: 1\r\nx: \u0000\r\n\r\n'],
    ['a head without end', `HTTP/1.1 200 OK\r\nx: ${'a'.repeat(500_000)}`],
  ])('with %s is a protocol error', async (_what, text) => {
    const peer = await replying(text);
    expect(await guest.send({ authority: peer.authority })).toEqual(BROKEN);
  });

  it('that never begins because the connection is closed is a protocol error', async () => {
    const peer = await tcp((socket) => socket.once('data', () => socket.destroy()));
    expect(await guest.send({ authority: peer.authority })).toEqual(BROKEN);
  });

  it.each([
    ['before the declared length', 'content-length: 10\r\n\r\nhello'],
    ['before the last chunk', 'transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n'],
  ])('cut %s fails in its body and its trailers, once', async (_what, rest) => {
    const peer = await replying(`HTTP/1.1 200 OK\r\n${rest}`, (socket) => socket.end());
    const response = expectResponse(await guest.send({ authority: peer.authority }));
    expect(await readBody(response)).toMatchObject({ error: BROKEN, trailers: BROKEN });
  });

  it('that is reset in its body closes the stream after one failure', async () => {
    const peer = await replying('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n', (socket) => socket.resetAndDestroy());
    const body = expectResponse(await guest.send({ authority: peer.authority })).consume().val as IncomingBody;
    const stream = body.stream().val as InputStream;
    await stream.wait();
    expect(stream.read(1)).toMatchObject({ tag: 'last-operation-failed', val: { httpErrorCode: BROKEN } });
    expect(stream.read(1)).toEqual({ tag: 'closed' });
  });

  it('to HEAD has no body, whatever length it declares', async () => {
    const peer = await http((_request, response) => response.writeHead(200, { 'content-length': '10' }).end());
    const response = expectResponse(await guest.send({ authority: peer.authority, method: { tag: 'head' } }));
    expect(listOf(response.headers())).toContainEqual(['content-length', '10']);
    expect(await readBody(response)).toEqual({ text: '', error: undefined, trailers: undefined });
  });

  it('ends with the connection when it declares no length', async () => {
    const peer = await replying('HTTP/1.0 200 OK\r\n\r\nhello', (socket) => socket.end());
    expect(await readBody(expectResponse(await guest.send({ authority: peer.authority })))).toMatchObject({
      text: 'hello',
    });
  });
});

describe('back-pressure', () => {
  it('carries 1 MiB both ways at the pace of whoever reads', async () => {
    const peer = await http((request, response) => {
      response.flushHeaders();
      request.pipe(response);
    });
    const { future, body, stream } = guest.beginWithBody({ authority: peer.authority, method: POST });
    const sent = Buffer.alloc(MEBIBYTE);
    for (let i = 0; i < sent.length; i += 4) {
      sent.writeUInt32LE(i, i);
    }
    const response = expectResponse(await answer(future));
    const incoming = response.consume().val as IncomingBody;
    const input = incoming.stream().val as InputStream;
    const written = writeAll(stream, sent).then((whole) => {
      stream[Symbol.dispose]();
      body.finish(undefined);
      return whole;
    });
    const [whole, { bytes }] = await Promise.all([written, readStream(input)]);
    expect(whole).toBe(true);
    expect(bytes.equals(sent)).toBe(true);
  });

  it('stops a guest that writes to a server that does not read', async () => {
    const peer = await http((request) => request.pause());
    const { stream } = guest.beginWithBody({ authority: peer.authority, method: POST });
    // Far more than all the buffers on the way; each write of 1 MiB is taken whole or not at all.
    const most = 64;
    let taken = 0;
    while (taken < most) {
      const room = stream.checkWrite();
      if (room === 0) {
        if (await Promise.race([stream.wait().then(() => false), quiet()])) {
          break;
        }
        continue;
      }
      stream.write(Buffer.alloc(MEBIBYTE));
      taken += 1;
    }
    expect(taken).toBeLessThan(most);
    expect(taken).toBeGreaterThan(2);
  });

  it('does not take a body from the server that the guest does not read', async () => {
    let written = 0;
    const peer = await http((_request, response) => {
      const more = (): void => {
        written += MEBIBYTE;
        if (response.write(Buffer.alloc(MEBIBYTE)) && written < 64 * MEBIBYTE) {
          more();
        }
      };
      response.on('drain', more);
      more();
    });
    const response = expectResponse(await guest.send({ authority: peer.authority }));
    const before = await settled(() => written);
    expect(before).toBeLessThan(32 * MEBIBYTE);
    const stream = (response.consume().val as IncomingBody).stream().val as InputStream;
    let read = 0;
    while (read < before + MEBIBYTE) {
      await stream.wait();
      read += (stream.read(MEBIBYTE) as Uint8Array).length;
    }
    expect(await settled(() => written)).toBeGreaterThan(before);
  });
});

/** True after time in which a reading server would have made room. */
const quiet = (): Promise<boolean> => new Promise((resolve) => setTimeout(() => resolve(true), 200));

/** A number once it has stopped changing. */
async function settled(value: () => number): Promise<number> {
  let last = -1;
  while (last !== value()) {
    last = value();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return last;
}

describe('time limits', () => {
  it('end a wait for the first byte', async () => {
    const peer = await http(() => {});
    expect(await guest.send({ authority: peer.authority, timeouts: { firstByte: 20 } })).toEqual(TOO_SLOW);
  });

  it('end a wait for a head that comes too slowly', async () => {
    const peer = await replying('HTTP/1.1 200 OK\r\nx: ');
    expect(await guest.send({ authority: peer.authority, timeouts: { firstByte: 20 } })).toEqual(TOO_SLOW);
  });

  it('end a wait for the next piece of a body, and for trailers', async () => {
    const peer = await replying('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello');
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
    const peer = await http((_request, response) => response.end('hello'));
    const response = expectResponse(await guest.send({ authority: peer.authority, timeouts: { betweenBytes: 20 } }));
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(await readBody(response)).toMatchObject({ text: 'hello', error: undefined });
  });

  it('may be longer than Node can count', async () => {
    const peer = await http((_request, response) => response.end('hello'));
    const month = 31 * 24 * 3_600_000;
    const timeouts = { connect: month, firstByte: month, betweenBytes: month };
    expect(await readBody(expectResponse(await guest.send({ authority: peer.authority, timeouts })))).toMatchObject({
      text: 'hello',
    });
  });
});

describe('a connection that cannot be made', () => {
  it('is refused when nobody listens', async () => {
    const peer = await http(() => {});
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
    const peer = await http(() => {});
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
  return { peer: await http(() => resolve()), begun: promise };
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
    const peer = await http((_request, response) => response.write('part'));
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
    const peer = await http((_request, response) => response.write('part'));
    expectResponse(await guest.send({ authority: peer.authority }))[Symbol.dispose]();
    (expectResponse(await guest.send({ authority: peer.authority })).consume().val as IncomingBody)[Symbol.dispose]();
    const third = expectResponse(await guest.send({ authority: peer.authority })).consume().val as IncomingBody;
    third.finish()[Symbol.dispose]();
    await deserted(peer);
    expect(peer.connections()).toBe(3);
  });
});
