import { describe, expect, it } from 'vitest';
import type { Codec } from './codec.ts';
import type { CoreType, CoreValue } from './core-types.ts';
import { recordOf } from './records.ts';
import { scalars } from './scalars.ts';
import { GuestSide } from './testing/guest-side.ts';
import { enumOf, optionOf, resultOf, variantOf } from './variants.ts';

const { u8, u32, u64, f32, f64, string } = scalars;

const lower = (codec: Codec, value: unknown): CoreValue[] => {
  const flat: CoreValue[] = [];
  codec.lower(new GuestSide().cx, value, flat, 0);
  return flat;
};

const two = (a: Codec, b: Codec): Codec =>
  variantOf([
    { name: 'a', codec: a },
    { name: 'b', codec: b },
  ]);

describe('a variant', () => {
  it.each<[string, Codec, Codec, CoreType]>([
    ['i32 and f32', u32, f32, 'i32'],
    ['f32 and i32', f32, u32, 'i32'],
    ['i32 and i64', u32, u64, 'i64'],
    ['f32 and f64', f32, f64, 'i64'],
    ['i64 and f64', u64, f64, 'i64'],
    ['f64 and i32', f64, u32, 'i64'],
    ['f32 and i64', f32, u64, 'i64'],
    ['f64 and f64', f64, f64, 'f64'],
  ])('joins %s', (_what, a, b, joined) => {
    expect(two(a, b).flat).toEqual(['i32', joined]);
  });

  it('passes a float as the bits of a joined integer', () => {
    expect(lower(two(f32, u32), { tag: 'a', val: 1 })).toEqual([0, 0x3f800000]);
    expect(lower(two(f32, u64), { tag: 'a', val: -1 })).toEqual([0, 0xbf800000n]);
    expect(lower(two(f64, u64), { tag: 'a', val: 1 })).toEqual([0, 0x3ff0000000000000n]);
    expect(lower(two(f32, u64), { tag: 'a', val: Number.NaN })).toEqual([0, 0x7fc00000n]);
  });

  it('takes the low half of a joined i64 where its case has an i32, whatever stands above', () => {
    const { cx } = new GuestSide();
    expect(two(u32, u64).lift(cx, [0, 0x7777_7777_ffff_fffen], 0)).toEqual({ tag: 'a', val: 0xffff_fffe });
  });

  it('fills what its case does not use with zeros of the right type', () => {
    const wide = recordOf([
      { name: 'x', codec: u64 },
      { name: 'y', codec: f64 },
    ]);
    expect(lower(two(wide, u8), { tag: 'b', val: 3 })).toEqual([1, 3n, 0]);
    expect(
      lower(
        variantOf([
          { name: 'none', codec: null },
          { name: 'some', codec: wide },
        ]),
        { tag: 'none' },
      ),
    ).toEqual([0, 0n, 0]);
  });

  it.each([
    ['flat', (codec: Codec) => codec.lift(new GuestSide().cx, [2, 0], 0)],
    ['flat and negative', (codec: Codec) => codec.lift(new GuestSide().cx, [-1, 0], 0)],
    [
      'in memory',
      (codec: Codec) => {
        const guest = new GuestSide();
        guest.put(64, 2);
        return codec.load(guest.cx, 64);
      },
    ],
  ])('traps when the discriminant names no case (%s)', (_where, read) => {
    expect(() => read(two(u32, u32))).toThrow(/invalid discriminant/);
  });

  it.each([undefined, null, 'a', { tag: 'c' }, { val: 1 }])('is refused from the host as %j', (value) => {
    expect(() => lower(two(u32, u32), value)).toThrow('expected a variant whose tag is one of a, b, got');
  });

  it('has a discriminant of two bytes from 257 cases on, and of four from 65537 on', () => {
    const sizes = [256, 257, 65_536, 65_537].map(
      (count) => enumOf(Array.from({ length: count }, (_, i) => `c${i}`)).size,
    );
    expect(sizes).toEqual([1, 2, 2, 4]);
  });

  it('keeps a discriminant of two and of four bytes', () => {
    for (const count of [300, 70_000]) {
      const codec = enumOf(Array.from({ length: count }, (_, i) => `c${i}`));
      const { cx } = new GuestSide();
      codec.store(cx, 64, `c${count - 1}`);
      expect(codec.load(cx, 64)).toBe(`c${count - 1}`);
    }
  });
});

describe('an option', () => {
  it('is the value or undefined', () => {
    const { cx } = new GuestSide();
    expect(optionOf(u32, false).lift(cx, [0, 9], 0)).toBeUndefined();
    expect(optionOf(u32, false).lift(cx, [1, 9], 0)).toBe(9);
  });

  it('is tagged around another option, whose none would look the same', () => {
    const nested = optionOf(optionOf(u8, false), true);
    const { cx } = new GuestSide();
    expect(nested.lift(cx, [0, 0, 0], 0)).toEqual({ tag: 'none' });
    expect(nested.lift(cx, [1, 0, 0], 0)).toEqual({ tag: 'some', val: undefined });
    expect(nested.lift(cx, [1, 1, 7], 0)).toEqual({ tag: 'some', val: 7 });
    expect(lower(nested, { tag: 'some', val: undefined })).toEqual([1, 0, 0]);
  });

  it('does not take null for undefined', () => {
    expect(() => lower(optionOf(string, false), null)).toThrow('expected a string, got null');
  });
});

describe('a result', () => {
  it('is tagged, with an undefined payload where the type has none', () => {
    const { cx } = new GuestSide();
    const codec = resultOf(null, u8);
    expect(codec.lift(cx, [0, 5], 0)).toStrictEqual({ tag: 'ok', val: undefined });
    expect(codec.lift(cx, [1, 5], 0)).toStrictEqual({ tag: 'err', val: 5 });
    expect(lower(codec, { tag: 'ok', val: undefined })).toEqual([0, 0]);
  });

  it('is refused when it is not tagged', () => {
    expect(() => lower(resultOf(u8, null), 5)).toThrow("expected a result { tag: 'ok' | 'err', val }, got 5");
  });
});
