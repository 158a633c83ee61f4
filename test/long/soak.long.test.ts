// An hour of everything at once against a real process: what it holds at rest must not grow.
// SPINDLE_SOAK_MINUTES sets another duration.
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { processState, type ProcessState } from '../bench/process-figures.ts';
import { startApp } from './soak/app.ts';
import { loadFor, randomFrom, type Tally } from './soak/load.ts';
import { risenFloor } from './soak/trend.ts';

const MINUTES = Number(process.env['SPINDLE_SOAK_MINUTES'] ?? 60);

/** Between two samples the load is taken away; enough of them to see a trend. */
const SAMPLES = 20;

/** Caches and pools fill in the beginning. */
const WARM_UP = Math.ceil(SAMPLES / 4);

/** How long the process gets to come to rest: the pool gives back what was not needed, sockets close. */
const REST_MS = Math.min(10_000, (MINUTES * 60_000) / SAMPLES / 2);

/**
 * By how much the floor of each may be higher in the second half than in the first, after the warm-up. A leak of one
 * object per request shows as thousands: an hour is half a million requests.
 */
const TOLERANCE: Readonly<Record<keyof ProcessState, number>> = {
  resident: 24_000_000, // what V8's heap is larger or smaller by from one collection to the next
  threads: 1, // V8 starts and ends helpers
  files: 4, // a connection that the last client has not closed yet
  mappings: 200, // pages of V8's heap, one mapping each
};

describe(`a soak of ${MINUTES} minutes`, () => {
  it('answers every request as it should, and holds no more at its end than at its beginning', async () => {
    const app = await startApp();
    const tally: Tally = { done: new Map(), wrong: [] };
    const samples: ProcessState[] = [];
    const random = randomFrom(20_261_121);
    try {
      for (let round = 0; round < SAMPLES; round += 1) {
        await loadFor(app.port, (MINUTES * 60_000) / SAMPLES - REST_MS, random, tally);
        await sleep(REST_MS);
        expect(app.exit()).toBeUndefined();
        expect(tally.wrong).toEqual([]); // as soon as there is something, not after an hour
        samples.push(processState(app.pid));
        console.log(`${round + 1}/${SAMPLES}`, JSON.stringify(samples.at(-1)), `${tally.wrong.length} wrong`);
      }
      console.log(JSON.stringify(Object.fromEntries(tally.done)));
      const later = samples.slice(WARM_UP);
      for (const kind of Object.keys(TOLERANCE) as (keyof ProcessState)[]) {
        const grown = risenFloor(later.map((state) => state[kind]));
        expect([kind, grown, grown <= TOLERANCE[kind]]).toEqual([kind, grown, true]);
      }
    } finally {
      expect(await app.stop()).toBe(0);
    }
  });
});
