import { describe, expect, it } from 'vitest';
import { LoadSign } from './load-sign.ts';

describe('a thread', () => {
  it('is not busy with a request now and then', () => {
    const sign = new LoadSign();
    expect([0, 2, 40, 44].map((run, second) => sign.look(second * 1000, run))).toEqual([false, false, false, false]);
  });

  it('is busy with many, for as long as the looks are apart', () => {
    const sign = new LoadSign();
    sign.look(0, 0);
    expect(sign.look(1000, 102)).toBe(true);
    expect(sign.look(1100, 104)).toBe(false);
    expect(sign.look(1200, 116)).toBe(true);
  });

  it('is busy with one that does not end', () => {
    const sign = new LoadSign();
    expect([7, 7, 8].map((run, second) => sign.look(second * 1000, run))).toEqual([false, true, false]);
  });

  it('is not taken for idle when its numbers go round', () => {
    const sign = new LoadSign();
    sign.look(0, 2_147_483_600);
    expect(sign.look(1000, -2_147_483_500)).toBe(true);
  });
});
