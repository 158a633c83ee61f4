import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InstrumentCounts } from '../../telemetry/instruments.ts';
import { ConnectionLimit, limitPerThread } from './connection-limit.ts';

describe('the share of a thread', () => {
  it.each([
    [undefined, 4, undefined],
    [0, 4, 0],
    [1, 4, 1],
    [9, 4, 2],
    [8, 1, 8],
  ])('of %s among %s is %s', (limit, threads, share) => {
    expect(limitPerThread(limit, threads)).toBe(share);
  });
});

describe('a limit of connections', () => {
  it('gives as many places as it has, and again what was given back', () => {
    const limit = new ConnectionLimit(2);
    const places = [limit.tryTake(), limit.tryTake()];
    expect(limit.tryTake()).toBeUndefined();
    places[0]?.[Symbol.dispose]();
    expect(limit.tryTake()).toBeDefined();
    expect(limit.tryTake()).toBeUndefined();
  });

  it('gets a place back once, however often it is disposed', () => {
    const limit = new ConnectionLimit(2);
    const place = limit.tryTake();
    limit.tryTake();
    place?.[Symbol.dispose]();
    place?.[Symbol.dispose]();
    expect(limit.taken).toBe(1);
  });

  it('of none gives none, and without a number gives all', () => {
    expect(new ConnectionLimit(0).tryTake()).toBeUndefined();
    const limit = new ConnectionLimit(undefined);
    expect(Array.from({ length: 1000 }, () => limit.tryTake()).every((place) => place !== undefined)).toBe(true);
  });

  it('within another takes of both', () => {
    const whole = new ConnectionLimit(3);
    const [one, other] = [new ConnectionLimit(2, whole), new ConnectionLimit(undefined, whole)];
    expect([one.tryTake(), one.tryTake()].includes(undefined)).toBe(false);
    expect(one.tryTake()).toBeUndefined();
    const place = other.tryTake();
    expect(other.tryTake()).toBeUndefined();
    expect(whole.taken).toBe(3);
    place?.[Symbol.dispose]();
    expect([one.free, other.free]).toEqual([false, true]);
  });

  it('tells of each place that came back, wherever in the whole', () => {
    const whole = new ConnectionLimit(3);
    const [one, other] = [new ConnectionLimit(undefined, whole), new ConnectionLimit(undefined, whole)];
    let told = 0;
    one.onFree(() => (told += 1));
    for (const place of [one.tryTake(), other.tryTake(), whole.tryTake()]) {
      place?.[Symbol.dispose]();
    }
    expect(told).toBe(3);
  });

  it('is never exceeded, and never forgets a place', () => {
    const steps = fc.array(fc.record({ limit: fc.nat(2), place: fc.option(fc.nat(10)) }), { maxLength: 60 });
    fc.assert(
      fc.property(fc.nat(6), fc.nat(4), steps, (max, innerMax, list) => {
        const whole = new ConnectionLimit(max);
        const inner = new ConnectionLimit(innerMax, whole);
        const limits = [whole, inner, new ConnectionLimit(1, inner)] as const;
        const held: Disposable[] = [];
        for (const { limit, place } of list) {
          if (place === null) {
            const taken = limits[limit]?.tryTake();
            held.push(...(taken === undefined ? [] : [taken]));
          } else {
            held.splice(place, 1)[0]?.[Symbol.dispose]();
          }
          expect(whole.taken).toBe(held.length);
          expect(whole.taken).toBeLessThanOrEqual(max);
          expect(inner.taken).toBeLessThanOrEqual(innerMax);
        }
      }),
    );
  });
});

/** `own` within `whole` connections of all kinds. */
function watched(own: number | undefined, whole: number | undefined) {
  const counts = new InstrumentCounts();
  const all = new ConnectionLimit(whole);
  return { counts, limit: new ConnectionLimit(own, all, { kind: 'pg', instruments: counts }), all };
}

const shares = (counts: InstrumentCounts, name: string): number =>
  counts.histograms.find((histogram) => histogram.name === name)?.sum ?? Number.NaN;

describe('connections of a kind that is watched', () => {
  it('are counted as they are had, at once or after a while', () => {
    const { counts, limit } = watched(4, undefined);
    limit.tryTake();
    limit.acquired();
    limit.tryTake();
    limit.acquired(70);
    expect(counts.counters).toEqual([
      { name: 'outbound_connection_permits_acquired', attributes: { kind: 'pg', waited: false }, count: 1 },
      { name: 'outbound_connection_permits_acquired', attributes: { kind: 'pg', waited: true }, count: 1 },
    ]);
    const wait = counts.histograms.find(({ name }) => name === 'outbound_connection_permit_wait_duration_ms');
    expect(wait).toMatchObject({ attributes: { kind: 'pg' }, sum: 70 });
    expect(wait?.buckets.indexOf(1)).toBe(5);
  });

  it('tell how much of the limits is taken, when one is had and when one is given back', () => {
    const { counts, limit } = watched(4, 8);
    const place = limit.tryTake();
    limit.acquired();
    expect(shares(counts, 'outbound_connection_factor_utilization')).toBe(0.25);
    expect(shares(counts, 'outbound_connection_global_utilization')).toBe(0.125);
    limit.tryTake();
    limit.acquired();
    place?.[Symbol.dispose]();
    expect(shares(counts, 'outbound_connection_factor_utilization')).toBe(1);
    expect(counts.histograms.map(({ name, attributes }) => [name, attributes])).toEqual([
      ['outbound_connection_factor_utilization', { kind: 'pg' }],
      ['outbound_connection_global_utilization', {}],
    ]);
  });

  it('say nothing of limits that are not set, nor of narrower ones within their kind', () => {
    const { counts, limit } = watched(undefined, undefined);
    const ofInstance = new ConnectionLimit(2, limit);
    ofInstance.tryTake();
    ofInstance.acquired();
    expect(counts.histograms).toEqual([]);
    expect(counts.counters.map(({ count }) => count)).toEqual([1]);
  });

  it.each([
    [1, 5, 'factor'],
    [5, 1, 'global'],
  ])('of %i among %i that are refused name the limit: %s', (own, whole, name) => {
    const { counts, limit } = watched(own, whole);
    limit.tryTake();
    expect(limit.tryTake()).toBeUndefined();
    limit.rejected();
    expect(counts.counters).toEqual([
      { name: 'outbound_connection_permits_rejected', attributes: { kind: 'pg', limit: name }, count: 1 },
    ]);
  });
});
