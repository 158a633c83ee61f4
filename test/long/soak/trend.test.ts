import { expect, it } from 'vitest';
import { growth } from './trend.ts';

const series = (values: readonly number[]) => values.map((value, at) => ({ at, value }));

it.each([
  ['stands still', [5, 5, 5, 5], 0],
  ['grows steadily', [0, 2, 4, 6, 8], 8],
  ['shrinks', [8, 6, 4], -4],
  ['jumps once and falls back', [5, 5, 90, 5, 5, 5, 5], 0],
  ['goes up and down', [1, 3, 1, 3, 1, 3, 1, 3, 1], 0],
])('a series that %s', (_name, values, expected) => {
  expect(growth(series(values))).toBeCloseTo(expected);
});

it('of one sample has no trend', () => {
  expect(growth(series([1]))).toBeNaN();
});
