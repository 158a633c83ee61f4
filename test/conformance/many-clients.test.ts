// Many clients at once, patient and impatient, with guests that succeed, wait, fail and ask unreliable servers: every
// answer that looks whole is right, what is reported is what failed, and in the end nothing runs any more.
import { Agent, type RequestListener } from 'node:http';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fixturePath } from '../guests/fixtures.ts';
import { open, readWhole, responseTo, type Answer } from './client.ts';
import { serveComponents, type ServedGuest } from './serve-guest.ts';
import { upstream, type Upstream } from './upstream.ts';

let served: ServedGuest;
let unreliable: Upstream;

/** Answers by the path: whole, cut before or in the middle, or not at all. */
const misbehave: RequestListener = (request, response) => {
  switch (request.url) {
    case '/whole':
      response.end('x'.repeat(50_000));
      return;
    case '/half':
      response.write('half', () => response.destroy());
      return;
    case '/cut':
      response.destroy();
      return;
    default:
  }
};

beforeAll(async () => {
  unreliable = await upstream(misbehave);
  const routes = {
    recho: '/echo',
    rchunks: '/chunks',
    rfanout: '/fanout',
    rlate: '/late',
    rnever: '/hang',
    rtrap: '/...',
  };
  served = await serveComponents(
    await Promise.all(
      Object.entries(routes).map(async ([id, route]) => ({ id, route, source: await fixturePath(id) })),
    ),
    { component: 'allowed_outbound_hosts = ["http://127.0.0.1:*"]' },
  );
});

afterAll(async () => {
  await served?.stop();
  await unreliable?.close();
});

const milliseconds = (max: number): fc.Arbitrary<number> => fc.integer({ min: 0, max });
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const CHUNKS = [...'abcdefgh'].map((letter) => letter.repeat(40_000)).join('');

/** Path to the body of an answer that is whole. */
const PATHS: Readonly<Record<string, string | undefined>> = {
  '/chunks?count=8&size=40000': CHUNKS,
  '/chunks?count=8&size=40000&ms=1': CHUNKS,
  '/late?steps=2&ms=2': 'answered\n',
  '/ok': 'ok\n',
  '/panic': '',
  '/hang': undefined,
  '/fanout?url={url}/whole&url={url}/whole': '0 200 50000\n1 200 50000\n',
  '/fanout?url={url}/half&url={url}/cut': '0 200 body error',
  '/fanout?url={url}/never&url={url}/whole': undefined,
  '/echo': undefined,
};

const visits = fc.record({
  path: fc.constantFrom(...Object.keys(PATHS)),
  /** What an echo gets, and how long the client pauses between the pieces. */
  pieces: fc.array(fc.integer({ min: 1, max: 100_000 }), { maxLength: 4 }),
  pauseMs: milliseconds(3),
  /** When the client gives up; one that waits for ever would. */
  patienceMs: fc.option(milliseconds(15), { freq: 2 }),
  readsLate: fc.boolean(),
  keepsAlive: fc.boolean(),
});

type Visit = typeof visits extends fc.Arbitrary<infer V> ? V : never;

const endless = (path: string): boolean => path === '/hang' || path.includes('/never');

async function visit(one: Visit, agent: Agent): Promise<Answer | undefined> {
  const echo = one.path === '/echo';
  const path = one.path.replaceAll('{url}', unreliable.url);
  const client = open(served.port, path, {
    method: echo ? 'POST' : 'GET',
    ...(one.keepsAlive ? { agent } : {}),
  });
  const patience = one.patienceMs ?? (endless(one.path) ? 10 : undefined);
  const closed = new Promise<void>((resolve) => client.on('close', () => resolve()));
  let gaveUp = false;
  const giveUp = (): void => {
    gaveUp = true;
    client.destroy();
  };
  const timer = patience === undefined ? undefined : setTimeout(giveUp, patience);
  const answer = responseTo(client).then(
    (response) => {
      const whole = readWhole(response);
      if (one.readsLate) {
        response.pause();
        setTimeout(() => response.resume(), 10);
      }
      return whole;
    },
    // expected: a client that gives up sees nothing.
    () => undefined,
  );
  for (const size of echo ? one.pieces : []) {
    client.write('e'.repeat(size));
    await sleep(one.pauseMs);
  }
  client.end();
  await closed;
  clearTimeout(timer);
  return gaveUp ? undefined : answer;
}

/** What a whole answer to this visit begins with. */
const expectedBody = ({ path, pieces }: Visit): string =>
  path === '/echo' ? 'e'.repeat(pieces.reduce((sum, size) => sum + size, 0)) : (PATHS[path] ?? '');

it('end well, whatever they do', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 10 });
  const all = fc.sample(visits, { seed: 20_261_121, numRuns: 300 });
  const next = all.values();
  const wrong: unknown[] = [];
  let whole = 0;
  const client = async (): Promise<void> => {
    for (const one of next) {
      const answer = await visit(one, agent);
      if (answer === undefined || answer.cut === true) {
        continue;
      }
      whole += 1;
      const status = one.path === '/panic' ? 500 : 200;
      if (answer.status !== status || !(answer.body ?? '').startsWith(expectedBody(one))) {
        wrong.push([one, answer.status, answer.body?.slice(0, 100)]);
      }
    }
  };
  await Promise.all(Array.from({ length: 20 }, client));
  agent.destroy();
  expect(wrong).toEqual([]);
  expect(whole).toBeGreaterThan(50);
  expect(new Set(served.errors)).toEqual(new Set(['Error processing request, component rtrap: unreachable']));
  expect(await served.stop()).toBe(0);
});
