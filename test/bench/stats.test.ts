import { describe, expect, it } from 'vitest';
import { percentile, ratioOfRounds, spread, steady } from './stats.ts';

describe('a list of measurements', () => {
  it.each([
    [[3], { median: 3, min: 3, max: 3 }],
    [[4, 1, 3], { median: 3, min: 1, max: 4 }],
    [[4, 1, 3, 2], { median: 2.5, min: 1, max: 4 }],
    [[], { median: Number.NaN, min: Number.NaN, max: Number.NaN }],
  ])('%j has its middle, least and greatest', (values, expected) => {
    expect(spread(values)).toEqual(expected);
  });

  it.each([
    [0, 1],
    [10, 1],
    [50, 5],
    [95, 10],
    [100, 10],
  ])('has a %i-percentile by nearest rank', (percent, expected) => {
    expect(percentile([10, 9, 8, 7, 6, 5, 4, 3, 2, 1], percent)).toBe(expected);
  });

  it('is compared with another round by round, so that what slows both changes nothing', () => {
    expect(ratioOfRounds([10, 100, 30], [20, 200, 30])).toBe(0.5);
    expect(ratioOfRounds([], [1])).toBeNaN();
  });

  it('is steady within a factor of two', () => {
    expect(steady([100, 200, 150])).toBe(true);
    expect(steady([100, 201])).toBe(false);
    expect(steady([])).toBe(false);
  });
});
