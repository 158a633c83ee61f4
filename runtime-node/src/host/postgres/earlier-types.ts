// What the interfaces before spin:postgres@4 have of its values and failures.
import { PgError, type PgFailure } from './failure.ts';
import type { DataType, DbValue, PgValue, RowSet } from './value.ts';

/** The same tag for values of a row and for the types of columns. */
type Known = ReadonlySet<string>;

export interface EarlierRowSet {
  readonly columns: readonly { readonly name: string; readonly dataType: string }[];
  readonly rows: readonly (readonly { readonly tag: string; readonly val?: unknown }[])[];
}

export type EarlierFailure = {
  readonly tag: PgFailure['tag'];
  readonly val: string;
};

const VERSION_2: Known = new Set([
  'boolean',
  'int8',
  'int16',
  'int32',
  'int64',
  'floating32',
  'floating64',
  'str',
  'binary',
]);

export const TYPES_2: Known = VERSION_2;
export const TYPES_3: Known = new Set([...VERSION_2, 'date', 'time', 'datetime', 'timestamp']);

/** What the interface has no name for is `other`, and `unsupported` without its bytes. */
export function earlierRowSet({ columns, rows }: RowSet, known: Known): EarlierRowSet {
  const typeOf = ({ tag }: DataType): string => (known.has(tag) ? tag : 'other');
  const valueOf = (value: DbValue): DbValue | { readonly tag: 'unsupported' } =>
    value.tag === 'db-null' || known.has(value.tag) ? value : { tag: 'unsupported' };
  return {
    columns: columns.map(({ name, dataType }) => ({ name, dataType: typeOf(dataType) })),
    rows: rows.map((row) => row.map(valueOf)),
  };
}

/** Of version 2, which shares its types with MySQL. */
export type Version2Value = PgValue | { readonly tag: 'uint8' | 'uint16' | 'uint32' | 'uint64'; readonly val: unknown };

const isUnsigned = ({ tag }: Version2Value): boolean => tag.startsWith('uint');

/** Throws PgError. */
export function fromVersion2(values: readonly Version2Value[]): readonly PgValue[] {
  if (values.some(isUnsigned)) {
    throw new PgError({ tag: 'value-conversion-failed', val: 'Postgres does not support unsigned integers' });
  }
  return values as readonly PgValue[];
}

export function earlierFailure(failure: PgFailure): EarlierFailure {
  if (failure.tag !== 'query-failed') {
    return failure;
  }
  const { val } = failure;
  return { tag: 'query-failed', val: val.tag === 'text' ? val.val : val.val.asText };
}
