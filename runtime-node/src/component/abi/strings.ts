// Strings in guest memory: utf8, utf16 and latin1+utf16. A guest's malformed utf8 or lone surrogate traps; a lone
// surrogate of the host becomes U+FFFD, as everywhere in the web's APIs. CanonicalABI.md load_string, store_string.
import { isUtf8 } from 'node:buffer';
import { Trap } from '../host-interface.ts';
import type { Codec } from './codec.ts';
import type { LiftLowerContext } from './lift-lower-context.ts';
import { POINTER_PAIR } from './layout.ts';
import { ValueError } from './value-error.ts';

/** CanonicalABI.md: marks, in the length of a latin1+utf16 string, that it is utf16. */
const UTF16_TAG = 0x80000000;

/** Below this many characters a loop is faster than a call into Node (measured: they meet at 30). */
const SHORT = 24;

const REPLACEMENT = '\ufffd';

/** The string of `length` code units at `pointer`; both unsigned. */
export function readString(cx: LiftLowerContext, pointer: number, length: number): string {
  switch (cx.encoding) {
    case 'utf8':
      return readUtf8(cx, pointer, length);
    case 'utf16':
      return readUtf16(cx, pointer, length);
    case 'latin1+utf16':
      if (length >= UTF16_TAG) {
        return readUtf16(cx, pointer, length - UTF16_TAG);
      }
      begin(cx, pointer, length, 2);
      return cx.text.toString('latin1', pointer, pointer + length);
  }
}

function begin(cx: LiftLowerContext, pointer: number, bytes: number, alignment: number): void {
  cx.checkRange(pointer, bytes, alignment, 'string');
  cx.charge(bytes);
}

function readUtf8(cx: LiftLowerContext, pointer: number, length: number): string {
  begin(cx, pointer, length, 1);
  const end = pointer + length;
  const string = cx.text.toString('utf8', pointer, end);
  // Decoding replaces what is malformed; only then, or when the guest itself wrote U+FFFD, is it worth a second look.
  if (string.includes(REPLACEMENT) && !isUtf8(cx.bytes.subarray(pointer, end))) {
    throw new Trap('invalid utf-8 sequence in a string');
  }
  return string;
}

function readUtf16(cx: LiftLowerContext, pointer: number, units: number): string {
  begin(cx, pointer, 2 * units, 2);
  const string = cx.text.toString('utf16le', pointer, pointer + 2 * units);
  if (!string.isWellFormed()) {
    throw new Trap('unpaired surrogate in a utf-16 string');
  }
  return string;
}

/** Puts the string into newly allocated guest memory: its pointer and (tagged) length in code units. */
export function writeString(cx: LiftLowerContext, value: unknown): readonly [pointer: number, length: number] {
  if (typeof value !== 'string') {
    throw new ValueError('a string', value);
  }
  switch (cx.encoding) {
    case 'utf8':
      return value.length <= SHORT ? writeShort(cx, value) : writeUtf8(cx, value);
    case 'utf16':
      return writeUtf16(cx, value);
    case 'latin1+utf16':
      return isLatin1(value) ? writeLatin1(cx, value) : tagged(writeUtf16(cx, value));
  }
}

function writeShort(cx: LiftLowerContext, value: string): readonly [number, number] {
  const { length } = value;
  for (let i = 0; i < length; i++) {
    if (value.charCodeAt(i) > 0x7f) {
      return writeUtf8(cx, value);
    }
  }
  const pointer = cx.allocate(length, 1);
  const { bytes } = cx;
  for (let i = 0; i < length; i++) {
    bytes[pointer + i] = value.charCodeAt(i);
  }
  return [pointer, length];
}

function writeUtf8(cx: LiftLowerContext, value: string): readonly [number, number] {
  // A lone surrogate counts, and is written, as the three bytes of U+FFFD.
  const length = Buffer.byteLength(value, 'utf8');
  const pointer = cx.allocate(length, 1);
  cx.text.write(value, pointer, length, 'utf8');
  return [pointer, length];
}

function writeUtf16(cx: LiftLowerContext, value: string): readonly [number, number] {
  const { length } = value;
  const pointer = cx.allocate(2 * length, 2);
  cx.text.write(value.toWellFormed(), pointer, 2 * length, 'utf16le');
  return [pointer, length];
}

function writeLatin1(cx: LiftLowerContext, value: string): readonly [number, number] {
  const { length } = value;
  const pointer = cx.allocate(length, 2);
  cx.text.write(value, pointer, length, 'latin1');
  return [pointer, length];
}

const tagged = ([pointer, length]: readonly [number, number]): readonly [number, number] => [
  pointer,
  length + UTF16_TAG,
];

const BEYOND_LATIN1 = /[\u0100-\uffff]/;

const isLatin1 = (value: string): boolean => !BEYOND_LATIN1.test(value);

export const stringCodec: Codec = {
  ...POINTER_PAIR,
  usesMemory: true,
  nodes: 1,
  load: (cx, pointer) => readString(cx, cx.view.getUint32(pointer, true), cx.view.getUint32(pointer + 4, true)),
  store: (cx, pointer, value) => {
    const [begins, length] = writeString(cx, value);
    cx.view.setUint32(pointer, begins, true);
    cx.view.setUint32(pointer + 4, length, true);
  },
  lift: (cx, flat, at) => readString(cx, Number(flat[at]) >>> 0, Number(flat[at + 1]) >>> 0),
  lower: (cx, value, flat, at) => {
    const [begins, length] = writeString(cx, value);
    flat[at] = begins;
    flat[at + 1] = length;
  },
};
