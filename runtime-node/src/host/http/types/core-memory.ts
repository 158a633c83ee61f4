// Header values and lists of them in a guest's memory, as the canonical ABI lays them out. Values are list<u8> there
// and latin1 text here: one char per byte.
import { Trap, type CoreBinding } from '../../../component/index.ts';

/** `list<T>` and `string`: pointer and length. */
export const PAIR = { size: 8, align: 4 } as const;
export const U32_BYTES = 4;

/** The longest text that is cheaper to copy byte by byte than to hand to Node. */
const SHORT = 64;

/** The address of something in memory, checked as the canonical ABI demands. */
export function place(binding: CoreBinding, pointer: number, size: number, align: number): number {
  const start = pointer >>> 0;
  if (start % align !== 0 || start + size > binding.bytes.length) {
    throw new Trap('a pointer is out of bounds or not aligned');
  }
  return start;
}

/** Asked of the guest even for nothing: what it gets back it may free. */
export const allocate = (binding: CoreBinding, size: number, align: number): number =>
  place(binding, binding.allocate(size, align), size, align);

export function readLatin1(binding: CoreBinding, pointer: number, length: number): string {
  const size = length >>> 0;
  const start = place(binding, pointer, size, 1);
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
