// Statements of a guest on a connection: its parameters go in as the types that the server wants, its rows come out as
// values.
import { debugString } from '../rust-text/debug.ts';
import { ResultBytes } from '../result-size.ts';
import { ResultTooLarge } from '../driver-socket/failures.ts';
import { parameterError, queryFailed, statementError, valueError } from './failure.ts';
import { dataTypeOf, decodeValue } from './types/decode.ts';
import { encodeParameter, toParameter, WrongType, type Parameter } from './types/encode.ts';
import type { TypeNames } from './types/names.ts';
import { TYPES } from './types/oids.ts';
import type { Column, DbValue, PgValue, RowSet } from './value.ts';
import type { Column as RawColumn, Connection, TakeAnswer } from './client/connection.ts';
import { ServerError } from './client/server-error.ts';

/** SQLSTATE class: a statement that does not fit what the database has. */
const WRONG_STATEMENT = '42';

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
    return this.#inTurn(async () => {
      const rows = new Rows();
      await this.#run(statement, parameters, rows, signal);
      return { columns: rows.values.length === 0 ? [] : await this.#named(rows.described, signal), rows: rows.values };
    });
  }

  /** Gives the number of rows that were touched. */
  async execute(statement: string, values: readonly PgValue[], signal: AbortSignal): Promise<bigint> {
    const parameters = converted(values, 'value-conversion-failed');
    return this.#inTurn(() => this.#run(statement, parameters, NO_ROWS, signal));
  }

  async #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const answer = this.#last.then(act);
    // expected: who asked hears of a failure; the next statement does not depend on it.
    this.#last = answer.catch(() => {});
    try {
      return await answer;
    } catch (error) {
      throw statementError(error);
    }
  }

  async #run(
    statement: string,
    parameters: readonly (Parameter | undefined)[],
    rows: TakeAnswer,
    signal: AbortSignal,
  ): Promise<bigint> {
    if (statement.includes('\0')) {
      throw queryFailed(
        'Error { kind: Encode, cause: Some(Custom { kind: InvalidInput, error: "string contains embedded null" }) }',
      );
    }
    const types = await this.#connection.parameterTypes(statement, signal);
    try {
      return await this.#runAs(types, statement, parameters, rows, signal);
    } catch (error) {
      const mayBeStale = error instanceof ServerError && error.code.startsWith(WRONG_STATEMENT);
      if (!mayBeStale || !this.#connection.forgetTypes(statement)) {
        throw error;
      }
      const now = await this.#connection.parameterTypes(statement, signal);
      if (now.join() === types.join()) {
        throw error;
      }
      return this.#runAs(now, statement, parameters, rows, signal);
    }
  }

  async #runAs(
    types: readonly number[],
    statement: string,
    parameters: readonly (Parameter | undefined)[],
    rows: TakeAnswer,
    signal: AbortSignal,
  ): Promise<bigint> {
    const encoded = await this.#encode(types, parameters, signal);
    const touched = await this.#connection.run(statement, types, encoded, rows, signal);
    if (rows instanceof Rows && rows.failure !== undefined) {
      throw rows.failure;
    }
    return touched;
  }

  async #encode(
    types: readonly number[],
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

  async #named(columns: readonly RawColumn[], signal: AbortSignal): Promise<Column[]> {
    const oids = columns.map(({ oid }) => oid);
    const names = await this.#names.of(oids, this.#connection, signal);
    return columns.map(({ name, oid }) => ({ name, dataType: dataTypeOf(oid, names.get(oid) ?? '') }));
  }
}

const NO_ROWS: TakeAnswer = { columns() {}, row() {} };

/** What a query gets. */
class Rows implements TakeAnswer {
  readonly values: (readonly DbValue[])[] = [];
  described: readonly RawColumn[] = [];
  /** Of a value that is none; thrown when the last row has come, so that the connection can go on. */
  failure: unknown;
  readonly #size = new ResultBytes();

  columns(columns: readonly RawColumn[]): void {
    this.described = columns;
  }

  row(values: readonly (Buffer | undefined)[]): void {
    if (!values.every((value) => this.#size.add(value?.length ?? 0))) {
      throw new ResultTooLarge();
    }
    try {
      this.values.push(values.map((value, i) => decoded(this.described[i], i, value)));
    } catch (error) {
      // expected: see `failure`.
      this.failure ??= error;
    }
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

function decoded(column: RawColumn | undefined, at: number, value: Buffer | undefined): DbValue {
  try {
    return decodeValue(column?.oid ?? 0, value);
  } catch (error) {
    throw valueError(at, error);
  }
}

function wrongType(parameter: number, oid: number, name: string, { rust }: WrongType): Error {
  const type = TYPES.get(oid)?.rust ?? `Other(Other { name: ${debugString(name)}, oid: ${oid} })`;
  const cause = `WrongType { postgres: ${type}, rust: ${debugString(rust)} }`;
  return queryFailed(`Error { kind: ToSql(${parameter}), cause: Some(${cause}) }`);
}
