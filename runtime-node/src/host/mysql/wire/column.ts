// A column of an answer (MySQL's protocol, "Column Definition Packet"), and its values in binary form.
import { debugString } from '../../rust-text/debug.ts';
import type { DataType, MySqlValue } from '../value.ts';
import { Fields } from './fields.ts';
import { ProtocolError } from './packets.ts';

export interface Column {
  readonly name: string;
  readonly type: number;
  readonly unsigned: boolean;
  readonly binary: boolean;
  readonly dataType: DataType;
}

/** Types of columns (MySQL's protocol, "Column Types"). */
export const TYPE = {
  tiny: 1,
  short: 2,
  long: 3,
  float: 4,
  double: 5,
  null: 6,
  timestamp: 7,
  longlong: 8,
  int24: 9,
  date: 10,
  time: 11,
  datetime: 12,
  year: 13,
  mediumBlob: 250,
  longBlob: 251,
  blob: 252,
  varString: 253,
  string: 254,
} as const;

const UNSIGNED_FLAG = 0x20;
const BINARY_FLAG = 0x80;

/** A value of a type that guests have none for. */
export class UnconvertibleValue extends Error {
  override readonly name = 'UnconvertibleValue';
}

export function readColumn(packet: Buffer): Column {
  const fields = new Fields(packet);
  for (let i = 0; i < 4; i++) {
    fields.bytes(); // Catalogue, schema, table, table before it was renamed.
  }
  const name = fields.text();
  fields.bytes(); // The column before it was renamed.
  fields.take(1 + 2 + 4); // The length of what follows, character set, display length.
  const type = fields.uint(1);
  const flags = fields.uint(2);
  const unsigned = (flags & UNSIGNED_FLAG) !== 0;
  const binary = (flags & BINARY_FLAG) !== 0;
  return { name, type, unsigned, binary, dataType: dataTypeOf(type, unsigned, binary) };
}

function dataTypeOf(type: number, unsigned: boolean, binary: boolean): DataType {
  switch (type) {
    case TYPE.tiny:
      return unsigned ? 'uint8' : 'int8';
    case TYPE.short:
      return unsigned ? 'uint16' : 'int16';
    case TYPE.long:
    case TYPE.int24:
      return unsigned ? 'uint32' : 'int32';
    case TYPE.longlong:
      return unsigned ? 'uint64' : 'int64';
    case TYPE.float:
      return 'floating32';
    case TYPE.double:
      return 'floating64';
    case TYPE.string:
    case TYPE.varString:
    case TYPE.blob: // Without the flag it is TEXT.
      return binary ? 'binary' : 'str';
    case TYPE.mediumBlob:
    case TYPE.longBlob:
      return 'binary';
    default:
      return 'other';
  }
}

/** A row begins with a zero and the columns that are NULL: a bit each, the first two unused. */
export function readRow(packet: Buffer, columns: readonly Column[]): MySqlValue[] {
  const fields = new Fields(packet, 1);
  const nulls = fields.take((columns.length + 7 + 2) >> 3);
  return columns.map((column, i) => {
    const bit = i + 2;
    const isNull = ((nulls[bit >> 3] ?? 0) & (1 << (bit & 7))) !== 0;
    return isNull ? { tag: 'db-null' } : readValue(fields, column);
  });
}

function readValue(fields: Fields, column: Column): MySqlValue {
  const { dataType, type } = column;
  switch (dataType) {
    case 'int8':
      return { tag: dataType, val: fields.take(1).readInt8(0) };
    case 'uint8':
      return { tag: dataType, val: fields.uint(1) };
    case 'int16':
      return { tag: dataType, val: fields.take(2).readInt16LE(0) };
    case 'uint16':
      return { tag: dataType, val: fields.uint(2) };
    case 'int32':
      return { tag: dataType, val: fields.take(4).readInt32LE(0) };
    case 'uint32':
      return { tag: dataType, val: fields.uint(4) };
    case 'int64':
      return { tag: dataType, val: fields.take(8).readBigInt64LE(0) };
    case 'uint64':
      return { tag: dataType, val: fields.take(8).readBigUInt64LE(0) };
    case 'floating32':
      return { tag: dataType, val: fields.take(4).readFloatLE(0) };
    case 'floating64':
      return { tag: dataType, val: fields.take(8).readDoubleLE(0) };
    case 'str':
      return { tag: dataType, val: fields.text() };
    case 'binary':
      return { tag: dataType, val: new Uint8Array(fields.bytes() ?? []) };
    default:
      throw new UnconvertibleValue(
        `Cannot convert value ${debugValue(fields, type)} in column ${column.name} data type Other`,
      );
  }
}

/** Of a text only so many bytes are shown. */
const SHOWN_BYTES = 8;

/** As the Rust driver shows a value to programmers. */
function debugValue(fields: Fields, type: number): string {
  switch (type) {
    case TYPE.year:
      return `Int(${fields.uint(2)})`;
    case TYPE.date:
    case TYPE.datetime:
    case TYPE.timestamp:
      return `Date(${debugString(`'${dateText(fields)}'`)})`;
    case TYPE.time:
      return `Time(${debugString(`'${timeText(fields)}'`)})`;
    default: {
      const bytes = fields.bytes() ?? Buffer.alloc(0);
      const shown = bytes.subarray(0, SHOWN_BYTES).toString('utf8').replaceAll('\n', '\\n');
      return `Bytes(${debugString(bytes.length > SHOWN_BYTES ? `${shown}..` : shown)})`;
    }
  }
}

const digits = (value: number, count: number): string => String(value).padStart(count, '0');
const fraction = (micros: number): string => (micros === 0 ? '' : `.${digits(micros, 6)}`);

function dateText(fields: Fields): string {
  const length = fields.uint(1);
  if (![0, 4, 7, 11].includes(length)) {
    throw new ProtocolError('a date of an unknown length');
  }
  const date = length === 0 ? [0, 0, 0] : [fields.uint(2), fields.uint(1), fields.uint(1)];
  const time = length < 7 ? [0, 0, 0] : [fields.uint(1), fields.uint(1), fields.uint(1)];
  const micros = length < 11 ? 0 : fields.uint(4);
  const day = `${digits(date[0] ?? 0, 4)}-${digits(date[1] ?? 0, 2)}-${digits(date[2] ?? 0, 2)}`;
  const hasTime = micros > 0 || time.some((part) => part > 0);
  return hasTime ? `${day} ${time.map((part) => digits(part, 2)).join(':')}${fraction(micros)}` : day;
}

function timeText(fields: Fields): string {
  const length = fields.uint(1);
  if (![0, 8, 12].includes(length)) {
    throw new ProtocolError('a time of an unknown length');
  }
  if (length === 0) {
    return '000:00:00';
  }
  const negative = fields.uint(1) === 1;
  const days = fields.uint(4);
  const [hours, minutes, seconds] = [fields.uint(1), fields.uint(1), fields.uint(1)];
  const micros = length < 12 ? 0 : fields.uint(4);
  return `${negative ? '-' : ''}${digits(days * 24 + hours, 3)}:${digits(minutes, 2)}:${digits(seconds, 2)}${fraction(micros)}`;
}
