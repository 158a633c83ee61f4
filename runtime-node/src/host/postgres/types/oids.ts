// The types of PostgreSQL that are known here: their object ids, which are fixed (its pg_type.dat), the name by which
// the Rust driver's errors call them, and what a guest gets for a column.
import type { DataType } from '../value.ts';

export interface KnownType {
  /** As pg_type has it. */
  readonly name: string;
  /** As the Rust driver's errors have it. */
  readonly rust: string;
  /** Undefined: the guest gets its bytes. */
  readonly data?: Exclude<DataType['tag'], 'other'>;
}

const known = (name: string, rust: string, data?: KnownType['data']): KnownType => ({
  name,
  rust,
  ...(data === undefined ? {} : { data }),
});

export const OID = {
  bool: 16,
  bytea: 17,
  char: 18,
  name: 19,
  int8: 20,
  int2: 21,
  int4: 23,
  text: 25,
  oid: 26,
  json: 114,
  float4: 700,
  float8: 701,
  unknown: 705,
  nameArray: 1003,
  int4Array: 1007,
  textArray: 1009,
  bpcharArray: 1014,
  varcharArray: 1015,
  int8Array: 1016,
  bpchar: 1042,
  varchar: 1043,
  date: 1082,
  time: 1083,
  timestamp: 1114,
  timestamptz: 1184,
  interval: 1186,
  numericArray: 1231,
  numeric: 1700,
  uuid: 2950,
  jsonb: 3802,
  int4range: 3904,
  numrange: 3906,
  int8range: 3926,
} as const;

export const TYPES: ReadonlyMap<number, KnownType> = new Map([
  [OID.bool, known('bool', 'Bool', 'boolean')],
  [OID.bytea, known('bytea', 'Bytea', 'binary')],
  [OID.char, known('char', 'Char')],
  [OID.name, known('name', 'Name')],
  [OID.int8, known('int8', 'Int8', 'int64')],
  [OID.int2, known('int2', 'Int2', 'int16')],
  [OID.int4, known('int4', 'Int4', 'int32')],
  [OID.text, known('text', 'Text', 'str')],
  [OID.json, known('json', 'Json')],
  [OID.float4, known('float4', 'Float4', 'floating32')],
  [OID.float8, known('float8', 'Float8', 'floating64')],
  [OID.unknown, known('unknown', 'Unknown')],
  [OID.nameArray, known('_name', 'NameArray')],
  [OID.int4Array, known('_int4', 'Int4Array', 'array-int32')],
  [OID.textArray, known('_text', 'TextArray', 'array-str')],
  [OID.bpcharArray, known('_bpchar', 'BpcharArray', 'array-str')],
  [OID.varcharArray, known('_varchar', 'VarcharArray', 'array-str')],
  [OID.int8Array, known('_int8', 'Int8Array', 'array-int64')],
  [OID.bpchar, known('bpchar', 'Bpchar', 'str')],
  [OID.varchar, known('varchar', 'Varchar', 'str')],
  [OID.date, known('date', 'Date', 'date')],
  [OID.time, known('time', 'Time', 'time')],
  [OID.timestamp, known('timestamp', 'Timestamp', 'datetime')],
  [OID.timestamptz, known('timestamptz', 'Timestamptz', 'datetime')],
  [OID.interval, known('interval', 'Interval', 'interval')],
  [OID.numericArray, known('_numeric', 'NumericArray', 'array-decimal')],
  [OID.numeric, known('numeric', 'Numeric', 'decimal')],
  [OID.uuid, known('uuid', 'Uuid', 'uuid')],
  [OID.jsonb, known('jsonb', 'Jsonb', 'jsonb')],
  [OID.int4range, known('int4range', 'Int4Range', 'range-int32')],
  [OID.numrange, known('numrange', 'NumRange', 'range-decimal')],
  [OID.int8range, known('int8range', 'Int8Range', 'range-int64')],
  // The rest of what columns often are, so that their names need not be asked for.
  [OID.oid, known('oid', 'Oid')],
  [142, known('xml', 'Xml')],
  [199, known('_json', 'JsonArray')],
  [600, known('point', 'Point')],
  [650, known('cidr', 'Cidr')],
  [790, known('money', 'Money')],
  [829, known('macaddr', 'Macaddr')],
  [869, known('inet', 'Inet')],
  [1000, known('_bool', 'BoolArray')],
  [1001, known('_bytea', 'ByteaArray')],
  [1005, known('_int2', 'Int2Array')],
  [1021, known('_float4', 'Float4Array')],
  [1022, known('_float8', 'Float8Array')],
  [1115, known('_timestamp', 'TimestampArray')],
  [1182, known('_date', 'DateArray')],
  [1183, known('_time', 'TimeArray')],
  [1185, known('_timestamptz', 'TimestamptzArray')],
  [1266, known('timetz', 'Timetz')],
  [1560, known('bit', 'Bit')],
  [1562, known('varbit', 'Varbit')],
  [2249, known('record', 'Record')],
  [2278, known('void', 'Void')],
  [2951, known('_uuid', 'UuidArray')],
  [3614, known('tsvector', 'TsVector')],
  [3807, known('_jsonb', 'JsonbArray')],
  [3908, known('tsrange', 'TsRange')],
  [3910, known('tstzrange', 'TstzRange')],
  [3912, known('daterange', 'DateRange')],
]);

/** What the elements of an array are. */
export const ELEMENTS: ReadonlyMap<number, number> = new Map([
  [OID.int4Array, OID.int4],
  [OID.int8Array, OID.int8],
  [OID.numericArray, OID.numeric],
  [OID.textArray, OID.text],
  [OID.varcharArray, OID.varchar],
  [OID.bpcharArray, OID.bpchar],
  [OID.nameArray, OID.name],
]);
