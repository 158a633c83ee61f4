// Parameters of a statement in binary form (MySQL's protocol, COM_STMT_EXECUTE). Integers go as 64 bits, as the Rust driver
// sends them.
import type { MySqlValue } from '../value.ts';
import { TYPE } from './column.ts';
import { withLength } from './fields.ts';

const UNSIGNED = 0x80;

interface Encoded {
  readonly type: number;
  readonly flags: number;
  readonly bytes: Buffer;
}

const integer = (value: bigint): Encoded => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(value);
  return { type: TYPE.longlong, flags: 0, bytes };
};

function encode(value: MySqlValue): Encoded {
  switch (value.tag) {
    case 'boolean':
      return integer(value.val ? 1n : 0n);
    case 'int64':
      return integer(value.val);
    case 'uint64': {
      const bytes = Buffer.alloc(8);
      bytes.writeBigUInt64LE(value.val);
      return { type: TYPE.longlong, flags: UNSIGNED, bytes };
    }
    case 'floating32': {
      const bytes = Buffer.alloc(4);
      bytes.writeFloatLE(value.val);
      return { type: TYPE.float, flags: 0, bytes };
    }
    case 'floating64': {
      const bytes = Buffer.alloc(8);
      bytes.writeDoubleLE(value.val);
      return { type: TYPE.double, flags: 0, bytes };
    }
    case 'str':
      return { type: TYPE.varString, flags: 0, bytes: withLength(Buffer.from(value.val)) };
    case 'binary':
      return { type: TYPE.varString, flags: 0, bytes: withLength(Buffer.from(value.val)) };
    case 'db-null':
      return { type: TYPE.null, flags: 0, bytes: Buffer.alloc(0) };
    default:
      return integer(BigInt(value.val));
  }
}

/** What stands behind the statement's number, flags and iterations. */
export function encodeParameters(values: readonly MySqlValue[]): Buffer {
  if (values.length === 0) {
    return Buffer.alloc(0);
  }
  const encoded = values.map(encode);
  const nulls = Buffer.alloc((values.length + 7) >> 3);
  for (const [i, { tag }] of values.entries()) {
    if (tag === 'db-null') {
      nulls[i >> 3] = (nulls[i >> 3] ?? 0) | (1 << (i & 7));
    }
  }
  const typesFollow = Buffer.from([1]);
  const types = Buffer.from(encoded.flatMap(({ type, flags }) => [type, flags]));
  return Buffer.concat([nulls, typesFollow, types, ...encoded.map(({ bytes }) => bytes)]);
}
