// Reads protobuf by a table of fields, as much of it as OTLP needs: for tests that look at what was really sent.

export type FieldType = 'string' | 'hex' | 'varint' | 'fixed64' | 'time' | 'double' | 'bool' | Schema;

/** By field number. A name that ends in `[]` may come again and again. */
export interface Schema {
  readonly [field: number]: readonly [name: string, type: FieldType];
}

export type Message = Readonly<Record<string, unknown>>;

/** Throws at whatever is malformed; fields that the schema does not have are passed over. */
export function decode(bytes: Uint8Array, schema: Schema): Message {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const message: Record<string, unknown> = {};
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = view.getUint8(at);
      at += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) {
        return value;
      }
    }
  };
  const raw = (wire: number): bigint | Uint8Array => {
    if (wire === 0) {
      return varint();
    }
    const length = wire === 1 ? 8 : wire === 5 ? 4 : wire === 2 ? Number(varint()) : Number.NaN;
    if (!(at + length <= bytes.length)) {
      throw new Error(`wire type ${wire} at ${at} does not fit`);
    }
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const key = Number(varint());
    const value = raw(key & 7);
    const [name, type] = schema[key >> 3] ?? [];
    if (name !== undefined && type !== undefined) {
      const read = valueOf(value, type);
      const repeated = name.endsWith('[]');
      const plain = repeated ? name.slice(0, -2) : name;
      message[plain] = repeated ? [...((message[plain] as unknown[] | undefined) ?? []), read] : read;
    }
  }
  return message;
}

function valueOf(value: bigint | Uint8Array, type: FieldType): unknown {
  if (typeof value === 'bigint') {
    return type === 'bool' ? value === 1n : Number(BigInt.asIntN(64, value));
  }
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  switch (type) {
    case 'string':
      return Buffer.from(value).toString('utf8');
    case 'hex':
      return Buffer.from(value).toString('hex');
    case 'fixed64':
      return view.byteLength === 8 ? Number(view.getBigInt64(0, true)) : view.getUint32(0, true);
    case 'time':
      // Nanoseconds, more than a number holds exactly.
      return view.getBigUint64(0, true).toString();
    case 'double':
      return view.getFloat64(0, true);
    case 'varint':
    case 'bool':
      throw new Error('a number was expected');
    default:
      return decode(value, type);
  }
}
