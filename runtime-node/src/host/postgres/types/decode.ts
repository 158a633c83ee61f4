// Values of a row: from PostgreSQL's binary form to the guest's. What a server sends may be anything.
import type { Bound, DataType, DbValue, Range } from '../value.ts';
import { datetimeFrom, dayFrom, timeFrom } from './calendar.ts';
import { compactJson } from './compact-json.ts';
import { decodeNumeric } from './numeric.ts';
import { ELEMENTS, OID, TYPES } from './oids.ts';

/** Bytes that are no value of their type; the message is what the Rust driver says. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
}

const wrongSize = (): DecodeError => new DecodeError('invalid buffer size');
const beyond = (): DecodeError => new DecodeError('value too large to decode');

export const dataTypeOf = (oid: number, name: string): DataType => {
  const tag = TYPES.get(oid)?.data;
  return tag === undefined ? { tag: 'other', val: name } : { tag };
};

/** `bytes` undefined is NULL. */
export function decodeValue(oid: number, bytes: Buffer | undefined): DbValue {
  return bytes === undefined ? { tag: 'db-null' } : (DECODERS.get(oid)?.(bytes, oid) ?? unsupported(bytes));
}

const unsupported = (bytes: Buffer): DbValue => ({ tag: 'unsupported', val: new Uint8Array(bytes) });

/** A reader for bytes of one length. */
const fixed =
  (size: number, decode: (bytes: Buffer) => DbValue) =>
  (bytes: Buffer): DbValue => {
    if (bytes.length !== size) {
      throw wrongSize();
    }
    return decode(bytes);
  };

function orBeyond<T>(value: T | undefined): T {
  if (value === undefined) {
    throw beyond();
  }
  return value;
}

const text = (bytes: Buffer): DbValue => ({ tag: 'str', val: bytes.toString('utf8') });
const datetime = fixed(8, (bytes) => ({ tag: 'datetime', val: orBeyond(datetimeFrom(bytes.readBigInt64BE(0))) }));

const UUID = /^(.{8})(.{4})(.{4})(.{4})(.{12})$/;

/** The one there is. */
const JSONB_VERSION = 1;

function jsonb(bytes: Buffer): DbValue {
  if (bytes[0] !== JSONB_VERSION) {
    throw new DecodeError('unsupported JSONB encoding version');
  }
  return { tag: 'jsonb', val: new TextEncoder().encode(compactJson(bytes.toString('utf8', 1))) };
}

function numeric(bytes: Buffer): string {
  const decoded = decodeNumeric(bytes);
  if (decoded === undefined) {
    throw wrongSize();
  }
  return decoded;
}

const int4 = (bytes: Buffer): number => sized(bytes, 4).readInt32BE(0);
const int8 = (bytes: Buffer): bigint => sized(bytes, 8).readBigInt64BE(0);

function sized(bytes: Buffer, size: number): Buffer {
  if (bytes.length !== size) {
    throw wrongSize();
  }
  return bytes;
}

type Decoder = (bytes: Buffer, oid: number) => DbValue;

const DECODERS: ReadonlyMap<number, Decoder> = new Map<number, Decoder>([
  [OID.bool, fixed(1, (bytes) => ({ tag: 'boolean', val: bytes[0] !== 0 }))],
  [OID.bytea, (bytes) => ({ tag: 'binary', val: new Uint8Array(bytes) })],
  [OID.int2, fixed(2, (bytes) => ({ tag: 'int16', val: bytes.readInt16BE(0) }))],
  [OID.int4, (bytes) => ({ tag: 'int32', val: int4(bytes) })],
  [OID.int8, (bytes) => ({ tag: 'int64', val: int8(bytes) })],
  [OID.float4, fixed(4, (bytes) => ({ tag: 'floating32', val: bytes.readFloatBE(0) }))],
  [OID.float8, fixed(8, (bytes) => ({ tag: 'floating64', val: bytes.readDoubleBE(0) }))],
  [OID.text, text],
  [OID.varchar, text],
  [OID.bpchar, text],
  [OID.date, fixed(4, (bytes) => ({ tag: 'date', val: orBeyond(dayFrom(bytes.readInt32BE(0))) }))],
  [OID.time, fixed(8, (bytes) => ({ tag: 'time', val: orBeyond(timeFrom(bytes.readBigInt64BE(0))) }))],
  [OID.timestamp, datetime],
  [OID.timestamptz, datetime],
  [OID.uuid, fixed(16, (bytes) => ({ tag: 'uuid', val: bytes.toString('hex').replace(UUID, '$1-$2-$3-$4-$5') }))],
  [OID.jsonb, jsonb],
  [OID.numeric, (bytes) => ({ tag: 'decimal', val: numeric(bytes) })],
  [OID.int4range, (bytes) => ({ tag: 'range-int32', val: range(bytes, int4) })],
  [OID.int8range, (bytes) => ({ tag: 'range-int64', val: range(bytes, int8) })],
  [OID.numrange, (bytes) => ({ tag: 'range-decimal', val: range(bytes, numeric) })],
  [OID.int4Array, (bytes, oid) => ({ tag: 'array-int32', val: array(bytes, oid, int4) })],
  [OID.int8Array, (bytes, oid) => ({ tag: 'array-int64', val: array(bytes, oid, int8) })],
  [OID.numericArray, (bytes, oid) => ({ tag: 'array-decimal', val: array(bytes, oid, numeric) })],
  [OID.textArray, textArray],
  [OID.varcharArray, textArray],
  [OID.bpcharArray, textArray],
  [
    OID.interval,
    fixed(16, (bytes) => ({
      tag: 'interval',
      val: { micros: bytes.readBigInt64BE(0), days: bytes.readInt32BE(8), months: bytes.readInt32BE(12) },
    })),
  ],
]);

function textArray(bytes: Buffer, oid: number): DbValue {
  return { tag: 'array-str', val: array(bytes, oid, (element) => element.toString('utf8')) };
}

/** rangetypes.h. */
const EMPTY = 0x01;
const LOWER_INCLUSIVE = 0x02;
const UPPER_INCLUSIVE = 0x04;
const LOWER_INFINITE = 0x08;
const UPPER_INFINITE = 0x10;

/** An empty range has no bounds either, as Spin has it. */
function range<T>(bytes: Buffer, decode: (bytes: Buffer) => T): Range<T> {
  const reader = new Reader(bytes);
  const flags = reader.byte();
  const bound = (infinite: number, inclusive: number): Bound<T> => {
    if ((flags & (EMPTY | infinite)) !== 0) {
      return undefined;
    }
    const content = reader.field();
    return content === undefined ? undefined : [decode(content), (flags & inclusive) === 0 ? 'exclusive' : 'inclusive'];
  };
  return [bound(LOWER_INFINITE, LOWER_INCLUSIVE), bound(UPPER_INFINITE, UPPER_INCLUSIVE)];
}

function array<T>(bytes: Buffer, oid: number, decode: (bytes: Buffer) => T): (T | undefined)[] {
  const reader = new Reader(bytes);
  const dimensions = reader.int32();
  reader.int32(); // Whether there are nulls, which each element says too.
  if (reader.int32() !== ELEMENTS.get(oid)) {
    throw new DecodeError('unexpected type of elements');
  }
  if (dimensions === 0) {
    return [];
  }
  if (dimensions !== 1) {
    throw new DecodeError('array contains too many dimensions');
  }
  const length = reader.int32();
  reader.int32(); // The index of the first.
  const elements: (T | undefined)[] = [];
  for (let i = 0; i < length; i++) {
    const element = reader.field();
    elements.push(element && decode(element));
  }
  return elements;
}

/** Reads on, never past the end. */
class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  byte(): number {
    return this.#take(1).readUInt8(0);
  }

  int32(): number {
    return this.#take(4).readInt32BE(0);
  }

  /** Undefined is NULL. */
  field(): Buffer | undefined {
    const length = this.int32();
    return length === -1 ? undefined : this.#take(length);
  }

  #take(length: number): Buffer {
    const end = this.#at + length;
    if (length < 0 || end > this.#bytes.length) {
      throw wrongSize();
    }
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }
}
