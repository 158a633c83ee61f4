// An error that the server reports, and its text as the Rust driver writes it, which is what guests of earlier interfaces
// get (spin-contract.md §4.8).
import { debugOption, debugString } from '../../rust-text/debug.ts';
import { Fields } from './fields.ts';

/** Message fields by their letter (PostgreSQL's protocol, "Error and Notice Message Fields"). */
export type ErrorFields = Readonly<Record<string, string>>;

export class ServerError extends Error {
  override readonly name = 'ServerError';
  readonly fields: ErrorFields;

  constructor(fields: ErrorFields) {
    super(fields['M'] ?? 'an error without a message');
    this.fields = fields;
  }

  /** SQLSTATE. */
  get code(): string {
    return this.fields['C'] ?? '';
  }
}

export function readServerError(body: Buffer): ServerError {
  const fields: Record<string, string> = {};
  const reader = new Fields(body);
  for (let letter = reader.byte(); letter !== 0; letter = reader.byte()) {
    fields[String.fromCharCode(letter)] = reader.string();
  }
  return new ServerError(fields);
}

/** In the order in which Spin lists them. */
const EXTRAS = [
  ['column', 'c'],
  ['constraint', 'n'],
  ['routine', 'R'],
  ['hint', 'H'],
  ['table', 't'],
  ['datatype', 'd'],
  ['schema', 's'],
  ['file', 'F'],
  ['line', 'L'],
  ['where_', 'W'],
] as const;

export const extrasOf = (fields: ErrorFields): [name: string, value: string][] =>
  EXTRAS.flatMap(([name, letter]) => {
    const value = fields[letter];
    return value === undefined ? [] : [[name, value] as [string, string]];
  });

/** `ERROR` is `Error`. */
const capitalized = (word: string): string => word.charAt(0) + word.slice(1).toLowerCase();

/** `Error { kind: Db, cause: Some(DbError { … }) }` */
export function debugServerError({ fields }: ServerError): string {
  const text = (letter: string): string => debugOption(fields[letter]);
  const position =
    fields['P'] === undefined
      ? fields['p'] === undefined
        ? 'None'
        : `Some(Internal { position: ${fields['p']}, query: ${debugString(fields['q'] ?? '')} })`
      : `Some(Original(${fields['P']}))`;
  const parts = {
    severity: debugString(fields['S'] ?? ''),
    parsed_severity: fields['V'] === undefined ? 'None' : `Some(${capitalized(fields['V'])})`,
    code: `SqlState(E${fields['C'] ?? ''})`,
    message: debugString(fields['M'] ?? ''),
    detail: text('D'),
    hint: text('H'),
    position,
    where_: text('W'),
    schema: text('s'),
    table: text('t'),
    column: text('c'),
    datatype: text('d'),
    constraint: text('n'),
    file: text('F'),
    line: fields['L'] === undefined ? 'None' : `Some(${fields['L']})`,
    routine: text('R'),
  };
  const written = Object.entries(parts).map(([name, value]) => `${name}: ${value}`);
  return `Error { kind: Db, cause: Some(DbError { ${written.join(', ')} }) }`;
}
