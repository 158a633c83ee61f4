// bool, the integers, the floats and char. A value of the guest is narrowed as the canonical ABI says; a value of the
// host must be of its type exactly. CanonicalABI.md "Loading", "Storing", lift_flat, lower_flat.
import { Trap } from '../host-interface.ts';
import type { PrimitiveType } from '../plan.ts';
import type { Codec } from './codec.ts';
import { CANONICAL_NAN_32, CANONICAL_NAN_64, type CoreType, type CoreValue } from './core-types.ts';
import type { LiftLowerContext } from './lift-lower-context.ts';
import { scalarLayout } from './layout.ts';
import { stringCodec } from './strings.ts';
import { ValueError } from './value-error.ts';

interface Scalar<T> {
  readonly load: (view: DataView, pointer: number) => T;
  readonly store: (view: DataView, pointer: number, value: T) => void;
  /** From the flat value as wasm gives it: an i32 is signed and may have more bits than the type. */
  readonly lift: (flat: CoreValue) => T;
  /** The host's value, checked. */
  readonly check: (value: unknown) => T & CoreValue;
}

function scalar<T>(size: number, flat: CoreType, { load, store, lift, check }: Scalar<T>): Codec {
  return {
    ...scalarLayout(size, flat),
    usesMemory: false,
    nodes: 1,
    load: (cx: LiftLowerContext, pointer) => load(cx.view, pointer),
    store: (cx: LiftLowerContext, pointer, value) => {
      store(cx.view, pointer, check(value));
    },
    lift: (_cx, values, at) => lift(values[at] as CoreValue),
    lower: (_cx, value, values, at) => {
      values[at] = check(value);
    },
  };
}

const integer =
  (type: PrimitiveType, narrow: (value: number) => number) =>
  (value: unknown): number => {
    if (typeof value !== 'number' || narrow(value) !== value) {
      throw new ValueError(type, value);
    }
    return value;
  };

const longInteger =
  (type: PrimitiveType, narrow: (bits: number, value: bigint) => bigint) =>
  (value: unknown): bigint => {
    if (typeof value !== 'bigint' || narrow(64, value) !== value) {
      throw new ValueError(`${type} as a bigint`, value);
    }
    return value;
  };

const float =
  (type: PrimitiveType) =>
  (value: unknown): number => {
    if (typeof value !== 'number') {
      throw new ValueError(type, value);
    }
    return value;
  };

const toS8 = (value: number) => (value << 24) >> 24;
const toU8 = (value: number) => value & 0xff;
const toS16 = (value: number) => (value << 16) >> 16;
const toU16 = (value: number) => value & 0xffff;
const toS32 = (value: number) => value | 0;
const toU32 = (value: number) => value >>> 0;

function charFrom(code: number): string {
  // The surrogate range has no characters of its own: Unicode D71.
  if (code >= 0x110000 || (code >= 0xd800 && code <= 0xdfff)) {
    throw new Trap(`invalid char: 0x${code.toString(16)}`);
  }
  return String.fromCodePoint(code);
}

function codeOf(value: unknown): number {
  const code = typeof value === 'string' ? value.codePointAt(0) : undefined;
  if (code === undefined || charFromHost(code) !== value) {
    throw new ValueError('a string of one Unicode character', value);
  }
  return code;
}

const charFromHost = (code: number): string | undefined =>
  code >= 0xd800 && code <= 0xdfff ? undefined : String.fromCodePoint(code);

/** The numbers whose lists have a typed array, with the check of a host's value. */
export const numberChecks = {
  s8: integer('s8', toS8),
  u8: integer('u8', toU8),
  s16: integer('s16', toS16),
  u16: integer('u16', toU16),
  s32: integer('s32', toS32),
  u32: integer('u32', toU32),
  s64: longInteger('s64', BigInt.asIntN),
  u64: longInteger('u64', BigInt.asUintN),
  f32: float('f32'),
  f64: float('f64'),
} as const;

export const scalars: Readonly<Record<PrimitiveType, Codec>> = {
  bool: scalar<boolean | number>(1, 'i32', {
    load: (view, pointer) => view.getUint8(pointer) !== 0,
    store: (view, pointer, value) => view.setUint8(pointer, Number(value)),
    lift: (flat) => flat !== 0,
    check: (value) => {
      if (typeof value !== 'boolean') {
        throw new ValueError('bool', value);
      }
      return Number(value);
    },
  }),
  s8: scalar(1, 'i32', {
    load: (view, pointer) => view.getInt8(pointer),
    store: (view, pointer, value) => view.setInt8(pointer, value),
    lift: (flat) => toS8(Number(flat)),
    check: numberChecks.s8,
  }),
  u8: scalar(1, 'i32', {
    load: (view, pointer) => view.getUint8(pointer),
    store: (view, pointer, value) => view.setUint8(pointer, value),
    lift: (flat) => toU8(Number(flat)),
    check: numberChecks.u8,
  }),
  s16: scalar(2, 'i32', {
    load: (view, pointer) => view.getInt16(pointer, true),
    store: (view, pointer, value) => view.setInt16(pointer, value, true),
    lift: (flat) => toS16(Number(flat)),
    check: numberChecks.s16,
  }),
  u16: scalar(2, 'i32', {
    load: (view, pointer) => view.getUint16(pointer, true),
    store: (view, pointer, value) => view.setUint16(pointer, value, true),
    lift: (flat) => toU16(Number(flat)),
    check: numberChecks.u16,
  }),
  s32: scalar(4, 'i32', {
    load: (view, pointer) => view.getInt32(pointer, true),
    store: (view, pointer, value) => view.setInt32(pointer, value, true),
    lift: (flat) => toS32(Number(flat)),
    check: numberChecks.s32,
  }),
  u32: scalar(4, 'i32', {
    load: (view, pointer) => view.getUint32(pointer, true),
    store: (view, pointer, value) => view.setUint32(pointer, value, true),
    lift: (flat) => toU32(Number(flat)),
    check: numberChecks.u32,
  }),
  s64: scalar(8, 'i64', {
    load: (view, pointer) => view.getBigInt64(pointer, true),
    store: (view, pointer, value) => view.setBigInt64(pointer, value, true),
    lift: (flat) => BigInt.asIntN(64, BigInt(flat)),
    check: numberChecks.s64,
  }),
  u64: scalar(8, 'i64', {
    load: (view, pointer) => view.getBigUint64(pointer, true),
    store: (view, pointer, value) => view.setBigUint64(pointer, value, true),
    lift: (flat) => BigInt.asUintN(64, BigInt(flat)),
    check: numberChecks.u64,
  }),
  f32: scalar(4, 'f32', {
    load: (view, pointer) => view.getFloat32(pointer, true),
    // A NaN's payload is not portable; the canonical one makes the same bytes every time.
    store: (view, pointer, value) =>
      Number.isNaN(value) ? view.setUint32(pointer, CANONICAL_NAN_32, true) : view.setFloat32(pointer, value, true),
    lift: Number,
    check: numberChecks.f32,
  }),
  f64: scalar(8, 'f64', {
    load: (view, pointer) => view.getFloat64(pointer, true),
    store: (view, pointer, value) =>
      Number.isNaN(value) ? view.setBigUint64(pointer, CANONICAL_NAN_64, true) : view.setFloat64(pointer, value, true),
    lift: Number,
    check: numberChecks.f64,
  }),
  char: scalar<string | number>(4, 'i32', {
    load: (view, pointer) => charFrom(view.getUint32(pointer, true)),
    store: (view, pointer, value) => view.setUint32(pointer, Number(value), true),
    lift: (flat) => charFrom(Number(flat) >>> 0),
    check: codeOf,
  }),
  string: stringCodec,
};
