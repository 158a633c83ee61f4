// Core value types as the canonical ABI flattens to them: the join of two variant cases and the coercions between a
// case's own type and the joined one. CanonicalABI.md "Flattening", "Flat Lifting", "Flat Lowering".

export type CoreType = 'i32' | 'i64' | 'f32' | 'f64';

/** i32, f32 and f64 are numbers, i64 is a bigint. An i32 that comes from wasm is signed. */
export type CoreValue = number | bigint;

/** CanonicalABI.md: more flat parameters than this are passed through memory. */
export const MAX_FLAT_PARAMS = 16;

/** CanonicalABI.md: the same for a function that is lowered with the option `async`. */
export const MAX_FLAT_ASYNC_PARAMS = 4;

/** CanonicalABI.md: more flat results than this are returned through memory. */
export const MAX_FLAT_RESULTS = 1;

/** CanonicalABI.md CANONICAL_FLOAT32_NAN and CANONICAL_FLOAT64_NAN. */
export const CANONICAL_NAN_32 = 0x7fc00000;
export const CANONICAL_NAN_64 = 0x7ff8000000000000n;

/** The type that holds a value of either case at the same flat position. */
export function join(a: CoreType, b: CoreType): CoreType {
  if (a === b) {
    return a;
  }
  return (a === 'i32' && b === 'f32') || (a === 'f32' && b === 'i32') ? 'i32' : 'i64';
}

export const zeroOf = (type: CoreType): CoreValue => (type === 'i64' ? 0n : 0);

// One shared cell to look at the same bits as another type; every use writes before it reads.
const bits = new DataView(new ArrayBuffer(8));

function f32ToBits(value: number): number {
  // A NaN's payload is not portable: CanonicalABI.md lets the host pick, and the canonical NaN is the same every time.
  if (Number.isNaN(value)) {
    return CANONICAL_NAN_32;
  }
  bits.setFloat32(0, value, true);
  return bits.getInt32(0, true);
}

function f64ToBits(value: number): bigint {
  if (Number.isNaN(value)) {
    return CANONICAL_NAN_64;
  }
  bits.setFloat64(0, value, true);
  return bits.getBigInt64(0, true);
}

function bitsToF32(value: number): number {
  bits.setInt32(0, value, true);
  return bits.getFloat32(0, true);
}

function bitsToF64(value: bigint): number {
  bits.setBigInt64(0, value, true);
  return bits.getFloat64(0, true);
}

export type Coercion = (value: CoreValue) => CoreValue;

const low32 = (value: CoreValue): number => Number(BigInt.asIntN(32, BigInt(value)));

/** From the joined type to the case's own; undefined when they are the same. */
export function narrowing(joined: CoreType, own: CoreType): Coercion | undefined {
  if (joined === own) {
    return undefined;
  }
  switch (own) {
    case 'i32':
      return low32;
    case 'f32':
      return joined === 'i32' ? (value) => bitsToF32(Number(value)) : (value) => bitsToF32(low32(value));
    case 'f64':
      return (value) => bitsToF64(BigInt(value));
    case 'i64':
      throw new Error(`nothing joins i64 to ${joined}`);
  }
}

/** From the case's own type to the joined one; undefined when they are the same. */
export function widening(own: CoreType, joined: CoreType): Coercion | undefined {
  if (joined === own) {
    return undefined;
  }
  switch (own) {
    case 'i32':
      // Zero extension: the flat value counts as unsigned.
      return (value) => BigInt(Number(value) >>> 0);
    case 'f32':
      return joined === 'i32' ? (value) => f32ToBits(Number(value)) : (value) => BigInt(f32ToBits(Number(value)) >>> 0);
    case 'f64':
      return (value) => f64ToBits(Number(value));
    case 'i64':
      throw new Error(`nothing joins i64 to ${joined}`);
  }
}
