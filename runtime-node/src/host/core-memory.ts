// Places in a guest's memory, for host functions at the core ABI; checked as the canonical ABI demands.
import { Trap, type CoreBinding } from '../component/index.ts';

export interface Shape {
  readonly size: number;
  readonly align: number;
}

/** `list<T>` and `string`: pointer and length. */
export const PAIR = { size: 8, align: 4 } as const;
export const U32_BYTES = 4;

/** The address that a guest gave for something of this shape. */
export function place(binding: CoreBinding, pointer: number, shape: Shape): number {
  const start = pointer >>> 0;
  if (start % shape.align !== 0 || start + shape.size > binding.bytes.length) {
    throw new Trap('a pointer is out of bounds or not aligned');
  }
  return start;
}

/** Asked of the guest even for nothing: what it gets back it may free. */
export const allocate = (binding: CoreBinding, size: number, align: number): number =>
  place(binding, binding.allocate(size, align), { size, align });
