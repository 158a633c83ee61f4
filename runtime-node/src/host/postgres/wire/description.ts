// What the server says of a statement: the types of its parameters, and its columns.
import { Fields } from './fields.ts';
import { ProtocolError, type Frame } from './frames.ts';

export interface Column {
  readonly name: string;
  readonly oid: number;
}

/** Bits of a column's description: table and column, 6 bytes, before its type; size, modifier and format behind it. */
const TABLE_AND_COLUMN_BYTES = 6;
const SIZE_MODIFIER_FORMAT_BYTES = 8;

/** Collects the types of parameters out of the answer to Parse and Describe. */
export class ParameterTypes {
  #oids: readonly number[] = [];

  get oids(): readonly number[] {
    return this.#oids;
  }

  readonly take = ({ type, body }: Frame): void => {
    switch (type) {
      case '1': // Parsed.
      case 'n': // No rows.
      case 'T': // Columns: those of the execution are what counts.
        return;
      case 't': {
        const fields = new Fields(body);
        this.#oids = Array.from({ length: fields.int16() }, () => fields.uint32());
        return;
      }
      default:
        throw new ProtocolError(`an unexpected message of type ${JSON.stringify(type)}`);
    }
  };
}

export function columnsOf(body: Buffer): Column[] {
  const fields = new Fields(body);
  return Array.from({ length: fields.int16() }, () => {
    const name = fields.string();
    fields.skip(TABLE_AND_COLUMN_BYTES);
    const oid = fields.uint32();
    fields.skip(SIZE_MODIFIER_FORMAT_BYTES);
    return { name, oid };
  });
}
