// Parameters of a statement as the client sends them. Integers go as 64 bits, texts and bytes alike, as the Rust driver does.
import mysql from 'mysql2';
import type { MySqlValue } from '../value.ts';

export function parameterOf(value: MySqlValue): unknown {
  const types = mysql.TypedParameter;
  switch (value.tag) {
    case 'uint64':
      return types.BIGINT.unsigned(value.val);
    case 'floating32':
      return types.FLOAT(value.val);
    case 'floating64':
      return types.DOUBLE(value.val);
    case 'str':
      return value.val;
    case 'binary':
      return types.VARBINARY(Buffer.from(value.val));
    case 'db-null':
      return null;
    default:
      return types.BIGINT(BigInt(value.val));
  }
}
