import { expect, it } from 'vitest';
import { risenFloor } from './trend.ts';

it.each([
  ['stands still', [5, 5, 5, 5], 0],
  ['grows steadily', [0, 2, 4, 6, 8, 10], 6],
  ['shrinks', [8, 6, 4, 2], -4],
  ['jumps now and then', [5, 90, 5, 70, 5, 80], 0],
  ['grows below its jumps', [5, 90, 6, 7, 80, 8], 2],
])('the floor of a series that %s', (_name, values, expected) => {
  expect(risenFloor(values)).toBe(expected);
});

it('of one value does not rise', () => {
  expect(risenFloor([1])).toBeNaN();
});
