import { constants, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createTcpServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { InputStream } from '../../io/streams.ts';
import { h2cPeer, http2Peer, listening, Peers, type Peer, type StreamListener } from '../testing/peers.ts';
import { selfSigned } from '../../../../../test/certificates/self-signed.ts';
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

const identity = selfSigned();
const HTTPS = { tag: 'HTTPS' } as const;
const POST = { tag: 'post' } as const;
const BROKEN = { tag: 'HTTP-protocol-error' };

let guest: SendingGuest;
const peers = new Peers();

beforeEach(async () => {
  guest = await SendingGuest.open({ authorities: [identity.cert] });
});

afterEach(async () => {
  await guest.close();
  await peers.close();
});

function h2(listener: StreamListener, onSession?: (session: ServerHttp2Session) => void): Promise<Peer> {
  return peers.add(http2Peer(identity, listener, onSession));
}

const echo: StreamListener = (stream) => {
  stream.respond();
  stream.pipe(stream);
};

const send = (peer: Peer, parts: Parameters<SendingGuest['send']>[0] = {}): ReturnType<SendingGuest['send']> =>
  guest.send({ authority: peer.authority, scheme: HTTPS, ...parts });

describe('an HTTP/2 request', () => {
  it('carries exactly what the guest set', async () => {
    let seen: readonly string[] = [];
    const peer = await h2((stream, raw) => {
      seen = raw;
      stream.respond({ ':status': 204 }, { endStream: true });
    });
    const headers = [
      ['x-a', '1'],
      ['x-a', '\u00e9'],
      ['content-type', 'a'],
      ['content-type', 'b'],
      ['te', 'trailers'],
    ] as const;
    expectResponse(await send(peer, { path: '/caf\u00e9?q', headers }));
    const pseudo = [':method', 'GET', ':scheme', 'https', ':authority', peer.authority, ':path', '/caf\u00c3\u00a9?q'];
    expect(seen).toEqual([...pseudo, ...headers.flat()]);
  });

  it('leaves out a TE that HTTP/2 has no meaning for', async () => {
    let seen: readonly string[] = [];
    const peer = await h2((stream, raw) => {
      seen = raw;
      stream.respond({ ':status': 204 }, { endStream: true });
    });
    expectResponse(await send(peer, { headers: [['te', 'gzip']] }));
    expect(seen).not.toContain('te');
  });

  it('sends its trailers after its body', async () => {
    const got: unknown[] = [];
    const peer = await h2((stream) => {
      let text = '';
      stream.on('trailers', (trailers) => got.push({ ...trailers }));
      stream.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      stream.on('end', () => {
        got.push(text);
        stream.respond({ ':status': 200 }, { endStream: true });
      });
    });
    const { future, body, stream } = guest.beginWithBody({ authority: peer.authority, scheme: HTTPS, method: POST });
    stream.write(Buffer.from('hello'));
    stream[Symbol.dispose]();
    body.finish(guest.request({ headers: [['x-sum', '1']] }).headers());
    expectResponse(await answer(future));
    expect(got).toContainEqual('hello');
    expect(got).toContainEqual(expect.objectContaining({ 'x-sum': '1' }));
  });

  it.each(['constructor', '__proto__'])('may have a trailer named %s', async (name) => {
    const raw: unknown[] = [];
    const peer = await h2((stream) => {
      stream.on('trailers', (_fields, _flags, list: unknown) => raw.push(list));
      stream.on('end', () => stream.respond({ ':status': 200 }, { endStream: true }));
      stream.resume();
    });
    const { future, body, stream } = guest.beginWithBody({ authority: peer.authority, scheme: HTTPS, method: POST });
    stream[Symbol.dispose]();
    body.finish(guest.request({ headers: [[name, '1']] }).headers());
    expectResponse(await answer(future));
    expect(raw).toEqual([[name, '1']]);
  });

  it('ends without trailers when there are none', async () => {
    const peer = await h2(echo);
    const { future, body, stream } = guest.beginWithBody({ authority: peer.authority, scheme: HTTPS, method: POST });
    stream.write(Buffer.from('hello'));
    stream[Symbol.dispose]();
    body.finish(undefined);
    expect(await readBody(expectResponse(await answer(future)))).toEqual({
      text: 'hello',
      error: undefined,
      trailers: undefined,
    });
  });

  it('is cut when its body is dropped unfinished, and leaves the others alone', async () => {
    const codes: (number | undefined)[] = [];
    const reset = Promise.withResolvers<void>();
    const peer = await h2((stream) => {
      stream.on('error', () => {});
      stream.on('close', () => {
        codes.push(stream.rstCode);
        reset.resolve();
      });
      echo(stream, []);
    });
    const parts = { authority: peer.authority, scheme: HTTPS, method: POST };
    const other = guest.beginWithBody(parts);
    const response = expectResponse(await answer(other.future));
    const { future, body, stream } = guest.beginWithBody(parts);
    expectResponse(await answer(future));
    stream[Symbol.dispose]();
    body[Symbol.dispose]();
    await reset.promise;
    expect(codes).toEqual([constants.NGHTTP2_CANCEL]);
    other.stream.write(Buffer.from('alive'));
    other.stream[Symbol.dispose]();
    other.body.finish(undefined);
    expect(await readBody(response)).toMatchObject({ text: 'alive' });
    expect(peer.connections()).toBe(1);
  });
});

describe('an HTTP/2 response', () => {
  it('shows its status, fields, body and trailers', async () => {
    const peer = await h2((stream) => {
      stream.additionalHeaders({ ':status': 103, link: 'x' });
      stream.respond({ ':status': 203, 'x-a': ['1', '\u00e9'], 'set-cookie': ['a', 'b'] }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'x-t': ['1', '2'] }));
      stream.end('hello');
    });
    const response = expectResponse(await send(peer));
    expect(response.status()).toBe(203);
    expect(listOf(response.headers()).filter(([name]) => name !== 'date')).toEqual([
      ['x-a', '1'],
      ['x-a', '\u00e9'],
      ['set-cookie', 'a'],
      ['set-cookie', 'b'],
    ]);
    expect(await readBody(response)).toEqual({
      text: 'hello',
      error: undefined,
      trailers: [
        ['x-t', '1'],
        ['x-t', '2'],
      ],
    });
  });

  it('of nothing but trailers is a response and its trailers', async () => {
    const peer = await h2((stream) => stream.respond({ ':status': 200, 'grpc-status': '5' }, { endStream: true }));
    const response = expectResponse(await send(peer));
    expect(listOf(response.headers())).toContainEqual(['grpc-status', '5']);
    expect(await readBody(response)).toEqual({ text: '', error: undefined, trailers: undefined });
  });

  it.each([
    ['before its head', (stream: ServerHttp2Stream) => stream.close(constants.NGHTTP2_INTERNAL_ERROR)],
    ['by cancelling', (stream: ServerHttp2Stream) => stream.close(constants.NGHTTP2_CANCEL)],
    ['with the session', (stream: ServerHttp2Stream) => stream.session?.destroy()],
  ])('that is reset %s is a protocol error', async (_what, reset) => {
    const peer = await h2((stream) => {
      stream.on('error', () => {});
      reset(stream);
    });
    expect(await send(peer)).toEqual(BROKEN);
  });

  it.each([
    ['an error', constants.NGHTTP2_INTERNAL_ERROR],
    ['a cancellation', constants.NGHTTP2_CANCEL],
  ])('reset by %s in its body fails there and in its trailers', async (_what, code) => {
    const peer = await h2((stream) => {
      stream.on('error', () => {});
      // Waiting for trailers keeps Node from ending the stream in good order before it resets it.
      stream.respond({}, { waitForTrailers: true });
      stream.write('part', () => stream.close(code));
    });
    expect(await readBody(expectResponse(await send(peer)))).toMatchObject({ error: BROKEN, trailers: BROKEN });
  });

  it('that comes too slowly ends in the time limits', async () => {
    const peer = await h2((stream, raw) => {
      stream.on('error', () => {});
      if (raw.includes('/slow-body')) {
        stream.respond();
        stream.write('part');
      }
    });
    expect(await send(peer, { timeouts: { firstByte: 20 } })).toEqual({ tag: 'connection-read-timeout' });
    const response = expectResponse(await send(peer, { path: '/slow-body', timeouts: { betweenBytes: 20 } }));
    expect(await readBody(response)).toMatchObject({ text: 'part', error: { tag: 'connection-read-timeout' } });
  });
});

describe('an HTTP/2 connection', () => {
  it('serves streamed requests side by side', async () => {
    const peer = await h2(echo);
    await readBody(expectResponse(await send(peer)));
    const parts = { authority: peer.authority, scheme: HTTPS, method: POST };
    const exchanges = Array.from({ length: 20 }, () => guest.beginWithBody(parts));
    const responses = await Promise.all(exchanges.map(async ({ future }) => expectResponse(await answer(future))));
    for (const { body, stream } of exchanges.toReversed()) {
      stream.write(Buffer.from('x'));
      stream[Symbol.dispose]();
      body.finish(undefined);
    }
    const bodies = await Promise.all(responses.map(readBody));
    expect(bodies.every(({ text }) => text === 'x')).toBe(true);
    expect(peer.connections()).toBe(1);
  });

  it('carries 1 MiB both ways', async () => {
    const peer = await h2(echo);
    const parts = { authority: peer.authority, scheme: HTTPS, method: POST };
    const { future, body, stream } = guest.beginWithBody(parts);
    const sent = Buffer.alloc(1_048_576, 'spindle');
    const input = (expectResponse(await answer(future)).consume().val as IncomingBody).stream().val as InputStream;
    const written = writeAll(stream, sent).then(() => {
      stream[Symbol.dispose]();
      body.finish(undefined);
    });
    const [{ bytes }] = await Promise.all([readStream(input), written]);
    expect(bytes.equals(sent)).toBe(true);
  });

  it('is left for a new one when the server says that it goes away', async () => {
    const sessions: ServerHttp2Session[] = [];
    const peer = await h2(echo, (session) => sessions.push(session));
    await readBody(expectResponse(await send(peer)));
    sessions[0]?.goaway(constants.NGHTTP2_NO_ERROR);
    await vi.waitFor(async () => {
      expect(await readBody(expectResponse(await send(peer)))).toMatchObject({ error: undefined });
      expect(peer.connections()).toBe(2);
    });
  });

  it('serves one request without pooling', async () => {
    await guest.close();
    guest = await SendingGuest.open({
      authorities: [identity.cert],
      config: { outbound_http: { connection_pooling: false } },
    });
    const peer = await h2(echo);
    await readBody(expectResponse(await send(peer)));
    await readBody(expectResponse(await send(peer)));
    expect(peer.connections()).toBe(2);
  });

  it('is used without TLS for the one authority that is known to speak it', async () => {
    const peer = await peers.add(
      h2cPeer((stream, raw) => {
        stream.respond();
        stream.end(raw[3]);
      }),
    );
    await guest.close();
    guest = await SendingGuest.open({ h2cAuthority: peer.authority });
    expect(await readBody(expectResponse(await guest.send({ authority: peer.authority })))).toMatchObject({
      text: 'http',
    });
  });
});

describe('TLS', () => {
  it('falls back to HTTP/1.1 with a server that knows nothing else', async () => {
    const peer = await peers.add(
      listening(createTlsServer(identity, (request, response) => response.end(request.httpVersion))),
    );
    expect(await readBody(expectResponse(await send(peer)))).toMatchObject({ text: '1.1' });
    expect(await readBody(expectResponse(await send(peer)))).toMatchObject({ text: '1.1' });
  });

  it('is checked against the name that the guest asked for', async () => {
    await guest.close();
    guest = await SendingGuest.open({
      authorities: [identity.cert],
      resolve: async () => [{ address: '127.0.0.1', family: 4 }],
    });
    const peer = await h2(echo);
    expectResponse(await send(peer, { authority: `localhost:${peer.port}` }));
    expectResponse(await send(peer, { authority: `localhost.:${peer.port}` }));
    expect(await send(peer, { authority: `elsewhere.test:${peer.port}` })).toEqual({ tag: 'TLS-protocol-error' });
    expect(await send(peer, { authority: `-bad-.test:${peer.port}` })).toEqual({
      tag: 'DNS-error',
      val: { rcode: 'invalid dns name', infoCode: 0 },
    });
  });

  it('fails when nobody we trust has signed, or when the server speaks something else', async () => {
    await guest.close();
    guest = await SendingGuest.open({ authorities: [selfSigned().cert] });
    expect(await send(await h2(echo))).toEqual({ tag: 'TLS-protocol-error' });
    const plain = await peers.add(listening(createTcpServer((socket) => socket.end('garbage\r\n'))));
    expect(await send(plain)).toEqual({ tag: 'TLS-protocol-error' });
  });

  it('that is never answered ends in the time limit for connecting', async () => {
    const silent = await peers.add(listening(createTcpServer(() => {})));
    expect(await send(silent, { timeouts: { connect: 50 } })).toEqual({ tag: 'connection-timeout' });
  });
});
