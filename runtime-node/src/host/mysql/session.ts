// Statements of a guest on a connection, one after another.
import { ResultBytes } from '../result-size.ts';
import { MySqlError, ResultTooLarge, statementError } from './failure.ts';
import type { MySqlValue, RowSet } from './value.ts';
import { UnconvertibleValue, type Column } from './wire/column.ts';
import type { Connection, TakeRows } from './wire/connection.ts';
import { ServerError } from './wire/server-error.ts';

const NO_ROWS: TakeRows = { columns() {}, row() {} };

export class Session {
  readonly #connection: Connection;
  /** The last statement; the next one goes after it. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async query(statement: string, values: readonly MySqlValue[], signal: AbortSignal): Promise<RowSet> {
    const rows: (readonly MySqlValue[])[] = [];
    const size = new ResultBytes();
    let columns: readonly Column[] = [];
    await this.#inTurn(statement, values, signal, {
      columns(found) {
        columns = found;
      },
      row(row, bytes) {
        if (!size.add(bytes)) {
          throw new ResultTooLarge();
        }
        rows.push(row);
      },
    });
    return { columns: columns.map(({ name, dataType }) => ({ name, dataType })), rows };
  }

  async execute(statement: string, values: readonly MySqlValue[], signal: AbortSignal): Promise<void> {
    await this.#inTurn(statement, values, signal, NO_ROWS);
  }

  #inTurn(statement: string, values: readonly MySqlValue[], signal: AbortSignal, take: TakeRows): Promise<void> {
    const answer = this.#last.then(() => this.#run(statement, values, signal, take));
    // expected: who asked hears of a failure; the next statement does not depend on it.
    this.#last = answer.catch(() => {});
    return answer;
  }

  async #run(statement: string, values: readonly MySqlValue[], signal: AbortSignal, take: TakeRows): Promise<void> {
    const settled = this.#connection.endWith(signal);
    try {
      const prepared = await this.#connection.prepare(statement);
      if (prepared.parameters !== values.length) {
        throw new MySqlError(
          'query-failed',
          `Driver(StmtParamsMismatch { required: ${prepared.parameters}, supplied: ${values.length} })`,
        );
      }
      await this.#connection.execute(prepared, values, take);
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
