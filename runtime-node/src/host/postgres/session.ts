// Statements of a guest on a connection: its parameters go in as the types that the server wants, its rows come out as
// values.
import { debugString } from '../rust-text/debug.ts';
import { ResultBytes } from '../result-size.ts';
import { parameterError, queryFailed, ResultTooLarge, statementError, valueError } from './failure.ts';
import { dataTypeOf, decodeValue } from './types/decode.ts';
import { encodeParameter, toParameter, WrongType, type Parameter } from './types/encode.ts';
import type { TypeNames } from './types/names.ts';
import { TYPES } from './types/oids.ts';
import type { Column, DbValue, PgValue, RowSet } from './value.ts';
import type { Connection, TakeRow } from './wire/connection.ts';
import type { Prepared } from './wire/prepared.ts';

export class Session {
  readonly #connection: Connection;
  readonly #names: TypeNames;
  /** The last statement; the next one goes after it. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(connection: Connection, names: TypeNames) {
    this.#connection = connection;
    this.#names = names;
  }

  /** As in Spin there are no columns when there are no rows. */
  async query(statement: string, values: readonly PgValue[], signal: AbortSignal): Promise<RowSet> {
    const parameters = converted(values, 'bad-parameter');
    const rows: (readonly DbValue[])[] = [];
    const size = new ResultBytes();
    let columns: Column[] = [];
    let failure: unknown;
    await this.#inTurn(statement, parameters, signal, async (prepared) => {
      columns = await this.#columnsOf(prepared, signal);
      return (row) => {
        if (!row.every((value) => size.add(value?.length ?? 0))) {
          throw new ResultTooLarge();
        }
        try {
          rows.push(row.map((value, i) => decoded(prepared, i, value)));
        } catch (error) {
          // expected: thrown when the last row has come, so that the connection can go on.
          failure ??= error;
        }
      };
    });
    if (failure !== undefined) {
      throw failure;
    }
    return { columns: rows.length === 0 ? [] : columns, rows };
  }

  /** Gives the number of rows that were touched. */
  async execute(statement: string, values: readonly PgValue[], signal: AbortSignal): Promise<bigint> {
    const parameters = converted(values, 'value-conversion-failed');
    return this.#inTurn(statement, parameters, signal, async () => () => {});
  }

  #inTurn(
    statement: string,
    parameters: readonly (Parameter | undefined)[],
    signal: AbortSignal,
    rows: (prepared: Prepared) => Promise<TakeRow>,
  ): Promise<bigint> {
    const answer = this.#last.then(() => this.#run(statement, parameters, signal, rows));
    // expected: who asked hears of a failure; the next statement does not depend on it.
    this.#last = answer.catch(() => {});
    return answer;
  }

  async #run(
    statement: string,
    parameters: readonly (Parameter | undefined)[],
    signal: AbortSignal,
    rows: (prepared: Prepared) => Promise<TakeRow>,
  ): Promise<bigint> {
    if (statement.includes('\0')) {
      throw queryFailed(
        'Error { kind: Encode, cause: Some(Custom { kind: InvalidInput, error: "string contains embedded null" }) }',
      );
    }
    const attempt = async (): Promise<bigint> => {
      const prepared = await this.#connection.prepare(statement, signal);
      const encoded = await this.#encode(prepared, parameters, signal);
      return this.#connection.run(prepared, encoded, await rows(prepared), signal);
    };
    try {
      return await attempt().catch((error: unknown) => {
        if (this.#connection.forgetStale(statement, error)) {
          return attempt();
        }
        throw error;
      });
    } catch (error) {
      throw statementError(error);
    }
  }

  async #encode(
    { parameters: types }: Prepared,
    parameters: readonly (Parameter | undefined)[],
    signal: AbortSignal,
  ): Promise<(Buffer | undefined)[]> {
    if (types.length !== parameters.length) {
      throw queryFailed(`Error { kind: Parameters(${parameters.length}, ${types.length}), cause: None }`);
    }
    const names = await this.#names.of(types, this.#connection, signal);
    return parameters.map((parameter, i) => {
      const oid = types[i] ?? 0;
      const name = names.get(oid) ?? '';
      try {
        return encodeParameter(parameter, { oid, name });
      } catch (error) {
        throw error instanceof WrongType ? wrongType(i, oid, name, error) : error;
      }
    });
  }

  async #columnsOf({ columns }: Prepared, signal: AbortSignal): Promise<Column[]> {
    const oids = columns.map(({ oid }) => oid);
    const names = await this.#names.of(oids, this.#connection, signal);
    return columns.map(({ name, oid }) => ({ name, dataType: dataTypeOf(oid, names.get(oid) ?? '') }));
  }
}

function converted(
  values: readonly PgValue[],
  tag: 'bad-parameter' | 'value-conversion-failed',
): readonly (Parameter | undefined)[] {
  try {
    return values.map(toParameter);
  } catch (error) {
    throw parameterError(tag, error);
  }
}

function decoded({ columns }: Prepared, column: number, value: Buffer | undefined): DbValue {
  try {
    return decodeValue(columns[column]?.oid ?? 0, value);
  } catch (error) {
    throw valueError(column, error);
  }
}

function wrongType(parameter: number, oid: number, name: string, { rust }: WrongType): Error {
  const type = TYPES.get(oid)?.rust ?? `Other(Other { name: ${debugString(name)}, oid: ${oid} })`;
  const cause = `WrongType { postgres: ${type}, rust: ${debugString(rust)} }`;
  return queryFailed(`Error { kind: ToSql(${parameter}), cause: Some(${cause}) }`);
}
