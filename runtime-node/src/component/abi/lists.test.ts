import { describe, expect, it } from 'vitest';
import { LIFT_BUDGET } from './guest-context.ts';
import { byteListCodec, listOf } from './lists.ts';
import { numberListOf } from './number-lists.ts';
import { tupleOf } from './records.ts';
import { scalars } from './scalars.ts';
import { GuestSide } from './testing/guest-side.ts';

const PAGE = 65_536;
const words = numberListOf('u32');

describe('a list of bytes', () => {
  it('is a copy, which later writes of the guest do not change', () => {
    const guest = new GuestSide();
    guest.put(100, 1, 2, 3);
    const list = byteListCodec.lift(guest.cx, [100, 3], 0);
    guest.put(100, 9, 9, 9);
    expect(list).toEqual(Uint8Array.of(1, 2, 3));
  });

  it('is not a Buffer, whose slice would be a view', () => {
    const guest = new GuestSide();
    expect(Buffer.isBuffer(byteListCodec.lift(guest.cx, [100, 3], 0))).toBe(false);
  });

  it.each([undefined, 'abc', { length: 3 }, Uint16Array.of(1)])('is refused from the host as %o', (value) => {
    expect(() => byteListCodec.lower(new GuestSide().cx, value, [], 0)).toThrow(/expected list<u8> as a Uint8Array/);
  });
});

describe('a list of numbers', () => {
  it('may come from the host as a typed array', () => {
    const { cx } = new GuestSide();
    const flat: number[] = [];
    words.lower(cx, Uint32Array.of(7, 4_000_000_000), flat, 0);
    expect(words.lift(cx, flat, 0)).toEqual([7, 4_000_000_000]);
  });

  it.each([undefined, 'ab', { 0: 1, length: 1 }, new DataView(new ArrayBuffer(8))])(
    'is refused from the host as %o',
    (value) => {
      expect(() => words.lower(new GuestSide().cx, value, [], 0)).toThrow(/expected a list as an array/);
    },
  );

  it('is checked number by number, also in a typed array of another type', () => {
    const { cx } = new GuestSide();
    expect(() => words.lower(cx, [1, -1], [], 0)).toThrow('expected u32, got -1');
    expect(() => words.lower(cx, Int32Array.of(1, -1), [], 0)).toThrow('expected u32, got -1');
    expect(() => numberListOf('u64').lower(cx, [1n, 2], [], 0)).toThrow('expected u64 as a bigint, got 2');
  });
});

describe.each([
  ['numbers', words],
  ['other elements', listOf(scalars.char)],
])('a list of %s of the guest', (_elements, list) => {
  it.each([
    ['is not aligned to its elements', 102, 1],
    ['ends after the memory', PAGE - 4, 2],
    ['has a length whose bytes overflow 32 bits', 0, 0x4000_0001],
    ['has the greatest length there is', 0, -1],
  ])('traps when it %s', (_what, pointer, length) => {
    const { cx } = new GuestSide();
    expect(() => list.lift(cx, [pointer, length], 0)).toThrow(/list pointer/);
  });

  it('may be empty at the very end of memory', () => {
    expect(list.lift(new GuestSide().cx, [PAGE, 0], 0)).toEqual([]);
  });

  it('traps when many lists over the same bytes would take more than the budget of one call', () => {
    const guest = new GuestSide({ pages: 2 });
    // 4096 lists of 64 KiB each, all of them the same bytes: 256 MiB out of two pages.
    const count = 4096;
    for (let i = 0; i < count; i++) {
      guest.cx.view.setUint32(PAGE + 8 * i, 0, true);
      guest.cx.view.setUint32(PAGE + 8 * i + 4, PAGE, true);
    }
    const lists = listOf(byteListCodec);
    guest.cx.beginLift();
    expect(() => lists.lift(guest.cx, [PAGE, count], 0)).toThrow(`more than ${LIFT_BUDGET} bytes`);
  });

  it('counts what its elements take in the host, however small they are in the guest', () => {
    const { cx } = new GuestSide();
    let nested = tupleOf([scalars.u8]);
    for (let depth = 1; depth < 50; depth++) {
      nested = tupleOf([nested]);
    }
    cx.beginLift();
    expect(listOf(nested).lift(cx, [0, 1000], 0)).toHaveLength(1000);
    // 50 arrays and a number each, though they are one byte each in the guest.
    cx.charge(LIFT_BUDGET - 1000 * 16 * 51);
    expect(() => listOf(nested).lift(cx, [0, 1], 0)).toThrow(/more than/);
  });

  it('gives each call a budget of its own', () => {
    const { cx } = new GuestSide();
    cx.beginLift();
    cx.charge(LIFT_BUDGET);
    expect(() => cx.charge(1)).toThrow(/more than/);
    cx.beginLift();
    expect(() => cx.charge(LIFT_BUDGET)).not.toThrow();
  });
});
