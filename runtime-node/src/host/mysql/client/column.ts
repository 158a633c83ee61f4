// A column of an answer (MySQL's protocol, "Column Definition Packet"), and its values in binary form.
import { debugString } from '../../rust-text/debug.ts';
import type { DataType, MySqlValue } from '../value.ts';
import { ProtocolError } from '../../driver-socket/failures.ts';

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

/** As the client has it of a column. */
interface Definition {
  readonly name: string;
  readonly columnType?: number | undefined;
  readonly flags: number | readonly string[];
}

export function columnOf({ name, columnType: type = TYPE.null, flags }: Definition): Column {
  const bits = Number(flags);
  const unsigned = (bits & UNSIGNED_FLAG) !== 0;
  const binary = (bits & BINARY_FLAG) !== 0;
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

/** How the client gives a value: read by its type, or the bytes behind its length. Either is null for NULL; one is read once. */
export interface RawValue {
  readonly read: () => unknown;
  readonly bytes: () => Buffer | null;
}

/** Shared: a row has a bit for each. */
export const NULL: MySqlValue = { tag: 'db-null' };

export function valueOf({ dataType, type, name }: Column, { read, bytes }: RawValue): MySqlValue {
  const byLength = dataType === 'str' || dataType === 'binary' || (dataType === 'other' && type !== TYPE.year);
  const raw = byLength ? bytes() : read();
  if (raw === null) {
    return NULL;
  }
  switch (dataType) {
    case 'int64':
    case 'uint64':
      return { tag: dataType, val: BigInt(String(raw)) };
    case 'str':
      return { tag: dataType, val: String(raw) };
    case 'binary':
      return { tag: dataType, val: new Uint8Array(raw as Buffer) };
    case 'other':
    case 'boolean':
      throw new UnconvertibleValue(`Cannot convert value ${debugValue(type, raw)} in column ${name} data type Other`);
    default:
      return { tag: dataType, val: Number(raw) };
  }
}

/** Of a text only so many bytes are shown. */
const SHOWN_BYTES = 8;

/** As the Rust driver shows a value to programmers. */
function debugValue(type: number, raw: unknown): string {
  if (!Buffer.isBuffer(raw)) {
    return `Int(${String(raw)})`;
  }
  switch (type) {
    case TYPE.date:
    case TYPE.datetime:
    case TYPE.timestamp:
      return `Date(${debugString(`'${dateText(raw)}'`)})`;
    case TYPE.time:
      return `Time(${debugString(`'${timeText(raw)}'`)})`;
    default: {
      const shown = raw.subarray(0, SHOWN_BYTES).toString('utf8').replaceAll('\n', '\\n');
      return `Bytes(${debugString(raw.length > SHOWN_BYTES ? `${shown}..` : shown)})`;
    }
  }
}

const digits = (value: number, count: number): string => String(value).padStart(count, '0');
const fraction = (micros: number): string => (micros === 0 ? '' : `.${digits(micros, 6)}`);

/** Year, month, day, then perhaps the time, then perhaps microseconds. */
function dateText(bytes: Buffer): string {
  if (![0, 4, 7, 11].includes(bytes.length)) {
    throw new ProtocolError('a date of an unknown length');
  }
  const all = Buffer.concat([bytes], 11);
  const time = [...all.subarray(4, 7)];
  const micros = all.readUInt32LE(7);
  const day = `${digits(all.readUInt16LE(0), 4)}-${digits(all.readUInt8(2), 2)}-${digits(all.readUInt8(3), 2)}`;
  const hasTime = micros > 0 || time.some((part) => part > 0);
  return hasTime ? `${day} ${time.map((part) => digits(part, 2)).join(':')}${fraction(micros)}` : day;
}

/** The sign, days, hours, minutes, seconds, then perhaps microseconds. */
function timeText(bytes: Buffer): string {
  if (![0, 8, 12].includes(bytes.length)) {
    throw new ProtocolError('a time of an unknown length');
  }
  if (bytes.length === 0) {
    return '000:00:00';
  }
  const all = Buffer.concat([bytes], 12);
  const hours = all.readUInt32LE(1) * 24 + all.readUInt8(5);
  const sign = all.readUInt8(0) === 1 ? '-' : '';
  const minutes = `${digits(all.readUInt8(6), 2)}:${digits(all.readUInt8(7), 2)}`;
  return `${sign}${digits(hours, 3)}:${minutes}${fraction(all.readUInt32LE(8))}`;
}
