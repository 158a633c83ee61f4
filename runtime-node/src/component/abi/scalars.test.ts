import { describe, expect, it } from 'vitest';
import type { PrimitiveType } from '../plan.ts';
import type { CoreValue } from './core-types.ts';
import { scalars } from './scalars.ts';
import { GuestSide } from './testing/guest-side.ts';

const lift = (type: PrimitiveType, flat: CoreValue): unknown => scalars[type].lift(new GuestSide().cx, [flat], 0);

const lower = (type: PrimitiveType, value: unknown): CoreValue | undefined => {
  const flat: CoreValue[] = [];
  scalars[type].lower(new GuestSide().cx, value, flat, 0);
  return flat[0];
};

describe('a flat value of the guest', () => {
  it.each<[PrimitiveType, CoreValue, unknown]>([
    ['bool', 0, false],
    ['bool', 1, true],
    ['bool', 2, true],
    ['bool', -1, true],
    ['u8', 0x1ff, 255],
    ['u8', -1, 255],
    ['s8', 0x80, -128],
    ['s8', 0x17f, 127],
    ['u16', -1, 65_535],
    ['s16', 0x8000, -32_768],
    ['u32', -1, 4_294_967_295],
    ['s32', -1, -1],
    ['u64', -1n, 2n ** 64n - 1n],
    ['s64', -1n, -1n],
    ['f32', 1.5, 1.5],
    ['f64', -0, -0],
    ['char', 0x1f600, '😀'],
    ['char', 0, '\0'],
  ])('becomes a %s: %s', (type, flat, value) => {
    expect(lift(type, flat)).toBe(value);
  });

  it.each([0xd800, 0xdfff, 0x110000, -1])('is no char when it is %d', (code) => {
    expect(() => lift('char', code)).toThrow(/invalid char: 0x/);
  });
});

describe('a value of the host', () => {
  it.each<[PrimitiveType, unknown]>([
    ['bool', 1],
    ['bool', undefined],
    ['u8', 256],
    ['u8', -1],
    ['u8', 1.5],
    ['u8', '1'],
    ['s8', 128],
    ['u16', 65_536],
    ['s16', -32_769],
    ['u32', 2 ** 32],
    ['u32', -1],
    ['u32', Number.NaN],
    ['s32', 2 ** 31],
    ['u64', 1],
    ['u64', -1n],
    ['u64', 2n ** 64n],
    ['s64', 2n ** 63n],
    ['f32', 1n],
    ['f64', '1.0'],
    ['char', ''],
    ['char', 'ab'],
    ['char', '\ud800'],
    ['char', 65],
  ])('is refused where a %s is declared: %s', (type, value) => {
    expect(() => lower(type, value)).toThrow(/^expected /);
    expect(() => scalars[type].store(new GuestSide().cx, 64, value)).toThrow(/^expected /);
  });

  it('names what was expected and what came', () => {
    expect(() => lower('u32', 'x'.repeat(100))).toThrow(`expected u32, got "${'x'.repeat(40)}…"`);
    expect(() => lower('u64', 5)).toThrow('expected u64 as a bigint, got 5');
    expect(() => lower('s8', new Map())).toThrow('expected s8, got an object of class Map');
  });

  it('is stored as the canonical NaN whatever NaN it was', () => {
    const guest = new GuestSide();
    const payload = new Float32Array(Uint32Array.of(0xffc12345).buffer)[0];
    scalars.f32.store(guest.cx, 64, payload);
    scalars.f64.store(guest.cx, 72, Number.NaN);
    expect(guest.cx.view.getUint32(64, true)).toBe(0x7fc00000);
    expect(guest.cx.view.getBigUint64(72, true)).toBe(0x7ff8000000000000n);
  });
});
