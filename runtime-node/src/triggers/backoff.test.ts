import { expect, it } from 'vitest';
import { Backoff } from './backoff.ts';

it('waits twice as long after each failure, up to half a minute, and briefly again after a connection that stayed', () => {
  const backoff = new Backoff(() => 1);
  const waits = Array.from({ length: 9 }, () => backoff.next(0));
  expect(waits).toEqual([250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  expect(backoff.next(9999)).toBe(30_000);
  expect([backoff.next(10_000), backoff.next(0)]).toEqual([250, 500]);
});

it('takes up to half of the time away', () => {
  const waits = [0, 0.5].map((random) => new Backoff(() => random).next(0));
  expect(waits).toEqual([125, 187.5]);
});
