import { describe, expect, it } from 'vitest';
import { HotPagePolicy } from './hot-page-policy.ts';

const KB = 1024;
const MB = 1024 * KB;

/** Resets with this many private bytes until they are dropped. */
function resetsUntilDropped(policy: HotPagePolicy, bytes: number, limit = 200_000): number {
  for (let count = 1; count <= limit; count++) {
    if (policy.next(bytes) === 'discard') {
      return count;
    }
  }
  return Infinity;
}

describe('the private pages of a slot', () => {
  it('are never dropped while they are few', () => {
    expect(resetsUntilDropped(new HotPagePolicy(), 64 * KB)).toBe(Infinity);
  });

  it('are learnt again ever less often while they turn out to be needed', () => {
    const policy = new HotPagePolicy();
    const counts = Array.from({ length: 15 }, () => resetsUntilDropped(policy, MB));
    expect(counts.slice(0, 4)).toEqual([24, 24, 48, 96]);
    // And never less often than that.
    expect(counts.slice(-2)).toEqual([65_536, 65_536]);
  });

  it('are learnt again soon after one request has written many more', () => {
    const policy = new HotPagePolicy();
    for (let round = 0; round < 5; round++) {
      resetsUntilDropped(policy, 200 * KB);
    }
    expect(resetsUntilDropped(policy, 3 * MB)).toBe(24);
    // What that one had written is not needed: the same soon holds for what is usual.
    expect(Array.from({ length: 3 }, () => resetsUntilDropped(policy, 200 * KB))).toEqual([24, 24, 48]);
  });

  it('are dropped at once when a request has written a lot, until that proves to be usual', () => {
    const policy = new HotPagePolicy();
    expect([policy.next(6 * MB), policy.next(6 * MB), policy.next(6 * MB)]).toEqual(['discard', 'discard', 'copy']);
    expect(resetsUntilDropped(policy, 6 * MB)).toBe(23);
    expect(resetsUntilDropped(policy, 6 * MB)).toBe(24);
    // Small requests again: found out, and the next large one is dropped at once again.
    expect(resetsUntilDropped(policy, 100 * KB)).toBe(48);
    expect(policy.next(6 * MB)).toBe('discard');
  });

  it('are always dropped beyond 16 MiB', () => {
    const policy = new HotPagePolicy();
    expect(Array.from({ length: 10 }, () => policy.next(17 * MB))).toEqual(Array.from({ length: 10 }, () => 'discard'));
  });
});
