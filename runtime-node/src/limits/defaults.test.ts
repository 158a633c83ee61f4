import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS, limitsFrom, shareLimits, usefulThreads } from './defaults.ts';

const sum = (values: readonly (number | undefined)[]): number =>
  values.reduce<number>((total, value) => total + (value ?? Number.NaN), 0);

describe('limits', () => {
  it('that nobody gave end no call, but bound what a process takes on', () => {
    expect(DEFAULT_LIMITS).toEqual({
      instanceMemory: undefined,
      requestMs: undefined,
      cpuMs: undefined,
      stallMs: 60_000,
      concurrency: 1000,
      queue: 1000,
      connections: 10_000,
    });
  });

  it('on time keep the backstop behind them', () => {
    expect(limitsFrom({ requestMs: 120_000 }).stallMs).toBe(240_000);
    expect(limitsFrom({ cpuMs: 45_000 }).stallMs).toBe(90_000);
    expect(limitsFrom({ requestMs: 1000 }).stallMs).toBe(60_000);
    expect(limitsFrom({ requestMs: 120_000, stallMs: 5 }).stallMs).toBe(5);
  });

  it('of a process are those of its threads together, however many', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 64 }), fc.nat(5000), fc.nat(5000), (asked, concurrencyAbove, queue) => {
        const limits = limitsFrom({ concurrency: concurrencyAbove + 1, queue, instanceMemory: 65_536, requestMs: 7 });
        const threads = usefulThreads(asked, limits);
        const shares = shareLimits(limits, threads);
        expect(shares.length).toBe(threads);
        expect(threads).toBeLessThanOrEqual(asked);
        expect(sum(shares.map(({ concurrency }) => concurrency))).toBe(limits.concurrency);
        expect(sum(shares.map((share) => share.queue))).toBe(queue);
        for (const share of shares) {
          expect(share.concurrency).toBeGreaterThan(0);
          expect(share).toMatchObject({ instanceMemory: 65_536, requestMs: 7 });
        }
      }),
    );
  });

  it('without a number of calls stay without one in each thread', () => {
    const limits = { ...DEFAULT_LIMITS, concurrency: undefined };
    expect(usefulThreads(4, limits)).toBe(4);
    expect(shareLimits(limits, 2).map(({ concurrency }) => concurrency)).toEqual([undefined, undefined]);
  });
});
