import { expect, it } from 'vitest';
import { RestartDelay } from './restart-delay.ts';

it('waits longer for each thread that dies at once, up to a bound, and not at all for one that had served', () => {
  const delay = new RestartDelay();
  expect(Array.from({ length: 9 }, () => delay.next(0))).toEqual([0, 100, 200, 400, 800, 1600, 3200, 5000, 5000]);
  expect(delay.next(10_000)).toBe(0);
  expect([delay.next(0), delay.next(9_999)]).toEqual([0, 100]);
});
