// list<T>: bytes are copied whole, everything else element by element (numbers in number-lists.ts).
// CanonicalABI.md load_list, store_list.
import { Trap } from '../host-interface.ts';
import type { Codec } from './codec.ts';
import type { LiftLowerContext } from './lift-lower-context.ts';
import { POINTER_PAIR } from './layout.ts';
import { ValueError } from './value-error.ts';

/** What a value costs the host at least, whatever it takes in the guest: one slot of an array and a small object. */
const NODE_COST = 16;

/** What one element takes from the budget of a call. */
export const elementCost = ({ size, nodes }: Pick<Codec, 'size' | 'nodes'>): number =>
  Math.max(size, nodes * NODE_COST);

/** How a list's contents go to and from memory; pointer and length unsigned. */
export interface ListContents {
  read(cx: LiftLowerContext, pointer: number, length: number): unknown;
  write(cx: LiftLowerContext, value: unknown): readonly [pointer: number, length: number];
}

export const listCodec = ({ read, write }: ListContents): Codec => ({
  ...POINTER_PAIR,
  usesMemory: true,
  nodes: 1,
  load: (cx, pointer) => read(cx, cx.view.getUint32(pointer, true), cx.view.getUint32(pointer + 4, true)),
  store: (cx, pointer, value) => {
    const [begin, length] = write(cx, value);
    cx.view.setUint32(pointer, begin, true);
    cx.view.setUint32(pointer + 4, length, true);
  },
  lift: (cx, flat, at) => read(cx, Number(flat[at]) >>> 0, Number(flat[at + 1]) >>> 0),
  lower: (cx, value, flat, at) => {
    const [begin, length] = write(cx, value);
    flat[at] = begin;
    flat[at + 1] = length;
  },
});

/** list<u8> */
export const byteListCodec: Codec = listCodec({
  read(cx, pointer, length) {
    cx.checkRange(pointer, length, 1, 'list');
    cx.charge(length);
    // A copy: the guest reuses its memory as soon as it runs again.
    return cx.bytes.slice(pointer, pointer + length);
  },
  write(cx, value) {
    if (!(value instanceof Uint8Array)) {
      throw new ValueError('list<u8> as a Uint8Array', value);
    }
    const pointer = cx.allocate(value.length, 1);
    cx.bytes.set(value, pointer);
    return [pointer, value.length];
  },
});

export function listOf(element: Codec): Codec {
  const { size, alignment } = element;
  const cost = elementCost(element);
  return listCodec({
    read(cx, pointer, length) {
      cx.checkRange(pointer, length * size, alignment, 'list');
      cx.charge(length * cost);
      const list: unknown[] = [];
      for (let i = 0; i < length; i++) {
        list.push(element.load(cx, pointer + i * size));
      }
      return list;
    },
    write(cx, value) {
      const list = elementsOf(value);
      const { length } = list;
      const pointer = allocateList(cx, length, size, alignment);
      for (let i = 0; i < length; i++) {
        element.store(cx, pointer + i * size, list[i]);
      }
      return [pointer, length];
    },
  });
}

export function allocateList(cx: LiftLowerContext, length: number, size: number, alignment: number): number {
  if (length * size >= 2 ** 32) {
    throw new Trap('a list of the host does not fit into guest memory');
  }
  return cx.allocate(length * size, alignment);
}

/** Arrays, and typed arrays where the elements are numbers. */
export function elementsOf(value: unknown): ArrayLike<unknown> {
  if (Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView))) {
    return value as ArrayLike<unknown>;
  }
  throw new ValueError('a list as an array', value);
}
