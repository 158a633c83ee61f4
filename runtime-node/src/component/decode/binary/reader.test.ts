import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Budget } from './budget.ts';
import { Reader } from './reader.ts';

const reader = (bytes: readonly number[] | Uint8Array, budget = 1_000): Reader =>
  new Reader(Uint8Array.from(bytes), 0, bytes.length, new Budget('entries', budget));

/** The shortest unsigned LEB128, by division: unlike the reader under test. */
function leb128(value: number): number[] {
  const low = value % 128;
  return value < 128 ? [low] : [low + 128, ...leb128(Math.floor(value / 128))];
}

describe('the byte reader', () => {
  it('reads every number of 32 bits back, whether written short or padded to five bytes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffff_ffff }), (value) => {
        const short = leb128(value);
        const padded = short.slice(0, -1);
        padded.push((short.at(-1) ?? 0) + (short.length < 5 ? 128 : 0));
        while (padded.length < 5) {
          padded.push(padded.length === 4 ? 0 : 128);
        }
        expect(reader(short).u32('n')).toBe(value);
        expect(reader(padded).u32('n')).toBe(value);
      }),
    );
  });

  it.each([
    ['a sixth byte', [0x80, 0x80, 0x80, 0x80, 0x80, 0x00]],
    ['bits above the 32nd', [0xff, 0xff, 0xff, 0xff, 0x1f]],
  ])('refuses a 32-bit number with %s', (_, bytes) => {
    expect(() => reader(bytes).u32('a count')).toThrow('a count is no 32-bit number');
  });

  it.each([
    [[0x05], 5],
    [[0xc0, 0x00], 64],
    [[0xff, 0xff, 0xff, 0xff, 0x0f], 0xffff_ffff],
  ])('reads the type index %j as %i', (bytes, index) => {
    expect(reader(bytes).s33('a type')).toBe(index);
  });

  it.each([[[0x40]], [[0x7f]], [[0xff, 0xff, 0xff, 0xff, 0x7f]], [[0x80, 0x80, 0x80, 0x80, 0x80, 0x00]]])(
    'refuses the negative or overlong %j where a type index is due',
    (bytes) => {
      expect(() => reader(bytes).s33('a type')).toThrow('a type is no type index');
    },
  );

  it('says where the input ends too early', () => {
    const short = reader([0x80]);
    expect(() => short.u32('a count')).toThrow(
      expect.objectContaining({ message: expect.stringContaining('unexpected end'), offset: 1 }),
    );
  });

  it('reads names of any valid UTF-8, and keeps a byte order mark', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const bytes = new TextEncoder().encode(`\ufeff${text}`);
        expect(reader([...leb128(bytes.length), ...bytes]).name('a name')).toBe(`\ufeff${text}`);
      }),
    );
  });

  it.each([
    ['a lone continuation byte', [0x01, 0x80]],
    ['a surrogate', [0x03, 0xed, 0xa0, 0x80]],
    ['an overlong form', [0x02, 0xc0, 0xaf]],
  ])('refuses a name with %s', (_, bytes) => {
    expect(() => reader(bytes).name('a name')).toThrow('a name is not UTF-8');
  });

  it('refuses a name that is longer than what is left, and one that no tool would write', () => {
    expect(() => reader([0x05, 0x61]).name('a name')).toThrow('has 5 bytes but only 1 are left');
    expect(() => reader([...leb128(100_001), ...Buffer.alloc(100_001)]).name('a name')).toThrow('100000');
  });

  it('refuses a vector that claims more entries than there are bytes, before it makes any', () => {
    expect(() => reader([0xff, 0xff, 0x03, 0x00]).vector('things', 1_000_000, () => 0)).toThrow('do not fit');
    expect(() => reader([0x03, 0, 0, 0]).vector('things', 2, (entry) => entry.byte('x'))).toThrow('more than 2 things');
  });

  it('stops when all vectors together have more entries than the budget', () => {
    const two = reader([0x02, 0, 0, 0x02, 0, 0], 3);
    two.vector('things', 10, (entry) => entry.byte('x'));
    expect(() => two.vector('things', 10, (entry) => entry.byte('x'))).toThrow('more than 3 entries');
  });

  it('keeps a window within its bounds and goes on behind it', () => {
    const outer = reader([1, 2, 3, 4]);
    const inner = outer.window(2, 'a window');
    expect([inner.byte('x'), inner.byte('x')]).toEqual([1, 2]);
    expect(() => inner.byte('x')).toThrow('unexpected end');
    expect(outer.byte('x')).toBe(3);
    expect(() => outer.expectEnd('all')).toThrow('1 bytes left over');
  });
});
