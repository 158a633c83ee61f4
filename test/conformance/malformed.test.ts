// Malformed requests of HTTP/1.1, and those that have served for smuggling: answered as what they are or refused, and the
// connection is in a state that both sides know.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from './client.ts';
import { CHUNKS, CODINGS, FIELDS, LENGTHS, LINES, PIPELINES, type MalformedCase } from './malformed/cases.ts';
import { exchange } from './raw-exchange.ts';
import { serveGuest, type ServedGuest } from './serve-guest.ts';

let served: ServedGuest;

beforeAll(async () => {
  served = await serveGuest('skv', { component: 'key_value_stores = ["default"]' });
});

afterAll(() => served?.stop());

const PROBE = 'GET /probe HTTP/1.1\r\nHost: probe\r\nConnection: close\r\n\r\n';

/** How often `/` was called. */
async function visits(): Promise<number> {
  const { body } = await ask(served.port, '/get/visits');
  return Number(/^Some\("(\d+)"\)/.exec(body ?? '')?.[1] ?? 0);
}

describe.each([
  ['lengths', LENGTHS],
  ['transfer codings', CODINGS],
  ['chunks', CHUNKS],
  ['fields', FIELDS],
  ['request lines', LINES],
  ['requests in a row', PIPELINES],
] as const)('%s', (_what, cases: Readonly<Record<string, MalformedCase>>) => {
  it.each(Object.entries(cases))('%s', async (_name, { sent, statuses, calls, open }) => {
    const before = await visits();
    const answer = await exchange(served.port, sent + PROBE, { thenEnd: !open });
    const heads = [...answer.matchAll(/(?<=^|\r\n|[^\r\n])HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1]));
    const after = await visits();
    expect({ statuses: heads, calls: after - before, probe: answer.includes('no such call') }).toEqual({
      statuses: open ? [...statuses, 200] : statuses,
      calls,
      probe: open,
    });
  });
});
