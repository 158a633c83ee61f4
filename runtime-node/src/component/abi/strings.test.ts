import { describe, expect, it } from 'vitest';
import type { CanonicalOptions } from '../plan.ts';
import { readString, stringCodec, writeString } from './strings.ts';
import { GuestSide } from './testing/guest-side.ts';

type Encoding = CanonicalOptions['encoding'];
const PAGE = 65_536;
const TAG = 2 ** 31;

const bytesOf = (guest: GuestSide, pointer: number, length: number): number[] => [
  ...guest.bytes.subarray(pointer, pointer + length),
];

describe('a string of the host', () => {
  it.each<[Encoding, string, number[], number]>([
    ['utf8', 'a', [0x61], 1],
    ['utf8', 'é', [0xc3, 0xa9], 2],
    ['utf8', '𝄞', [0xf0, 0x9d, 0x84, 0x9e], 4],
    ['utf8', '\u{feff}x', [0xef, 0xbb, 0xbf, 0x78], 4],
    ['utf16', 'aé', [0x61, 0, 0xe9, 0], 2],
    ['utf16', '𝄞', [0x34, 0xd8, 0x1e, 0xdd], 2],
    ['latin1+utf16', 'aé', [0x61, 0xe9], 2],
    ['latin1+utf16', 'ÿĀ', [0xff, 0, 0x00, 0x01], TAG + 2],
  ])('is written as %s: %j', (encoding, value, bytes, length) => {
    const guest = new GuestSide({ encoding });
    const [pointer, written] = writeString(guest.cx, value);
    expect(written).toBe(length);
    expect(bytesOf(guest, pointer, bytes.length)).toEqual(bytes);
    expect(readString(guest.cx, pointer, written)).toBe(value);
  });

  it.each(['short', `long enough for the other way of writing it: ${'x'.repeat(100)}`])(
    'has a lone surrogate replaced by U+FFFD (%s)',
    (text) => {
      for (const encoding of ['utf8', 'utf16', 'latin1+utf16'] as const) {
        const { cx } = new GuestSide({ encoding });
        const [pointer, length] = writeString(cx, `\ud800${text}`);
        expect(readString(cx, pointer, length)).toBe(`\ufffd${text}`);
      }
    },
  );

  it.each([1, 24, 25, 5000])('survives at %d characters, of one byte each or of more', (count) => {
    const { cx } = new GuestSide();
    for (const char of ['a', 'é', '漢']) {
      const value = char.repeat(count);
      const [pointer, length] = writeString(cx, value);
      expect(readString(cx, pointer, length)).toBe(value);
    }
  });

  it('is allocated even when it is empty, so that the guest owns an address', () => {
    const calls: number[][] = [];
    const { cx } = new GuestSide({ realloc: (...args) => (calls.push(args), 32) });
    expect(writeString(cx, '')).toEqual([32, 0]);
    expect(calls).toEqual([[0, 0, 1, 0]]);
  });

  it.each([undefined, null, 5, ['a']])('is refused when it is %j', (value) => {
    const { cx } = new GuestSide();
    expect(() => stringCodec.lower(cx, value, [], 0)).toThrow(/expected a string, got/);
  });
});

describe('a string of the guest', () => {
  it.each<[string, Encoding, number[], number]>([
    ['a lone continuation byte', 'utf8', [0x80], 1],
    ['a sequence cut short', 'utf8', [0x61, 0xe2, 0x82], 3],
    ['an overlong form', 'utf8', [0xc0, 0x80], 2],
    ['a surrogate in utf-8', 'utf8', [0xed, 0xa0, 0x80], 3],
    ['a character beyond Unicode', 'utf8', [0xf4, 0x90, 0x80, 0x80], 4],
    ['a high surrogate alone', 'utf16', [0x00, 0xd8], 1],
    ['a low surrogate first', 'utf16', [0x00, 0xdc, 0x00, 0xd8], 2],
    ['a lone surrogate behind the tag', 'latin1+utf16', [0x00, 0xd8], TAG + 1],
  ])('traps on %s', (_what, encoding, bytes, length) => {
    const guest = new GuestSide({ encoding });
    guest.put(1024, ...bytes);
    expect(() => readString(guest.cx, 1024, length)).toThrow(/invalid utf-8|unpaired surrogate/);
  });

  it('may hold U+FFFD itself', () => {
    const guest = new GuestSide();
    guest.put(64, 0xef, 0xbf, 0xbd);
    expect(readString(guest.cx, 64, 3)).toBe('\ufffd');
  });

  it.each<[string, Encoding, number, number]>([
    ['ends one byte after the memory', 'utf8', PAGE - 2, 3],
    ['begins after the memory, though empty', 'utf8', PAGE + 1, 0],
    ['is longer than any memory', 'utf8', 0xffff_ffff, 0xffff_ffff],
    ['has more units than fit', 'utf16', 0, PAGE],
    ['has a tagged length that does not fit', 'latin1+utf16', 0, TAG + PAGE],
  ])('traps when it %s', (_what, encoding, pointer, length) => {
    const { cx } = new GuestSide({ encoding });
    expect(() => readString(cx, pointer, length)).toThrow(/out of bounds|not aligned/);
  });

  it('may end exactly where the memory ends', () => {
    const guest = new GuestSide();
    guest.put(PAGE - 2, 0x68, 0x69);
    expect(readString(guest.cx, PAGE - 2, 2)).toBe('hi');
    expect(readString(guest.cx, PAGE, 0)).toBe('');
  });

  it.each<Encoding>(['utf16', 'latin1+utf16'])('traps at an odd address in %s', (encoding) => {
    const { cx } = new GuestSide({ encoding });
    expect(() => readString(cx, 33, 1)).toThrow('string pointer not aligned to 2');
  });
});
