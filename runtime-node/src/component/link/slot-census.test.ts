import { describe, expect, it } from 'vitest';
import { SlotCensus } from './slot-census.ts';

describe('the census of slots', () => {
  it('has memories counted with the heap while many slots are alive', () => {
    const switched: boolean[] = [];
    const census = new SlotCensus((on) => switched.push(on));
    const slots: object[] = [];
    const make = (count: number): void => {
      for (const slot of Array.from({ length: count }, () => ({}))) {
        slots.push(slot);
        census.made(slot);
      }
    };
    make(49);
    expect(switched).toEqual([]);
    make(10);
    expect(switched).toEqual([true]);
    for (let dropped = 0; dropped < 9; dropped += 1) {
      census.dropped();
    }
    expect(switched).toEqual([true]);
    census.dropped();
    expect(switched).toEqual([true, false]);
    make(1);
    expect(switched).toEqual([true, false, true]);
    expect(slots.length).toBe(60);
  });
});
