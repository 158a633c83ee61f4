// `numeric` between its binary form (PostgreSQL's numeric.c, numeric_send) and text in base 10, of any length.

/** Digits are in base 10,000, four decimal ones each. */
const GROUP = 4;
const HEADER_BYTES = 8;
const NEGATIVE = 0x4000;
const SPECIAL: ReadonlyMap<number, string> = new Map([
  [0xc000, 'NaN'],
  [0xd000, 'Infinity'],
  [0xf000, '-Infinity'],
]);

/** What PostgreSQL takes: digits before and after the point. */
const MAX_BEFORE = 131_072;
const MAX_AFTER = 16_383;

const DECIMAL = /^(?<sign>[+-]?)(?<before>\d*)(?:\.(?<after>\d*))?$/;

export interface Decimal {
  readonly negative: boolean;
  /** Without zeros at the start. */
  readonly before: string;
  readonly after: string;
}

/** undefined: not a number in base 10. An underscore may stand between digits, as in Rust. */
export function parseDecimal(text: string): Decimal | undefined {
  const { sign, before = '', after = '' } = DECIMAL.exec(text.replaceAll(/(?<=\d)_/g, ''))?.groups ?? {};
  if (sign === undefined || before.length + after.length === 0) {
    return undefined;
  }
  const digits = before.replace(/^0+/, '');
  return digits.length > MAX_BEFORE || after.length > MAX_AFTER
    ? undefined
    : { negative: sign === '-', before: digits, after };
}

export function compareDecimals(one: Decimal, other: Decimal): number {
  const scale = Math.max(one.after.length, other.after.length);
  const scaled = ({ negative, before, after }: Decimal): bigint => {
    const magnitude = BigInt(`0${before}${after.padEnd(scale, '0')}`);
    return negative ? -magnitude : magnitude;
  };
  const [a, b] = [scaled(one), scaled(other)];
  return a < b ? -1 : Number(a > b);
}

export function encodeNumeric({ negative, before, after }: Decimal): Buffer {
  const whole = before.padStart(Math.ceil(before.length / GROUP) * GROUP, '0');
  const fraction = after.padEnd(Math.ceil(after.length / GROUP) * GROUP, '0');
  const groups = ((whole + fraction).match(/\d{4}/g) ?? []).map(Number);
  let weight = whole.length / GROUP - 1;
  while (groups.length > 0 && groups[0] === 0) {
    groups.shift();
    weight -= 1;
  }
  while (groups.at(-1) === 0) {
    groups.pop();
  }
  const bytes = Buffer.alloc(HEADER_BYTES + 2 * groups.length);
  bytes.writeInt16BE(groups.length, 0);
  bytes.writeInt16BE(groups.length === 0 ? 0 : weight, 2);
  bytes.writeUInt16BE(negative && groups.length > 0 ? NEGATIVE : 0, 4);
  bytes.writeUInt16BE(after.length, 6);
  for (const [i, group] of groups.entries()) {
    bytes.writeInt16BE(group, HEADER_BYTES + 2 * i);
  }
  return bytes;
}

/** undefined: not what a server may send. */
export function decodeNumeric(bytes: Buffer): string | undefined {
  if (bytes.length < HEADER_BYTES) {
    return undefined;
  }
  const count = bytes.readUInt16BE(0);
  const weight = bytes.readInt16BE(2);
  const sign = bytes.readUInt16BE(4);
  const scale = bytes.readUInt16BE(6);
  const special = SPECIAL.get(sign);
  if (special !== undefined) {
    return special;
  }
  // The weight says how many zeros follow the digits: as many as PostgreSQL has digits, and no more.
  if (bytes.length !== HEADER_BYTES + 2 * count || scale > MAX_AFTER || weight >= MAX_BEFORE / GROUP) {
    return undefined;
  }
  let digits = '';
  for (let at = HEADER_BYTES; at < bytes.length; at += 2) {
    digits += String(bytes.readUInt16BE(at)).padStart(GROUP, '0');
  }
  // Digits before the point; less than none when the number begins with zeros after it.
  const point = (weight + 1) * GROUP;
  const before = point <= 0 ? '' : digits.slice(0, point).padEnd(point, '0');
  const after = point <= 0 ? '0'.repeat(-point) + digits : digits.slice(point);
  const text = before.replace(/^0+(?=\d)/, '') || '0';
  const fraction = after.slice(0, scale).padEnd(scale, '0');
  return `${sign === NEGATIVE ? '-' : ''}${text}${scale === 0 ? '' : `.${fraction}`}`;
}
