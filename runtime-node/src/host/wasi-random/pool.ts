// Random bytes ahead: guests ask for a few at a time, for hash tables and identifiers, and each call of the system's
// generator costs more than the rest of such a request. Every byte is given once and erased.
import type { RandomSource } from './host.ts';

const POOL_BYTES = 4_096;

/** Longer requests go to the generator itself. */
const MOST_FROM_POOL = 256;

export function pooled(fill: RandomSource): RandomSource {
  const pool = new Uint8Array(POOL_BYTES);
  let used = POOL_BYTES;
  return (bytes) => {
    if (bytes.length > MOST_FROM_POOL) {
      fill(bytes);
      return;
    }
    if (used + bytes.length > POOL_BYTES) {
      fill(pool);
      used = 0;
    }
    const taken = pool.subarray(used, used + bytes.length);
    bytes.set(taken);
    taken.fill(0);
    used += bytes.length;
  };
}
