// A statement that the server has prepared, and what it said of it.
import { Fields } from './fields.ts';
import { ProtocolError, type Frame } from './frames.ts';

export interface Prepared {
  /** Its name at the server. */
  readonly name: string;
  /** Types of the parameters. */
  readonly parameters: readonly number[];
  readonly columns: readonly { readonly name: string; readonly oid: number }[];
}

/** Bits of a row's field description after its name: table and column, 6 bytes; size, modifier and format behind the type. */
const TABLE_AND_COLUMN_BYTES = 6;
const SIZE_MODIFIER_FORMAT_BYTES = 8;

/** Collects the answer to Parse and Describe. */
export class Description {
  readonly #name: string;
  #parameters: number[] = [];
  #columns: Prepared['columns'] = [];

  constructor(name: string) {
    this.#name = name;
  }

  get prepared(): Prepared {
    return { name: this.#name, parameters: this.#parameters, columns: this.#columns };
  }

  readonly take = ({ type, body }: Frame): void => {
    const fields = new Fields(body);
    switch (type) {
      case '1': // Parsed.
      case '3': // An earlier statement has been closed.
      case 'n': // No rows.
        return;
      case 't':
        this.#parameters = Array.from({ length: fields.int16() }, () => fields.uint32());
        return;
      case 'T':
        this.#columns = Array.from({ length: fields.int16() }, () => columnOf(fields));
        return;
      default:
        throw new ProtocolError(`an unexpected message of type ${JSON.stringify(type)}`);
    }
  };
}

function columnOf(fields: Fields): Prepared['columns'][number] {
  const name = fields.string();
  fields.skip(TABLE_AND_COLUMN_BYTES);
  const oid = fields.uint32();
  fields.skip(SIZE_MODIFIER_FORMAT_BYTES);
  return { name, oid };
}

/** Statements that this connection has prepared, the one used last at the end. */
export class PreparedStatements {
  readonly #byText = new Map<string, Prepared>();
  readonly #max: number;
  #next = 0;

  constructor(max: number) {
    this.#max = max;
  }

  newName(): string {
    return `s${this.#next++}`;
  }

  find(text: string): Prepared | undefined {
    const prepared = this.#byText.get(text);
    if (prepared !== undefined) {
      this.#byText.delete(text);
      this.#byText.set(text, prepared);
    }
    return prepared;
  }

  /** Gives the one that must go for it. */
  add(text: string, prepared: Prepared): Prepared | undefined {
    this.#byText.set(text, prepared);
    const [oldest] = this.#byText;
    if (oldest === undefined || this.#byText.size <= this.#max) {
      return undefined;
    }
    this.#byText.delete(oldest[0]);
    return oldest[1];
  }

  forget(text: string): void {
    this.#byText.delete(text);
  }

  clear(): void {
    this.#byText.clear();
  }
}
