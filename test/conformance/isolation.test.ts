// Each request has an instance of its own: memory, globals, tables and environment as they were at start, whatever
// other requests do before it or at the same time (spin-contract.md §4).
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixturePath } from '../guests/fixtures.ts';
import { ask, BodyReader, open, responseTo } from './client.ts';
import { serveComponents, serveGuest, type ServedGuest } from './serve-guest.ts';

/** Enough to meet each other in every state, few enough for a small machine. */
const MANY = 50;

const bodies = async (port: number, paths: readonly string[]): Promise<(string | undefined)[]> =>
  (await Promise.all(paths.map((path) => ask(port, path)))).map(({ body }) => body);

describe('a guest that keeps what it can', () => {
  let served: ServedGuest;

  beforeAll(async () => {
    served = await serveComponents([
      { id: 'rstate', route: '/...', source: await fixturePath('rstate') },
      { id: 'recho', route: '/echo', source: await fixturePath('recho') },
    ]);
  });

  afterAll(() => served?.stop());

  const inTurn = async (...paths: string[]): Promise<(string | undefined)[]> => {
    const answers: (string | undefined)[] = [];
    for (const path of paths) {
      answers.push((await ask(served.port, path)).body);
    }
    return answers;
  };

  it('counts to one, again and again', async () => {
    expect(await inTurn('/count', '/count', '/count')).toEqual(['1\n', '1\n', '1\n']);
  });

  it('finds its own secret, and none of another request', async () => {
    const [own] = await inTurn('/scan?write=4');
    expect(own).toMatch(/^hits [1-9]\d{5,} /);
    const found = await inTurn('/write?mb=4', '/scan', '/write?mb=16', '/scan', '/scan');
    const clean = expect.stringMatching(/^hits 0 pages \d+\n$/);
    expect(found).toEqual(['written\n', clean, 'written\n', clean, clean]);
  });

  it('has the memory it began with, however much another has taken', async () => {
    const [before] = await inTurn('/grow?pages=0');
    expect(await inTurn('/grow?pages=500', '/grow?pages=1', '/grow?pages=0')).toEqual([before, before, before]);
  });

  it('finds the environment of the manifest, not what another has put into it', async () => {
    expect(await inTurn('/env', '/env')).toEqual(['Err(NotPresent)\n', 'Err(NotPresent)\n']);
  });

  it('sees none of fifty others that run at the same time', async () => {
    const kinds = ['/count', '/scan', '/write?mb=1', '/env', '/grow?pages=3'];
    const paths = Array.from({ length: MANY }, (_, n) => kinds[n % kinds.length] ?? '');
    const answers = await bodies(served.port, paths);
    const [scan, grow] = [answers[1], answers[4]];
    expect(scan).toMatch(/^hits 0 /);
    expect(answers).toEqual(
      paths.map((_, n) => ['1\n', scan, 'written\n', 'Err(NotPresent)\n', grow][n % kinds.length]),
    );
  });

  it('is another one for each of fifty requests that wait for their clients in turn', async () => {
    const clients = Array.from({ length: MANY }, () => open(served.port, '/echo', { method: 'POST' }));
    const readers: BodyReader[] = [];
    for (const client of clients) {
      client.write('>');
      readers.push(new BodyReader(await responseTo(client)));
    }
    // Each step goes through all of them, each time in another order.
    const expected = clients.map(() => '>');
    for (const step of [1, 7, 11]) {
      for (let n = 0; n < MANY; n += 1) {
        const at = (n * step) % MANY;
        const text = `${step}/${at};`;
        expected[at] += text;
        clients[at]?.write(text);
      }
      await Promise.all(readers.map((reader, n) => reader.until((expected[n] ?? '').length)));
      expect((await inTurn('/count'))[0]).toBe('1\n');
    }
    for (const client of clients) {
      client.end();
    }
    await Promise.all(readers.map((reader) => reader.whole()));
    expect(readers.map(({ text }) => text)).toEqual(expected);
  });
});

describe('each kind of state of a module', () => {
  let served: ServedGuest;

  beforeAll(async () => {
    served = await serveGuest('state');
  });

  afterAll(() => served?.stop());

  /** Globals of four types, memory, pages, new pages, table size and slots, dropped data and element segments. */
  const KINDS = [...'glfvmpwtsde'].map((kind) => `/${kind}`);

  it('is as at start in each request, after each other kind and after a trap', async () => {
    for (const order of [KINDS, KINDS.toReversed()]) {
      for (const path of order) {
        const { body } = await ask(served.port, path);
        expect([path, body]).toEqual([path, '0\n']);
      }
      expect(await ask(served.port, '/x')).toMatchObject({ status: 500, body: '' });
    }
  });

  it('is as at start in requests that come at once', async () => {
    const paths = [...KINDS, ...KINDS, ...KINDS];
    expect(await bodies(served.port, paths)).toEqual(paths.map(() => '0\n'));
  });
});
