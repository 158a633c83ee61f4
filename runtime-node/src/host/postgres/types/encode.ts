// Parameters: from the guest's values to PostgreSQL's binary form. A value goes only into types that Spin sends it to;
// PostgreSQL would convert text, and does not convert this.
import { debugChain } from '../../rust-text/debug.ts';
import type { Day, PgValue, Range, Time } from '../value.ts';
import { daysOf, isDay, isTime, microsOf, microsOfTime, microsOfTimestamp } from './calendar.ts';
import { compareDecimals, encodeNumeric, parseDecimal } from './numeric.ts';
import { ELEMENTS, OID } from './oids.ts';

/** The guest's value is none of its kind; known before the database is asked. */
export class BadParameter extends Error {
  override readonly name = 'BadParameter';
}

/** The database wants another type. */
export class WrongType extends Error {
  override readonly name = 'WrongType';
  /** As Rust calls the type of the guest's value. */
  readonly rust: string;

  constructor(rust: string) {
    super(`cannot convert from ${rust}`);
    this.rust = rust;
  }
}

/** A type of the database: its id, and its name for those that extensions bring. */
export interface WantedType {
  readonly oid: number;
  readonly name: string;
}

/** Ready to be sent as any type of `accepts`. */
export interface Parameter {
  readonly accepts: (type: WantedType) => boolean;
  readonly rust: string;
  readonly encode: (oid: number) => Buffer;
}

type Tag = Exclude<PgValue['tag'], 'db-null'>;
type Value<T extends Tag> = Extract<PgValue, { readonly tag: T }>['val'];

interface Encoder<T extends Tag> {
  readonly rust: string;
  readonly oids: readonly number[];
  /** Types of extensions. */
  readonly names?: readonly string[];
  /** Checks and converts at once; what it gives is called with the type that is wanted. */
  readonly prepare: (value: Value<T>) => Buffer | ((oid: number) => Buffer);
}

const TEXTS = [OID.varchar, OID.text, OID.bpchar, OID.name, OID.unknown];
const TEXT_ARRAYS = [OID.textArray, OID.varcharArray, OID.bpcharArray, OID.nameArray];
const TEXT_EXTENSIONS = ['citext', 'ltree', 'lquery', 'ltxtquery'];
const DECIMAL = 'rust_decimal::decimal::Decimal';

const ENCODERS: { readonly [T in Tag]: Encoder<T> } = {
  boolean: { rust: 'bool', oids: [OID.bool], prepare: (value) => Buffer.from([value ? 1 : 0]) },
  int8: { rust: 'i8', oids: [OID.char], prepare: (value) => written(1, (b) => b.writeInt8(value)) },
  int16: { rust: 'i16', oids: [OID.int2], prepare: (value) => written(2, (b) => b.writeInt16BE(value)) },
  int32: { rust: 'i32', oids: [OID.int4], prepare: int4 },
  int64: { rust: 'i64', oids: [OID.int8], prepare: int8 },
  floating32: { rust: 'f32', oids: [OID.float4], prepare: (value) => written(4, (b) => b.writeFloatBE(value)) },
  floating64: { rust: 'f64', oids: [OID.float8], prepare: (value) => written(8, (b) => b.writeDoubleBE(value)) },
  str: { rust: 'alloc::string::String', oids: TEXTS, names: TEXT_EXTENSIONS, prepare: stringParameter },
  binary: { rust: 'alloc::vec::Vec<u8>', oids: [OID.bytea], prepare: (value) => Buffer.from(value) },
  date: {
    rust: 'chrono::naive::date::NaiveDate',
    oids: [OID.date],
    prepare: (value) => written(4, (b) => b.writeInt32BE(daysOf(checkedDay(value)))),
  },
  time: {
    rust: 'chrono::naive::time::NaiveTime',
    oids: [OID.time],
    prepare: (value) => int8(microsOfTime(checkedTime(value))),
  },
  datetime: {
    rust: 'chrono::naive::datetime::NaiveDateTime',
    oids: [OID.timestamp],
    prepare: ([year, month, day, ...time]) => int8(microsOf(checkedDay([year, month, day]), checkedTime(time))),
  },
  timestamp: {
    rust: 'chrono::datetime::DateTime<chrono::offset::utc::Utc>',
    oids: [OID.timestamptz],
    prepare: (value) => int8(microsOfTimestamp(value) ?? bad(`invalid epoch timestamp ${value}`)),
  },
  uuid: { rust: 'uuid::Uuid', oids: [OID.uuid], prepare: uuid },
  jsonb: { rust: 'serde_json::value::Value', oids: [OID.json, OID.jsonb], prepare: json },
  decimal: { rust: DECIMAL, oids: [OID.numeric], prepare: numeric },
  'range-int32': {
    rust: 'postgres_range::Range<i32>',
    oids: [OID.int4range],
    prepare: (value) => range(value, (a, b) => a - b, int4),
  },
  'range-int64': {
    rust: 'postgres_range::Range<i64>',
    oids: [OID.int8range],
    prepare: (value) => range(value, (a, b) => Number(a > b) - Number(a < b), int8),
  },
  'range-decimal': {
    rust: 'postgres_range::Range<spin_factor_outbound_pg::types::decimal::RangeableDecimal>',
    oids: [OID.numrange],
    prepare: (value) => range(value, (a, b) => compareDecimals(decimal(a), decimal(b)), numeric),
  },
  'array-int32': { rust: listOf('i32'), oids: [OID.int4Array], prepare: (value) => array(value, int4) },
  'array-int64': { rust: listOf('i64'), oids: [OID.int8Array], prepare: (value) => array(value, int8) },
  'array-decimal': { rust: listOf(DECIMAL), oids: [OID.numericArray], prepare: (value) => array(value, numeric) },
  'array-str': {
    rust: listOf('alloc::string::String'),
    oids: TEXT_ARRAYS,
    prepare: (value) => array(value, (text: string) => Buffer.from(text)),
  },
  interval: {
    rust: 'spin_factor_outbound_pg::types::interval::Interval',
    oids: [OID.interval],
    prepare: ({ micros, days, months }) =>
      written(16, (b) => {
        b.writeBigInt64BE(micros, 0);
        b.writeInt32BE(days, 8);
        b.writeInt32BE(months, 12);
      }),
  },
};

/** Throws BadParameter. Undefined is NULL, which every type takes. */
export function toParameter(value: PgValue): Parameter | undefined {
  if (value.tag === 'db-null') {
    return undefined;
  }
  const { rust, oids, names = [], prepare } = ENCODERS[value.tag] as Encoder<Tag>;
  const prepared = prepare(value.val);
  return {
    accepts: ({ oid, name }) => oids.includes(oid) || names.includes(name),
    rust,
    encode: typeof prepared === 'function' ? prepared : () => prepared,
  };
}

/** Throws WrongType. */
export function encodeParameter(parameter: Parameter | undefined, type: WantedType): Buffer | undefined {
  if (parameter !== undefined && !parameter.accepts(type)) {
    throw new WrongType(parameter.rust);
  }
  return parameter?.encode(type.oid);
}

function bad(message: string, ...causes: string[]): never {
  throw new BadParameter(debugChain(message, ...causes));
}

function written(size: number, write: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.alloc(size);
  write(bytes);
  return bytes;
}

function int4(value: number): Buffer {
  return written(4, (b) => b.writeInt32BE(value));
}

function int8(value: bigint): Buffer {
  return written(8, (b) => b.writeBigInt64BE(value));
}

function listOf(rust: string): string {
  return `alloc::vec::Vec<core::option::Option<${rust}>>`;
}

function stringParameter(value: string): Buffer {
  return Buffer.from(value);
}

function checkedDay(day: Day): Day {
  const [year, month, date] = day;
  return isDay(day) ? day : bad(`invalid date y=${year}, m=${month}, d=${date}`);
}

function checkedTime(time: Time): Time {
  return isTime(time) ? time : bad(`invalid time ${time.join(':')}`);
}

const UUID = /^(?:urn:uuid:)?(?:[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i;
const BRACED = /^\{(.*)\}$/;

function uuid(value: string): Buffer {
  const text = BRACED.exec(value)?.[1] ?? value;
  return UUID.test(text)
    ? Buffer.from(text.replace(/^urn:uuid:/i, '').replaceAll('-', ''), 'hex')
    : bad(`invalid UUID ${value}`);
}

/** `jsonb` begins with the version of its form. */
function json(value: Uint8Array): (oid: number) => Buffer {
  const text = Buffer.from(value).toString('utf8');
  try {
    JSON.parse(text);
  } catch (cause) {
    bad(`invalid JSON ${text}`, (cause as Error).message);
  }
  return (oid) => Buffer.from(oid === OID.jsonb ? `\u0001${text}` : text);
}

const decimal = (value: string) => parseDecimal(value) ?? bad(`invalid decimal ${value}`, whyNoDecimal(value));

/** As the Rust crate says it. */
function whyNoDecimal(value: string): string {
  if (value === '') {
    return 'Invalid decimal: empty';
  }
  return /^[+-]?[\d_]*\.[\d_]*\.[\d_.]*$/.test(value)
    ? 'Invalid decimal: two decimal points'
    : 'Invalid decimal: unknown character';
}

function numeric(value: string): Buffer {
  return encodeNumeric(decimal(value));
}

/** rangetypes.h. */
const EMPTY = 0x01;
const LOWER_INCLUSIVE = 0x02;
const UPPER_INCLUSIVE = 0x04;
const LOWER_INFINITE = 0x08;
const UPPER_INFINITE = 0x10;

/** Bounds in the wrong order make an empty range, as in Spin; PostgreSQL itself would refuse them. */
function range<T>([lower, upper]: Range<T>, compare: (a: T, b: T) => number, encode: (value: T) => Buffer): Buffer {
  if (lower !== undefined && upper !== undefined && compare(lower[0], upper[0]) > 0) {
    return Buffer.from([EMPTY]);
  }
  const flags =
    (lower === undefined ? LOWER_INFINITE : 0) |
    (upper === undefined ? UPPER_INFINITE : 0) |
    (lower?.[1] === 'inclusive' ? LOWER_INCLUSIVE : 0) |
    (upper?.[1] === 'inclusive' ? UPPER_INCLUSIVE : 0);
  const bounds = [lower, upper].filter((bound) => bound !== undefined);
  return Buffer.concat([Buffer.from([flags]), ...bounds.map(([value]) => field(encode(value)))]);
}

function array<T>(values: readonly (T | undefined)[], encode: (value: T) => Buffer): (oid: number) => Buffer {
  const elements = values.map((value) => (value === undefined ? undefined : encode(value)));
  return (oid) => {
    const dimensions = values.length === 0 ? [] : [values.length, 1];
    const head = [dimensions.length === 0 ? 0 : 1, elements.includes(undefined) ? 1 : 0, ELEMENTS.get(oid) ?? 0];
    return Buffer.concat([...[...head, ...dimensions].map(int4), ...elements.map(field)]);
  };
}

/** Its length and the bytes; NULL has no bytes and the length -1. */
function field(bytes: Buffer | undefined): Buffer {
  return bytes === undefined ? int4(-1) : Buffer.concat([int4(bytes.length), bytes]);
}
