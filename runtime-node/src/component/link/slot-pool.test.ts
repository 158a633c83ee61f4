import { describe, expect, it } from 'vitest';
import { SlotPool, surplus, type Pooled } from './slot-pool.ts';

class Piece implements Pooled {
  released = 0;
  release(): void {
    this.released += 1;
  }
}

/** A pool whose looks are made by hand. */
function pool(underPressure = () => false): { pool: SlotPool<Piece>; look: () => void; looking: () => boolean } {
  let act: (() => void) | undefined;
  const made = new SlotPool<Piece>(underPressure, (_milliseconds, next) => {
    act = next;
    return () => {
      act = undefined;
    };
  });
  return { pool: made, look: () => act?.(), looking: () => act !== undefined };
}

function fill(target: SlotPool<Piece>, count: number): Piece[] {
  const pieces = Array.from({ length: count }, () => new Piece());
  for (const piece of pieces) {
    target.give(piece);
  }
  return pieces;
}

describe('the free slots', () => {
  it('are used again last in, first out', () => {
    const { pool: slots } = pool();
    const [first, second] = fill(slots, 2);
    expect([slots.take(), slots.take(), slots.take()]).toEqual([second, first, undefined]);
  });

  it('shrink to one while nobody needs them, and nothing is looked after any more then', () => {
    const { pool: slots, look, looking } = pool();
    const pieces = fill(slots, 40);
    const sizes: number[] = [];
    for (let i = 0; i < 12; i += 1) {
      look();
      sizes.push(slots.free);
    }
    expect(sizes).toEqual([40, 20, 10, 5, 2, 1, 1, 1, 1, 1, 1, 1]);
    expect(looking()).toBe(false);
    // The one that stays is the warmest, and holds nothing that it does not need.
    expect(slots.take()).toBe(pieces[39]);
    expect(pieces.every(({ released }) => released > 0)).toBe(true);
  });

  it('stay while they are all used now and then', () => {
    const { pool: slots, look } = pool();
    fill(slots, 10);
    for (let round = 0; round < 20; round += 1) {
      const used = Array.from({ length: 10 }, () => slots.take() as Piece);
      used.forEach((piece) => slots.give(piece));
      look();
    }
    expect(slots.free).toBe(10);
  });

  it('go at once, all but one, when memory is short', () => {
    const { pool: slots, look } = pool(() => true);
    fill(slots, 40);
    look();
    expect(slots.free).toBe(1);
  });

  it('go when the pool is closed', () => {
    const { pool: slots, looking } = pool();
    fill(slots, 3);
    slots.close();
    expect([slots.free, slots.take(), looking()]).toEqual([0, undefined, false]);
  });
});

it.each([
  [0, 0, false, 0],
  [1, 1, false, 0],
  [1, 1, true, 0],
  [2, 2, false, 1],
  [8, 0, false, 0],
  [8, 3, false, 2],
  [8, 8, true, 7],
])('of %i free slots, %i of them not needed, under pressure %s, %i go', (free, lowest, pressure, gone) => {
  expect(surplus(free, lowest, pressure)).toBe(gone);
});
