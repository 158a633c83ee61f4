import type { IncomingMessage } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { InputStream } from '../../io/streams.ts';
import { Peers } from '../testing/peers.ts';
import { answer, expectResponse, listOf, readBody, SendingGuest, writeAll } from '../testing/sending-guest.ts';
import type { IncomingBody } from '../types/incoming-body.ts';

const POST = { tag: 'post' } as const;
const BROKEN = { tag: 'HTTP-protocol-error' };

const peers = new Peers();
let guest: SendingGuest;

beforeEach(async () => {
  guest = await SendingGuest.open();
});

afterEach(async () => {
  await guest.close();
  await peers.close();
});

/** The request as it stood on the wire. */
async function captured(
  send: (authority: string) => Promise<unknown>,
  isWhole = (text: string) => text.endsWith('\r\n\r\n'),
): Promise<string> {
  let text = '';
  const peer = await peers.tcp((socket) => {
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

  it('announces no trailers where none can come', async () => {
    const text = await captured((authority) => guest.send({ authority, headers: [['trailer', 'x-sum']] }));
    expect(text).toBe('GET / HTTP/1.1\r\nhost: <authority>\r\n\r\n');
  });

  it('sends its trailers after its body', async () => {
    const got: unknown[] = [];
    const peer = await peers.http((request, response) => {
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
    const peer = await peers.http((request, response) => {
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
    const peer = await peers.replying(
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
    const peer = await peers.replying(`HTTP/1.1 200 OK\r\n${fields}content-length: 0\r\n\r\n`);
    const response = expectResponse(await guest.send({ authority: peer.authority }));
    expect(response.headers().entries()).toHaveLength(3001);
  });

  it.each([301, 302, 307, 401, 407, 500])('%i is the guest\u2019s to deal with', async (status) => {
    const peer = await peers.http((_request, response) => {
      response.writeHead(status, { location: '/elsewhere', 'www-authenticate': 'Basic' }).end('here');
    });
    const response = expectResponse(await guest.send({ authority: peer.authority }));
    expect(response.status()).toBe(status);
    expect(peer.connections()).toBe(1);
  });

  it('passes over informational answers', async () => {
    const peer = await peers.replying(
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
    const peer = await peers.replying(text);
    expect(await guest.send({ authority: peer.authority })).toEqual(BROKEN);
  });

  it('that never begins because the connection is closed is a protocol error', async () => {
    const peer = await peers.tcp((socket) => socket.once('data', () => socket.destroy()));
    expect(await guest.send({ authority: peer.authority })).toEqual(BROKEN);
  });

  it.each([
    ['before the declared length', 'content-length: 10\r\n\r\nhello'],
    ['before the last chunk', 'transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n'],
  ])('cut %s fails in its body and its trailers, once', async (_what, rest) => {
    const peer = await peers.replying(`HTTP/1.1 200 OK\r\n${rest}`, (socket) => socket.end());
    const response = expectResponse(await guest.send({ authority: peer.authority }));
    expect(await readBody(response)).toMatchObject({ error: BROKEN, trailers: BROKEN });
  });

  it('that is reset in its body closes the stream after one failure', async () => {
    const peer = await peers.replying('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n', (socket) =>
      socket.resetAndDestroy(),
    );
    const body = expectResponse(await guest.send({ authority: peer.authority })).consume().val as IncomingBody;
    const stream = body.stream().val as InputStream;
    await stream.wait();
    expect(stream.read(1)).toMatchObject({ tag: 'last-operation-failed', val: { httpErrorCode: BROKEN } });
    expect(stream.read(1)).toEqual({ tag: 'closed' });
  });

  it('to HEAD has no body, whatever length it declares', async () => {
    const peer = await peers.http((_request, response) => response.writeHead(200, { 'content-length': '10' }).end());
    const response = expectResponse(await guest.send({ authority: peer.authority, method: { tag: 'head' } }));
    expect(listOf(response.headers())).toContainEqual(['content-length', '10']);
    expect(await readBody(response)).toEqual({ text: '', error: undefined, trailers: undefined });
  });

  it('ends with the connection when it declares no length', async () => {
    const peer = await peers.replying('HTTP/1.0 200 OK\r\n\r\nhello', (socket) => socket.end());
    expect(await readBody(expectResponse(await guest.send({ authority: peer.authority })))).toMatchObject({
      text: 'hello',
    });
  });
});
