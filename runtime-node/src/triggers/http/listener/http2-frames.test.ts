// HTTP/2 that is malformed, and HTTP/2 that is meant to hurt, frame by frame: nothing of it reaches the app but requests
// that are whole, and who goes on with it loses the connection while others are served.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../testing/until.ts';
import type { HeaderList } from '../../../host/http/exchange.ts';
import { respondEmpty } from '../reply.ts';
import {
  ACK,
  block,
  END_HEADERS,
  END_STREAM,
  frame,
  FrameClient,
  GET,
  headers,
  setting,
  TYPE,
  uint32,
  type Field,
} from '../testing/frames.ts';
import { serveListener, type ServedListener } from '../testing/served-listener.ts';

let served: ServedListener;
let client: FrameClient;

beforeEach(async () => {
  served = await serveListener();
  client = new FrameClient(served.port);
});

afterEach(async () => {
  client.socket.destroy();
  await served[Symbol.asyncDispose]();
});

/** NO_ERROR and so on (RFC 9113 §7). */
const PROTOCOL_ERROR = 1;
const ENHANCE_YOUR_CALM = 11;

const but = (...changed: readonly Field[]): Field[] => [
  ...GET.filter(([name]) => !changed.some(([other]) => other === name)),
  ...changed.filter(([name]) => name.startsWith(':')),
  ...changed.filter(([name]) => !name.startsWith(':')),
];

async function othersAreServed(): Promise<void> {
  const other = new FrameClient(served.port);
  other.send(headers(1, GET));
  expect(await other.outcome(1)).toBe('answered');
  other.socket.destroy();
}

describe('a request that is malformed', () => {
  it.each<[string, Field[]]>([
    ['has a field in capitals', but(['X-A', 'b'])],
    ['has `connection`', but(['connection', 'keep-alive'])],
    ['has `keep-alive`', but(['keep-alive', '5'])],
    ['has `proxy-connection`', but(['proxy-connection', 'keep-alive'])],
    ['has `transfer-encoding`', but(['transfer-encoding', 'chunked'])],
    ['has `upgrade`', but(['upgrade', 'h2c'])],
    ['has a `te` other than trailers', but(['te', 'gzip'])],
    ['has no method', GET.slice(1)],
    ['has no scheme', GET.filter(([name]) => name !== ':scheme')],
    ['has no path', GET.filter(([name]) => name !== ':path')],
    ['has an empty path', but([':path', ''])],
    ['has a path that is none', but([':path', 'x'])],
    ['has two methods', [...GET, [':method', 'POST']]],
    ['has two paths', [...GET, [':path', '/other']]],
    ['has two authorities', [...GET, [':authority', 'other']]],
    ['has a pseudo field that nobody knows', [...GET, [':x', 'y']]],
    ['has a pseudo field of responses', [...GET, [':status', '200']]],
    ['has a pseudo field behind the others', [...GET.slice(1), ['x', 'y'], ...GET.slice(0, 1)]],
    ['has a space in its path', but([':path', '/a b'])],
    ['has a line break in its path', but([':path', '/ HTTP/1.1\r\nhost: x'])],
    ['has a line break in its method', but([':method', 'GET /x HTTP/1.1\r\n'])],
    ['has two hosts', but(['host', 'h'], ['host', 'h'])],
    ['asks for a tunnel of websockets', but([':method', 'CONNECT'], [':protocol', 'websocket'])],
    ['has two lengths', but(['content-length', '0'], ['content-length', '5'])],
    ['has a length with a sign', but(['content-length', '+0'])],
    ['has a length and no body', but(['content-length', '5'])],
  ])('%s: reset, never seen, and the connection goes on', async (_what, fields) => {
    client.send(headers(1, fields));
    expect(await client.outcome(1)).toBe(`reset ${PROTOCOL_ERROR}`);
    client.send(headers(3, but([':path', '/next'])));
    expect(await client.outcome(3)).toBe('answered');
    expect(served.received).toEqual(['/next']);
  });

  it.each<[string, Field]>([
    ['a line break in its value', ['x', 'a\r\nb: c']],
    ['a NUL in its value', ['x', 'a\0b']],
    ['a space in its name', ['a b', 'c']],
    ['a colon in its name', ['a:b', 'c']],
    ['no name', ['', 'c']],
  ])('has a field with %s, which nghttp2 leaves out', async (_what, field) => {
    await served[Symbol.asyncDispose]();
    let fields: HeaderList | undefined;
    served = await serveListener({}, (request, reply) => {
      fields = request.fields();
      respondEmpty(reply, 200);
    });
    client = new FrameClient(served.port);
    client.send(headers(1, [...GET, field, ['kept', 'y']]));
    expect(await client.outcome(1)).toBe('answered');
    expect(fields).toEqual([['kept', 'y']]);
  });

  it('is on a stream whose number was passed: not seen', async () => {
    client.send(headers(3, GET), headers(1, but([':path', '/late'])), headers(5, but([':path', '/next'])));
    expect(await client.outcome(5)).toBe('answered');
    expect(served.received).toEqual(['/', '/next']);
  });

  it.each([
    ['more', 'hello, and more'],
    ['less', 'he'],
  ])('has %s than its length: what was answered before that is no whole exchange', async (_what, body) => {
    const post = but([':method', 'POST'], ['content-length', '5']);
    await served[Symbol.asyncDispose]();
    let end: unknown;
    served = await serveListener({}, (request) => {
      const { stream } = request.body({
        bytes: undefined,
        onTooLarge: () => {},
        quietMs: 60_000,
        isStalled: () => true,
        onTooSlow: () => {},
      });
      void (async () => {
        for (;;) {
          await stream.wait();
          const read = stream.read(1000);
          if ('tag' in read) {
            end = read.tag;
            return;
          }
        }
      })();
    });
    client = new FrameClient(served.port);
    client.send(headers(1, post, END_HEADERS), frame(TYPE.data, END_STREAM, 1, Buffer.from(body)));
    expect(await client.outcome(1)).toMatch(/^(?:reset|goaway) /);
    await until(() => end !== undefined);
    expect(end).toBe('last-operation-failed');
  });

  it('has far more fields than may be', async () => {
    client.send(headers(1, [...GET, ...Array.from({ length: 300 }, (_, index): Field => [`x-${index}`, 'y'])]));
    expect(await client.outcome(1)).toBe(`reset ${ENHANCE_YOUR_CALM}`);
    expect(served.received).toEqual([]);
    await othersAreServed();
  });
});

describe('a connection that is malformed', () => {
  it.each<[string, Buffer[]]>([
    ['a frame on a stream of even number', [headers(2, GET)]],
    ['data on a stream that there is not', [frame(TYPE.data, 0, 1, Buffer.from('x'))]],
    ['data on stream 0', [frame(TYPE.data, 0, 0, Buffer.from('x'))]],
    ['headers on stream 0', [headers(0, GET)]],
    ['a frame that is too long', [frame(TYPE.data, 0, 1, Buffer.alloc(16_385))]],
    ['settings of odd length', [frame(TYPE.settings, 0, 0, Buffer.alloc(5))]],
    ['a window of more than there can be', [frame(TYPE.settings, 0, 0, setting(4, 0x8000_0000))]],
    ['a promise', [headers(1, GET, END_HEADERS), frame(TYPE.pushPromise, END_HEADERS, 1, Buffer.alloc(8))]],
    ['a block that is interrupted', [headers(1, GET, 0), frame(TYPE.ping, 0, 0, Buffer.alloc(8))]],
    ['a block that goes on elsewhere', [headers(1, GET, 0), frame(TYPE.continuation, END_HEADERS, 3, Buffer.alloc(0))]],
    ['a block that is no HPACK', [frame(TYPE.headers, END_STREAM | END_HEADERS, 1, Buffer.from([0xff, 0xff, 0xff]))]],
    ['a window update of nothing', [frame(TYPE.windowUpdate, 0, 0, uint32(0))]],
  ])('%s: it ends', async (_what, frames) => {
    client.send(...frames);
    expect(await client.find(({ type }) => type === TYPE.goaway)).toBeDefined();
    await client.untilClosed();
    await othersAreServed();
  });
});

/** Sends until the connection is gone; gives how much that took. */
async function flood(next: (turn: number) => Buffer, most: number): Promise<number> {
  for (let turn = 0; turn < most; turn += 100) {
    if (client.closed) {
      return turn;
    }
    client.send(...Array.from({ length: 100 }, (_, index) => next(turn + index)));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.race([client.untilClosed(), sleep(3000)]);
  return client.closed ? most : Infinity;
}

const takenBack = (turn: number): Buffer => {
  const stream = 2 * turn + 1;
  return Buffer.concat([headers(stream, GET), frame(TYPE.rstStream, 0, stream, uint32(8))]);
};

describe('a flood', () => {
  it('of requests that are taken back at once ends the connection after a few hundred', async () => {
    expect(await flood(takenBack, 20_000)).toBeLessThan(20_000);
    expect(served.received.length).toBeLessThan(1000);
    await othersAreServed();
  });

  it('of a header block that never ends', async () => {
    client.send(headers(1, GET, END_STREAM));
    expect(await flood(() => frame(TYPE.continuation, 0, 1, block([['x', 'y'.repeat(1000)]])), 5000)).toBeLessThan(
      5000,
    );
    expect(served.received).toEqual([]);
    await othersAreServed();
  });

  it('of empty continuations', async () => {
    client.send(headers(1, GET, END_STREAM));
    expect(await flood(() => frame(TYPE.continuation, 0, 1), 5000)).toBeLessThan(5000);
    await othersAreServed();
  });

  it.each([
    ['pings', frame(TYPE.ping, 0, 0, Buffer.alloc(8))],
    ['settings', frame(TYPE.settings, 0, 0, setting(4, 65_535))],
  ])('of %s whose answers are not read', async (_what, one) => {
    client.socket.pause();
    const thousand = Buffer.concat(Array.from({ length: 1000 }, () => one));
    // The buffers of the sockets take the first answers, some megabytes; the next would be held in memory.
    for (let turn = 0; turn < 3000 && !client.closed; turn += 1) {
      if (!client.socket.write(thousand)) {
        await new Promise<void>((resolve) => {
          client.socket.once('drain', resolve);
          client.socket.once('close', resolve);
        });
      }
    }
    expect(client.closed).toBe(true);
    await othersAreServed();
  });

  it('of empty data frames', async () => {
    client.send(headers(1, but([':method', 'POST']), END_HEADERS));
    expect(await flood(() => frame(TYPE.data, 0, 1), 5000)).toBeLessThan(5000);
    await othersAreServed();
  });

  it('of streams beyond those offered', async () => {
    await served[Symbol.asyncDispose]();
    served = await serveListener({}, () => {});
    client = new FrameClient(served.port);
    expect(await flood((turn) => headers(2 * turn + 1, GET), 2000)).toBeLessThan(2000);
    expect(served.received.length).toBeLessThanOrEqual(100);
  });

  it('of acknowledgements that nobody has asked for', async () => {
    expect(await flood(() => frame(TYPE.settings, ACK, 0), 5000)).toBeLessThan(5000);
    await othersAreServed();
  });
});
