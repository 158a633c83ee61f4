// Header values in a guest's memory: list<u8> there and latin1 text here, one char per byte.
import type { CoreBinding } from '../../../component/index.ts';
import { allocate, place, U32_BYTES } from '../../core-memory.ts';
import { SIZE_LIMIT, sizeExceeded } from './fields.ts';

/** The longest text that is cheaper to copy byte by byte than to hand to Node. */
const SHORT = 64;

/** A text that is longer than all fields together may be is not looked at: a guest can name all of its memory. */
export function readLatin1(binding: CoreBinding, pointer: number, length: number): string {
  const size = length >>> 0;
  if (size > SIZE_LIMIT) {
    throw sizeExceeded();
  }
  const start = place(binding, pointer, { size, align: 1 });
  const { bytes } = binding;
  if (size > SHORT) {
    return Buffer.from(bytes.buffer, bytes.byteOffset + start, size).toString('latin1');
  }
  let text = '';
  for (let at = start; at < start + size; at += 1) {
    text += String.fromCharCode(bytes[at] ?? 0);
  }
  return text;
}

/** Puts latin1 text into new memory, its pointer and length at `at`. */
export function storeLatin1(binding: CoreBinding, text: string, at: number): void {
  const pointer = allocate(binding, text.length, 1);
  const { bytes, view } = binding;
  if (text.length > SHORT) {
    Buffer.from(bytes.buffer, bytes.byteOffset + pointer, text.length).write(text, 'latin1');
  } else {
    for (let i = 0; i < text.length; i += 1) {
      bytes[pointer + i] = text.charCodeAt(i);
    }
  }
  view.setUint32(at, pointer, true);
  view.setUint32(at + U32_BYTES, text.length, true);
}
