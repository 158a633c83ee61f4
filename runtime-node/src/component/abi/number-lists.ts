// Lists of numbers other than bytes: an array for the host, but read and written through a typed array.
import type { TypeRef } from '../plan.ts';
import type { Codec } from './codec.ts';
import { allocateList, elementCost, elementsOf, listCodec } from './lists.ts';
import { numberChecks, scalars } from './scalars.ts';

type NumberType = keyof typeof numberChecks;
type Numbers = { [index: number]: number | bigint } & ArrayLike<number | bigint>;

/** wasm memory is little-endian, and so is every machine that Node runs on but one (s390x, which we do not). */
const TYPED_ARRAYS: Readonly<Record<NumberType, unknown>> = {
  s8: Int8Array,
  u8: Uint8Array,
  s16: Int16Array,
  u16: Uint16Array,
  s32: Int32Array,
  u32: Uint32Array,
  s64: BigInt64Array,
  u64: BigUint64Array,
  f32: Float32Array,
  f64: Float64Array,
};

export function numberListOf(type: NumberType): Codec {
  const { size, alignment } = scalars[type];
  const cost = elementCost(scalars[type]);
  const TypedArray = TYPED_ARRAYS[type] as new (
    buffer: ArrayBufferLike,
    offset: number,
    length: number,
  ) => Numbers & {
    set(list: ArrayLike<unknown>): void;
  };
  const check = numberChecks[type];
  return listCodec({
    read(cx, pointer, length) {
      cx.checkRange(pointer, length * size, alignment, 'list');
      cx.charge(length * cost);
      const numbers = new TypedArray(cx.bytes.buffer, pointer, length);
      const list: unknown[] = [];
      for (let i = 0; i < length; i++) {
        list.push(numbers[i]);
      }
      return list;
    },
    write(cx, value) {
      const list = elementsOf(value);
      const pointer = allocateList(cx, list.length, size, alignment);
      const numbers = new TypedArray(cx.bytes.buffer, pointer, list.length);
      if (list instanceof TypedArray) {
        numbers.set(list);
      } else {
        for (let i = 0; i < list.length; i++) {
          numbers[i] = check(list[i]);
        }
      }
      return [pointer, list.length];
    },
  });
}

export const isNumberType = (type: TypeRef): type is NumberType =>
  typeof type === 'string' && Object.hasOwn(numberChecks, type);
