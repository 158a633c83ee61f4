// Which immediates follow each opcode (core spec §5.4 and the proposals that V8 14.6 has on). The walk in
// expressions.ts gives them their meaning; an opcode that is not here is refused by its number.

export const IMMEDIATE = {
  unknown: 0,
  none: 1,
  /** One LEB128 number that does not change: a local, a table, a tag, a constant. */
  integer: 2,
  twoIntegers: 3,
  memarg: 4,
  /** table.set: one number, and an obstacle. */
  tableSet: 5,
  func: 6,
  global: 7,
  block: 8,
  loop: 9,
  type: 10,
  /** A type and one more number. */
  typeAndInteger: 11,
  twoTypes: 12,
  heapType: 13,
  labels: 14,
  valueTypes: 15,
  tryTable: 16,
  bytes1: 17,
  bytes4: 18,
  bytes8: 19,
  bytes16: 20,
  memargAndLane: 21,
  /** memory.init: segment, memory. */
  memoryInit: 22,
  memoryCopy: 23,
  memoryFill: 24,
  memorySize: 25,
  memoryGrow: 26,
  branchOnCast: 27,
  prefix: 28,
  end: 29,
  /** A type and a table. */
  callIndirect: 30,
  /** br, br_if. */
  branch: 31,
  /** Another label. */
  label: 32,
  try: 33,
} as const;

export type Immediate = (typeof IMMEDIATE)[keyof typeof IMMEDIATE];

type Range = readonly [first: number, last: number, immediate: Immediate];

function table(size: number, ranges: readonly Range[]): Uint8Array {
  const kinds = new Uint8Array(size);
  for (const [first, last, immediate] of ranges) {
    kinds.fill(immediate, first, last + 1);
  }
  return kinds;
}

const {
  none,
  integer,
  twoIntegers,
  memarg,
  func,
  global,
  block,
  loop,
  type,
  typeAndInteger,
  twoTypes,
  heapType,
  labels,
  valueTypes,
  tryTable,
  bytes1,
  bytes4,
  bytes8,
  bytes16,
  memargAndLane,
  memoryInit,
  memoryCopy,
  memoryFill,
  memorySize,
  memoryGrow,
  branchOnCast,
  prefix,
  end,
  callIndirect,
  tableSet,
  branch,
  label,
  try: tryBlock,
} = IMMEDIATE;

/** By the first byte. */
export const OPCODES = table(0x100, [
  [0x00, 0x01, none], // unreachable, nop
  [0x02, 0x02, block],
  [0x03, 0x03, loop],
  [0x04, 0x04, block], // if
  [0x05, 0x05, none], // else
  [0x06, 0x06, tryBlock], // try, of the older exception handling, as are catch, rethrow, delegate, catch_all
  [0x07, 0x08, integer], // catch, throw
  [0x09, 0x09, label], // rethrow
  [0x0a, 0x0a, none], // throw_ref
  [0x0b, 0x0b, end],
  [0x0c, 0x0d, branch],
  [0x0e, 0x0e, labels],
  [0x0f, 0x0f, none], // return
  [0x10, 0x10, func],
  [0x11, 0x11, callIndirect],
  [0x12, 0x12, func], // return_call
  [0x13, 0x13, callIndirect], // return_call_indirect
  [0x14, 0x15, type], // call_ref, return_call_ref
  [0x18, 0x18, label], // delegate
  [0x19, 0x1b, none], // catch_all, drop, select
  [0x1c, 0x1c, valueTypes], // select with types
  [0x1f, 0x1f, tryTable],
  [0x20, 0x22, integer], // local.*
  [0x23, 0x24, global],
  [0x25, 0x25, integer], // table.get
  [0x26, 0x26, tableSet],
  [0x28, 0x3e, memarg],
  [0x3f, 0x3f, memorySize],
  [0x40, 0x40, memoryGrow],
  [0x41, 0x42, integer], // i32.const, i64.const
  [0x43, 0x43, bytes4],
  [0x44, 0x44, bytes8],
  [0x45, 0xc4, none], // numeric
  [0xd0, 0xd0, heapType], // ref.null
  [0xd1, 0xd1, none], // ref.is_null
  [0xd2, 0xd2, func], // ref.func
  [0xd3, 0xd4, none], // ref.eq, ref.as_non_null
  [0xd5, 0xd6, label], // br_on_null, br_on_non_null
  [0xfb, 0xfe, prefix],
]);

/** After 0xfb: garbage collection. */
const OPCODES_FB = table(0x1f, [
  [0x00, 0x01, type], // struct.new, struct.new_default
  [0x02, 0x05, typeAndInteger], // struct.get*, struct.set
  [0x06, 0x07, type], // array.new, array.new_default
  [0x08, 0x0a, typeAndInteger], // array.new_fixed, array.new_data, array.new_elem
  [0x0b, 0x0e, type], // array.get*, array.set
  [0x0f, 0x0f, none], // array.len
  [0x10, 0x10, type], // array.fill
  [0x11, 0x11, twoTypes], // array.copy
  [0x12, 0x13, typeAndInteger], // array.init_data, array.init_elem
  [0x14, 0x17, heapType], // ref.test, ref.cast
  [0x18, 0x19, branchOnCast],
  [0x1a, 0x1e, none], // any.convert_extern to i31.get_u
]);

/** After 0xfc: saturating truncation, bulk memory and tables. */
const OPCODES_FC = table(0x12, [
  [0x00, 0x07, none],
  [0x08, 0x08, memoryInit],
  [0x09, 0x09, integer], // data.drop
  [0x0a, 0x0a, memoryCopy],
  [0x0b, 0x0b, memoryFill],
  [0x0c, 0x0c, twoIntegers], // table.init
  [0x0d, 0x0d, integer], // elem.drop
  [0x0e, 0x0e, twoIntegers], // table.copy
  [0x0f, 0x11, integer], // table.grow, table.size, table.fill
]);

/** After 0xfd: vectors, from 0x100 on the relaxed ones. Holes in the numbering are left to V8. */
const OPCODES_FD = table(0x114, [
  [0x00, 0x0b, memarg],
  [0x0c, 0x0d, bytes16], // v128.const, i8x16.shuffle
  [0x0e, 0x14, none],
  [0x15, 0x22, bytes1], // extract_lane, replace_lane
  [0x23, 0x53, none],
  [0x54, 0x5b, memargAndLane],
  [0x5c, 0x5d, memarg], // v128.load32_zero, v128.load64_zero
  [0x5e, 0x113, none],
]);

/** After 0xfe: threads. */
const OPCODES_FE = table(0x4f, [
  [0x00, 0x02, memarg], // notify, wait
  [0x03, 0x03, bytes1], // atomic.fence
  [0x10, 0x4e, memarg],
]);

/** By the first byte of a prefixed opcode, minus 0xfb. */
export const PREFIXED: readonly Uint8Array[] = [OPCODES_FB, OPCODES_FC, OPCODES_FD, OPCODES_FE];

/**
 * Instructions that change what cannot be put back, by prefix and opcode. Structs and arrays are found by their types.
 * Atomic ones are bound by checks of V8's own, which do not know of a virtual size.
 */
export function obstacleOf(first: number, code: number): string | undefined {
  if (first === 0xfe) {
    return 'atomic instructions';
  }
  return OBSTACLES.get(first * 0x1000 + code);
}

const OBSTACLES: ReadonlyMap<number, string> = new Map([
  [0xfc009, 'data.drop'],
  [0xfc00c, 'table.init'],
  [0xfc00d, 'elem.drop'],
  [0xfc00e, 'table.copy'],
  [0xfc00f, 'table.grow'],
  [0xfc011, 'table.fill'],
]);
