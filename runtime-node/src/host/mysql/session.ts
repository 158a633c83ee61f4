// Statements of a guest on a connection, one after another.
import type { Connection, Rows } from './client/connection.ts';
import { UnconvertibleValue } from './client/column.ts';
import { ServerError } from './client/server-error.ts';
import { MySqlError, statementError } from './failure.ts';
import type { MySqlValue, RowSet } from './value.ts';

export class Session {
  readonly #connection: Connection;
  /** The last statement; the next one goes after it. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async query(statement: string, values: readonly MySqlValue[], signal: AbortSignal): Promise<RowSet> {
    const { columns, rows } = await this.#inTurn(statement, values, signal, true);
    return { columns: columns.map(({ name, dataType }) => ({ name, dataType })), rows };
  }

  async execute(statement: string, values: readonly MySqlValue[], signal: AbortSignal): Promise<void> {
    await this.#inTurn(statement, values, signal, false);
  }

  #inTurn(statement: string, values: readonly MySqlValue[], signal: AbortSignal, keepsRows: boolean): Promise<Rows> {
    const answer = this.#last.then(() => this.#run(statement, values, signal, keepsRows));
    // expected: who asked hears of a failure; the next statement does not depend on it.
    this.#last = answer.catch(() => {});
    return answer;
  }

  async #run(statement: string, values: readonly MySqlValue[], signal: AbortSignal, keepsRows: boolean): Promise<Rows> {
    const settled = this.#connection.endWith(signal);
    try {
      const prepared = await this.#connection.prepare(statement);
      if (prepared.parameters !== values.length) {
        throw new MySqlError(
          'query-failed',
          `Driver(StmtParamsMismatch { required: ${prepared.parameters}, supplied: ${values.length} })`,
        );
      }
      return await this.#connection.execute(prepared, values, keepsRows);
    } catch (error) {
      // In the middle of an answer nothing else can be asked for.
      if (!(error instanceof ServerError || error instanceof MySqlError || error instanceof UnconvertibleValue)) {
        this.#connection.destroy();
      }
      signal.throwIfAborted();
      throw statementError(error);
    } finally {
      settled();
    }
  }
}
