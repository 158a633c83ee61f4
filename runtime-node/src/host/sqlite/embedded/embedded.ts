// A database in a file of this machine, or in memory, run by a process of its own; a new connection's look-ups by a key are
// answered here.
import type { QueryResult, SqlConnection, SqlDatabase, SqlValue } from '../backend.ts';
import type { Engine, Place } from './engine.ts';
import type { Ask } from './engine-process.ts';
import type { Location, RawResult, RawValue } from './messages.ts';
import type { QuickReader } from './quick-reader.ts';

export class EmbeddedDatabase implements SqlDatabase {
  readonly summary: string;
  readonly #engine: Engine;
  readonly #location: Location;
  readonly #reader: QuickReader | undefined;

  /** `reader` is of the same file, and closed with the database; undefined for one in memory. */
  constructor(engine: Engine, location: Location, reader?: QuickReader) {
    this.#engine = engine;
    this.#location = location;
    this.#reader = reader;
    this.summary = location.path === undefined ? 'a temporary in-memory database' : JSON.stringify(location.path);
  }

  connect(): SqlConnection {
    return new EmbeddedConnection(this.#engine, this.#location, this.#reader);
  }

  /** The engine is closed by who made it. */
  async close(): Promise<void> {
    this.#reader?.close();
  }
}

class EmbeddedConnection implements SqlConnection {
  readonly #engine: Engine;
  readonly #location: Location;
  /** Until the connection has anything of its own: a transaction, a temporary table. */
  #reader: QuickReader | undefined;
  #place: Place | undefined;
  /** The last request of this connection; the next one goes after it. */
  #last: Promise<unknown> = Promise.resolve();
  #counters = { lastInsertRowid: 0n, changes: 0n };
  #closed = false;

  constructor(engine: Engine, location: Location, reader: QuickReader | undefined) {
    this.#engine = engine;
    this.#location = location;
    this.#reader = reader;
  }

  get lastInsertRowid(): bigint {
    return this.#counters.lastInsertRowid;
  }

  get changes(): bigint {
    return this.#counters.changes;
  }

  executeNow(statement: string, parameters: readonly SqlValue[]): QueryResult | undefined {
    const answer = this.#reader?.read(statement, parameters.map(raw));
    return answer && toResult(answer);
  }

  async execute(statement: string, parameters: readonly SqlValue[], signal: AbortSignal): Promise<QueryResult> {
    return toResult(
      await this.#ask((where) => ({ kind: 'execute', ...where, statement, parameters: parameters.map(raw) }), signal),
    );
  }

  async batch(statements: string, signal: AbortSignal): Promise<void> {
    await this.#ask((where) => ({ kind: 'batch', ...where, statements }), signal);
  }

  close(): void {
    this.#closed = true;
    this.#reader = undefined;
    this.#place?.leave();
    this.#place = undefined;
  }

  #ask(request: (where: { connection: number; location: Location }) => Ask, signal: AbortSignal): Promise<RawResult> {
    this.#reader = undefined;
    const answer = this.#last.then(async () => {
      if (this.#closed) {
        throw new Error('the connection is closed');
      }
      const { process, connection } = (this.#place ??= this.#engine.take());
      const result = await process.ask(request({ connection, location: this.#location }), signal);
      this.#counters = result;
      return result;
    });
    // expected: who asked hears of a failure; the next request does not depend on it.
    this.#last = answer.catch(() => {});
    return answer;
  }
}

const toResult = ({ columns, rows }: Pick<RawResult, 'columns' | 'rows'>): QueryResult => ({
  columns,
  rows: rows.map((values) => ({ values: values.map(tagged) })),
});

const raw = (value: SqlValue): RawValue => (value.tag === 'null' ? null : value.val);

function tagged(value: RawValue): SqlValue {
  switch (typeof value) {
    case 'bigint':
      return { tag: 'integer', val: value };
    case 'number':
      return { tag: 'real', val: value };
    case 'string':
      return { tag: 'text', val: value };
    default:
      return value === null ? { tag: 'null' } : { tag: 'blob', val: value };
  }
}
