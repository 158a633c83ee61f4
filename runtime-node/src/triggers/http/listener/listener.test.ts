// What clients may do to a listener: both protocols on one port, how many and how slow they may be, and a stop.
import { once } from 'node:events';
import { connect as connectHttp2, type ClientHttp2Session } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { until } from '../testing/until.ts';
import { selfSigned } from '../../../../../test/certificates/self-signed.ts';
import { respondEmpty, type Reply } from '../reply.ts';
import { serveListener, type ServedListener } from '../testing/served-listener.ts';
import type { WireRequest } from '../wire-request.ts';
import { newConnectionCounts } from './connection-count.ts';
import { FrameClient, frame, GET, headers, setting, TYPE } from '../testing/frames.ts';

let served: ServedListener;
afterEach(() => served?.[Symbol.asyncDispose]());

/** All that comes until the connection ends. */
function received(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    socket.on('data', (bytes: Buffer) => (text += bytes.toString('latin1')));
    socket.on('error', () => {});
    socket.on('close', () => resolve(text));
  });
}

const GET_1 = 'GET / HTTP/1.1\r\nhost: h\r\n\r\n';
const LAST_1 = 'GET / HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n';

async function ask2(session: ClientHttp2Session, path = '/'): Promise<string> {
  const stream = session.request({ ':path': path });
  stream.setEncoding('utf8');
  let text = '';
  for await (const piece of stream) {
    text += String(piece);
  }
  return text;
}

describe('one port', () => {
  it('speaks HTTP/1.1 and HTTP/2, however the first bytes come', async () => {
    served = await serveListener();
    const slow = connect(served.port, '127.0.0.1');
    const answer = received(slow);
    for (const byte of LAST_1) {
      slow.write(byte);
      await sleep(0);
    }
    expect(await answer).toMatch(/^HTTP\/1\.1 200 .*OK$/s);
    const client = new FrameClient(served.port);
    client.send(headers(1, GET));
    expect(await client.outcome(1)).toBe('answered');
    client.socket.destroy();
    const pieces = connect(served.port, '127.0.0.1');
    pieces.setNoDelay(true);
    let came = Buffer.alloc(0);
    pieces.on('data', (bytes: Buffer) => (came = Buffer.concat([came, bytes])));
    for (const byte of Buffer.concat([
      Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
      frame(TYPE.settings, 0, 0),
      headers(1, GET),
    ])) {
      pieces.write(Buffer.from([byte]));
      await sleep(0);
    }
    while (!came.includes('OK')) {
      await once(pieces, 'data');
    }
    pieces.destroy();
  });

  it('with TLS speaks what ALPN has chosen, and to a client without ALPN what it begins with', async () => {
    const { key, cert } = selfSigned();
    served = await serveListener({ tls: { key: Buffer.from(key), cert: Buffer.from(cert) } });
    const options = { port: served.port, host: '127.0.0.1', ca: cert, rejectUnauthorized: false };
    const session = connectHttp2(`https://127.0.0.1:${served.port}`, { rejectUnauthorized: false });
    expect(await ask2(session)).toBe('OK');
    expect(session.alpnProtocol).toBe('h2');
    session.close();
    for (const ALPNProtocols of [['http/1.1'], ['h2', 'http/1.1'], undefined]) {
      const socket = connectTls({ ...options, ...(ALPNProtocols === undefined ? {} : { ALPNProtocols }) });
      await once(socket, 'secureConnect');
      expect(socket.alpnProtocol).toBe(ALPNProtocols?.[0] ?? false);
      if (socket.alpnProtocol === 'h2') {
        socket.destroy();
        continue;
      }
      const answer = received(socket);
      socket.write(LAST_1);
      expect(await answer).toMatch(/^HTTP\/1\.1 200 .*OK$/s);
    }
    const prior = connectTls(options);
    await once(prior, 'secureConnect');
    const known = connectHttp2(`http://127.0.0.1`, { createConnection: () => prior });
    expect(await ask2(known)).toBe('OK');
    known.close();
  });
});

describe('a response over HTTP/2', () => {
  it('has its trailers, and no field that belongs to a connection', async () => {
    served = await serveListener({}, (_request, reply) => {
      reply.head(200, [['Connection', 'close'], ['transfer-encoding', 'chunked'], ['x-a', '1'], ['x-a', '2']], undefined); // prettier-ignore
      reply.write(Buffer.from('body'));
      reply.end([['X-T', '1'], ['x-t', '2'], ['te', 'x']]); // prettier-ignore
    });
    const session = connectHttp2(`http://127.0.0.1:${served.port}`);
    const stream = session.request({});
    const [[head], [trailers]] = await Promise.all([
      once(stream, 'response'),
      once(stream, 'trailers'),
      stream.resume(),
    ]);
    expect({ ...head, ...trailers }).toMatchObject({ 'x-a': '1, 2', 'x-t': '1, 2' });
    expect(Object.keys({ ...head, ...trailers }).toSorted()).toEqual([':status', 'date', 'x-a', 'x-t']);
    session.close();
  });

  it('that is cut is reset', async () => {
    served = await serveListener({}, (_request, reply) => {
      reply.head(200, [], undefined);
      reply.write(Buffer.from('half'));
      setImmediate(() => reply.cut());
    });
    const client = new FrameClient(served.port);
    client.send(headers(1, GET));
    const reset = await client.find(({ type }) => type === TYPE.rstStream);
    expect(reset?.payload.readUInt32BE(0)).toBe(2);
    client.socket.destroy();
  });

  it('with a NUL in a value is refused by us: node would send the rest as fields', async () => {
    let error: unknown;
    served = await serveListener({}, (_request, reply) => {
      try {
        reply.head(200, [['x', 'a\0set-cookie\0b\0']], 0);
      } catch (thrown) {
        error = thrown;
        respondEmpty(reply, 500);
      }
    });
    const client = new FrameClient(served.port);
    client.send(headers(1, GET));
    expect(await client.outcome(1)).toBe('answered');
    expect(error).toMatchObject({ code: 'ERR_INVALID_CHAR' });
    client.socket.destroy();
  });
});

describe('connections beyond those that may be', () => {
  it('are closed, by whichever thread has accepted them, until one of the others has ended', async () => {
    const counts = newConnectionCounts(2);
    served = await serveListener({ connections: { most: 3, counts, place: 0 } });
    const other = await serveListener({ connections: { most: 3, counts, place: 1 } });
    const held = [connect(served.port), connect(served.port), connect(other.port)];
    await Promise.all(held.map((socket) => once(socket, 'connect')));
    for (const socket of held) {
      socket.write(GET_1);
      await once(socket, 'data');
    }
    expect(await received(connect(served.port))).toBe('');
    expect(await received(connect(other.port))).toBe('');
    expect([served.refused(), other.refused()]).toEqual([1, 1]);
    held[2]?.destroy();
    for (let answer = ''; answer === '';) {
      const socket = connect(served.port);
      socket.write(LAST_1);
      answer = await received(socket);
    }
    held[0]?.destroy();
    held[1]?.destroy();
    await other[Symbol.asyncDispose]();
  });

  it('do not count those of a thread that has died', async () => {
    const counts = newConnectionCounts(1);
    const dead = new Int32Array(counts);
    dead.fill(5);
    served = await serveListener({ connections: { most: 1, counts, place: 0 } });
    expect([...dead]).toEqual([0, 0]);
  });
});

const endless = (_request: WireRequest, reply: Reply): void => {
  reply.head(200, [], undefined);
  void (async () => {
    while (!reply.over) {
      reply.write(Buffer.alloc(65_536));
      if (reply.full) {
        await reply.drained();
      }
    }
  })();
};

/** Short enough for a test, far above what an answer takes. */
const SOON = 300;

describe('a client that is slow', () => {
  it('with its first byte, or its head, is let go', async () => {
    served = await serveListener({ clientLimits: { headMs: SOON } });
    const answers = ['', 'GET / HTTP/1.1\r\nhost: h\r\nx: ', 'PRI * HTTP/2'].map((begun) => {
      const socket = connect(served.port);
      socket.write(begun);
      return received(socket);
    });
    expect(await Promise.all(answers)).toEqual(['', expect.stringMatching(/^HTTP\/1\.1 408 /), '']);
  });

  it('with its next request is let go, on either protocol', async () => {
    served = await serveListener({ clientLimits: { idleMs: SOON } });
    const first = connect(served.port);
    first.write(GET_1);
    expect(await received(first)).toMatch(/^HTTP\/1\.1 200 /);
    const client = new FrameClient(served.port);
    client.send(headers(1, GET));
    const pings = setInterval(() => client.send(frame(TYPE.ping, 0, 0, Buffer.alloc(8))), 50);
    await client.untilClosed();
    clearInterval(pings);
    expect(client.frames.some(({ type }) => type === TYPE.goaway)).toBe(true);
  });

  it('to read its response is cut, on either protocol, and one that reads is not', async () => {
    served = await serveListener({ clientLimits: { responseMs: SOON } }, endless);
    const reading = connect(served.port);
    reading.write(GET_1);
    let read = 0;
    reading.on('data', (bytes: Buffer) => (read += bytes.length));
    const deaf = connect(served.port);
    deaf.write(GET_1);
    deaf.pause();
    deaf.on('error', () => {});
    // Windows of 1 KiB: it acknowledges all frames, but lets no byte of the body come.
    const closed = new FrameClient(served.port, setting(4, 1024));
    closed.send(headers(1, GET));
    const pings = setInterval(() => closed.send(frame(TYPE.ping, 0, 0, Buffer.alloc(8))), 50);
    await closed.find(({ type, stream }) => type === TYPE.rstStream && stream === 1);
    clearInterval(pings);
    closed.socket.destroy();
    await until(() => served.listener.size <= 1);
    deaf.destroy();
    const before = read;
    await until(() => read !== before);
    expect(reading.destroyed).toBe(false);
    reading.destroy();
  });

  it('with what nobody will read of its body is let go', async () => {
    served = await serveListener({ clientLimits: { bodyMs: SOON } }, (_request, reply) => respondEmpty(reply, 404));
    const socket = connect(served.port);
    socket.write('POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 1000000\r\n\r\nx');
    const drip = setInterval(() => socket.write('x'), 50);
    expect(await received(socket)).toMatch(/^HTTP\/1\.1 404 /);
    clearInterval(drip);
  });
});

describe('a stop', () => {
  it('finishes the streams of HTTP/2 that have begun, takes no other, and ends the connection with the last', async () => {
    const replies: Reply[] = [];
    served = await serveListener({}, (_request, reply) => {
      reply.head(200, [], undefined);
      replies.push(reply);
    });
    const session = connectHttp2(`http://127.0.0.1:${served.port}`);
    const answer = ask2(session);
    await until(() => replies.length > 0);
    const closed = served.listener.stopListening();
    const goaway = once(session, 'goaway');
    served.listener.finish();
    expect((await goaway)[0]).toBe(0);
    const [reply] = replies;
    reply?.write(Buffer.from('to the end'));
    reply?.end();
    expect(await answer).toBe('to the end');
    await closed;
  });

  it('ends connections of which nothing is known', async () => {
    served = await serveListener();
    const socket = connect(served.port);
    await once(socket, 'connect');
    await until(() => served.listener.size > 0);
    const closed = served.listener.stopListening();
    served.listener.finish();
    expect(await received(socket)).toBe('');
    await closed;
  });
});

// Found by the test above: sockets of node:http stay half open, and node:http2 does not end what its client has ended.
it('a client of HTTP/2 that ends its connection leaves none behind', async () => {
  served = await serveListener();
  const client = new FrameClient(served.port);
  client.send(headers(1, GET));
  expect(await client.outcome(1)).toBe('answered');
  client.socket.end();
  await until(() => served.listener.size === 0);
});
