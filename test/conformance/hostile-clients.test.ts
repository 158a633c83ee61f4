// Clients that send nonsense, break off and reset: whatever they do, the process serves on and nothing is left running.
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ask } from './client.ts';
import { serveGuests, type ServedGuest } from './serve-guest.ts';

let served: ServedGuest;

beforeAll(async () => {
  served = await serveGuests(['recho', 'rchunks', 'rio', 'rview']);
});

afterAll(() => served?.stop());

const PATHS = [
  '/recho/',
  '/recho/?ignore',
  '/rchunks/?count=20&size=70000',
  '/rio/drop-body-unread',
  '/rio/trailers',
  '/rview/?unset',
  '/rview/?err',
  '/rview/?set=trailer:x',
  '/rview/?set=content-length:99',
  '/rview/?status=199',
  '/none',
  '*',
  'http://h/rview/',
];
const FIELDS = [
  'Host: h',
  'Connection: close',
  'Expect: 100-continue',
  'Expect: x',
  'Upgrade: websocket\r\nConnection: Upgrade',
  'TE: trailers',
  'Transfer-Encoding: chunked',
  'Content-Length: 5',
  'Content-Length: 100000',
  'X: \u0080\u00ff',
  '__proto__: x',
  'constructor: y',
];
const BODIES = [
  '',
  'hello',
  '5\r\nhello\r\n0\r\n\r\n',
  '5\r\nhello\r\n0\r\nx-t: v\r\n__proto__: z\r\n\r\n',
  'zz\r\n',
  'x'.repeat(100_000),
];

const request = fc
  .tuple(
    fc.constantFrom('GET', 'POST', 'HEAD', 'PUT', 'OPTIONS', 'CONNECT', 'FOO', 'DELETE'),
    fc.constantFrom(...PATHS),
    fc.constantFrom('1.1', '1.1', '1.0', '2.0', '9.9'),
    fc.array(fc.constantFrom(...FIELDS), { maxLength: 5 }),
    fc.constantFrom(...BODIES),
  )
  .map(([method, path, version, fields, body]) =>
    [`${method} ${path} HTTP/${version}`, ...fields, '', body].join('\r\n'),
  );

const exchanges = fc.record({
  text: fc.array(request, { minLength: 1, maxLength: 3 }).map((requests) => requests.join('')),
  /** Where one byte is changed, as a part of the text; none when undefined. */
  damage: fc.option(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 0, max: 255 })), {
    nil: undefined,
  }),
  /** How much of it is sent. */
  part: fc.constantFrom(1, 1, 1, 1, 0.9, 0.3),
  reads: fc.boolean(),
  /** Milliseconds until the client leaves. */
  stays: fc.integer({ min: 0, max: 30 }),
  leaves: fc.constantFrom('reset', 'destroy', 'end'),
});

type Exchange = typeof exchanges extends fc.Arbitrary<infer T> ? T : never;

function bytesOf({ text, damage, part }: Exchange): Buffer {
  const bytes = Buffer.from(text, 'latin1');
  if (damage !== undefined) {
    bytes[Math.floor(damage[0] * (bytes.length - 1))] = damage[1];
  }
  return bytes.subarray(0, Math.ceil(bytes.length * part));
}

async function run(exchange: Exchange): Promise<void> {
  const socket = connect(served.port, '127.0.0.1');
  const closed = new Promise<void>((done) => socket.once('close', () => done()));
  socket.on('error', () => {});
  socket.write(bytesOf(exchange));
  if (exchange.reads) {
    socket.resume();
  }
  await sleep(exchange.stays);
  if (exchange.leaves === 'reset') {
    socket.resetAndDestroy();
  } else if (exchange.leaves === 'destroy') {
    socket.destroy();
  } else {
    socket.end();
    await sleep(10);
    socket.destroy();
  }
  await closed;
}

it('outlives six hundred of them, and has nothing running afterwards', async () => {
  const all = fc.sample(exchanges, { numRuns: 600, seed: 7 });
  const next = all.values();
  await Promise.all(
    Array.from({ length: 20 }, async () => {
      for (const exchange of next) {
        await run(exchange);
      }
    }),
  );
  expect(await ask(served.port, '/rview/')).toMatchObject({ status: 200 });
  expect(await served.app.stop(5000)).toBe(0);
});
