// A cursor on a parsed document (TOML or JSON): reads a value as the type that is wanted, or throws the document's own
// error with the value's path. Knows nothing of any format; the document says how an error looks.
import type { UserError } from '../errors.ts';

export type DocumentPath = readonly (string | number)[];

/** `component.hello.files[0].source`. */
export function fieldName(path: DocumentPath): string {
  return path.reduce<string>((name, part) => {
    if (typeof part === 'number') {
      return `${name}[${part}]`;
    }
    const key = /^[\w-]+$/.test(part) ? part : JSON.stringify(part);
    return name === '' ? key : `${name}.${key}`;
  }, '');
}

/** Whether an error is about a key, or about the value that stands there. */
export type Blame = 'key' | 'value';

export interface ErrorDetail {
  readonly blame?: Blame;
  readonly remedy?: string;
  readonly cause?: unknown;
}

export interface SourceDocument {
  /** The document does not have the shape that its schema asks for. */
  schemaError(message: string, path: DocumentPath, detail: ErrorDetail): UserError;
  /** The document has the right shape, but what it says cannot be. */
  contentError(message: string, path: DocumentPath, detail: ErrorDetail): UserError;
}

export class DocumentNode {
  readonly value: unknown;
  readonly path: DocumentPath;
  readonly document: SourceDocument;

  constructor(value: unknown, path: DocumentPath, document: SourceDocument) {
    this.value = value;
    this.path = path;
    this.document = document;
  }

  schemaError(message: string, detail: ErrorDetail = {}): UserError {
    return this.document.schemaError(message, this.path, detail);
  }

  contentError(message: string, detail: ErrorDetail = {}): UserError {
    return this.document.contentError(message, this.path, detail);
  }

  string(): string {
    return typeof this.value === 'string' ? this.value : this.#wrongType('a string', '"…"');
  }

  boolean(): boolean {
    return typeof this.value === 'boolean' ? this.value : this.#wrongType('a boolean', 'true or false');
  }

  integer(minimum: number, maximum: number): number {
    const { value } = this;
    const isInteger = typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value));
    if (!isInteger) {
      return this.#wrongType('an integer', 'a whole number');
    }
    if (value < minimum || value > maximum) {
      throw this.schemaError(`invalid value: ${describe(value)}, expected ${minimum} to ${maximum}`, {
        remedy: 'Give a number in that range.',
      });
    }
    return Number(value);
  }

  list(): DocumentNode[] {
    return Array.isArray(this.value)
      ? this.value.map((item: unknown, index) => new DocumentNode(item, [...this.path, index], this.document))
      : this.#wrongType('a sequence', 'a list: [ … ]');
  }

  strings(): string[] {
    return this.list().map((item) => item.string());
  }

  stringMap(): ReadonlyMap<string, string> {
    return new Map(
      this.table()
        .entries()
        .map(([name, item]) => [name, item.string()]),
    );
  }

  /** With `known`, any other field is refused. */
  table(known?: readonly string[]): DocumentTable {
    if (!isTable(this.value)) {
      return this.#wrongType('a map', 'a table: { … }');
    }
    const table = new DocumentTable(this.value, this);
    if (known !== undefined) {
      table.refuseOthers(known);
    }
    return table;
  }

  isTable(): boolean {
    return isTable(this.value);
  }

  /** `expected` is serde's word, as Spin shows it; `example` is what to write. */
  #wrongType(expected: string, example: string): never {
    throw this.schemaError(`invalid type: ${describe(this.value)}, expected ${expected}`, {
      remedy: `Give ${example}.`,
    });
  }
}

export class DocumentTable {
  readonly node: DocumentNode;
  readonly #fields: Readonly<Record<string, unknown>>;

  constructor(fields: Readonly<Record<string, unknown>>, node: DocumentNode) {
    this.#fields = fields;
    this.node = node;
  }

  get(name: string): DocumentNode | undefined {
    const value = Object.hasOwn(this.#fields, name) ? this.#fields[name] : undefined;
    // JSON's null means absent, as serde's Option reads it.
    return value === undefined || value === null
      ? undefined
      : new DocumentNode(value, [...this.node.path, name], this.node.document);
  }

  required(name: string): DocumentNode {
    const field = this.get(name);
    if (field === undefined) {
      throw this.node.schemaError(`missing field \`${name}\``, { remedy: `Add \`${name}\`.` });
    }
    return field;
  }

  names(): string[] {
    return Object.keys(this.#fields);
  }

  entries(): [string, DocumentNode][] {
    return this.names().map((name) => [
      name,
      new DocumentNode(this.#fields[name], [...this.node.path, name], this.node.document),
    ]);
  }

  /** `silent` fields are allowed too, but not told of: they belong to someone else. */
  refuseOthers(known: readonly string[], silent: readonly string[] = []): void {
    for (const [name, field] of this.entries()) {
      if (!known.includes(name) && !silent.includes(name)) {
        const fields = known.map((one) => `\`${one}\``).join(', ');
        throw field.schemaError(`unknown field \`${name}\`, expected one of ${fields}`, {
          blame: 'key',
          remedy: `Remove \`${name}\`, or correct its spelling or the table it stands in.`,
        });
      }
    }
  }
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/** A value as serde names it in its messages. */
function describe(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return `string ${JSON.stringify(value)}`;
    case 'bigint':
      return `integer \`${value}\``;
    case 'number':
      return Number.isInteger(value) ? `integer \`${value}\`` : `floating point \`${value}\``;
    case 'boolean':
      return `boolean \`${value}\``;
    default:
      break;
  }
  if (Array.isArray(value)) {
    return 'sequence';
  }
  return isTable(value) ? 'map' : value === null || value === undefined ? 'null' : 'datetime';
}
