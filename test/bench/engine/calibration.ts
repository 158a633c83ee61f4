// How fast this process is at something that never changes.
import { percentile } from '../stats.ts';

/** A few hundred microseconds of arithmetic: long enough to time, short enough to fit between two interruptions. */
const TURNS = 300_000;
const TIMES = 100;

/** Microseconds, the median of many. */
export function calibration(): number {
  const times: number[] = [];
  for (let n = 0; n < TIMES; n += 1) {
    const begun = performance.now();
    turn(n);
    times.push((performance.now() - begun) * 1000);
  }
  return percentile(times, 50);
}

/** Marsaglia's xorshift, so that no turn can be left out. */
function turn(seed: number): number {
  let state = seed | 1;
  for (let n = 0; n < TURNS; n += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
  }
  return state;
}
