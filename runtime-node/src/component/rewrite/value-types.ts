// Passing over value types, heap types and limits (core spec §5.3, with garbage collection and typed references).
// Types are never changed, since what the engine adds comes after them; their indices are checked.
import type { Input } from './input.ts';

/** Codes of value types that are one byte: numbers, v128, and the references to abstract heap types. */
const SINGLE = new Set([
  0x7f, 0x7e, 0x7d, 0x7c, 0x7b, 0x74, 0x73, 0x72, 0x71, 0x70, 0x6f, 0x6e, 0x6d, 0x6c, 0x6b, 0x6a, 0x69,
]);
const REF = 0x64;
const REF_NULL = 0x63;
const I8 = 0x78;
const I16 = 0x77;
/** The lowest code of an abstract heap type, `exn` = 0x69 as a signed LEB128 of one byte. */
const LOWEST_HEAP_TYPE = 0x69 - 0x80;

export function skipValueType(input: Input, typeCount: number): void {
  const code = input.byte();
  if (SINGLE.has(code)) {
    return;
  }
  if (code !== REF && code !== REF_NULL) {
    throw input.fail(`0x${code.toString(16)} is no value type`, input.at - 1);
  }
  skipHeapType(input, typeCount);
}

export function skipHeapType(input: Input, typeCount: number): void {
  const start = input.at;
  const heap = input.s33();
  if (heap >= typeCount || heap < LOWEST_HEAP_TYPE) {
    throw input.fail(`there is no heap type ${heap}`, start);
  }
}

export function skipStorageType(input: Input, typeCount: number): void {
  const code = input.bytes[input.at];
  if (code === I8 || code === I16) {
    input.byte();
  } else {
    skipValueType(input, typeCount);
  }
}

/** Nothing (0x40), a value type, or the index of a function type. */
export function skipBlockType(input: Input, typeCount: number): void {
  const code = input.byte();
  if (code === 0x40 || SINGLE.has(code)) {
    return;
  }
  if (code === REF || code === REF_NULL) {
    skipHeapType(input, typeCount);
    return;
  }
  input.at -= 1;
  const start = input.at;
  const index = input.s33();
  if (index < 0 || index >= typeCount) {
    throw input.fail(`there is no block type ${index}`, start);
  }
}

export interface Limits {
  readonly initial: number;
  readonly maximum: number | undefined;
  readonly shared: boolean;
  readonly wide: boolean;
}

/** Bits of the byte before limits: a maximum, shared, 64-bit. Any other is of a proposal that V8 does not have. */
export const MAXIMUM = 1;
export const SHARED = 2;
export const WIDE = 4;

export function readLimits(input: Input): Limits {
  const flags = input.byte();
  if (flags > (MAXIMUM | SHARED | WIDE)) {
    throw input.fail(`0x${flags.toString(16)} are no limits`, input.at - 1);
  }
  const wide = (flags & WIDE) !== 0;
  const size = (): number => (wide ? input.u64() : input.u32());
  const initial = size();
  const maximum = (flags & MAXIMUM) === 0 ? undefined : size();
  return { initial, maximum, shared: (flags & SHARED) !== 0, wide };
}
