// One connection to a SQLite database by node:sqlite, with Spin's rules and messages. Synchronous: it runs in a process of
// its own, see engine-main.ts.
import { constants, DatabaseSync, type StatementSync } from 'node:sqlite';
import { MAX_RESULT_BYTES, ResultBytes, resultTooLarge } from '../../result-size.ts';
import { errorText } from './error-text.ts';
import type { Location, RawResult, RawValue } from './messages.ts';
import { bindings, parametersOf } from './parameters.ts';
import { authorizer } from './rights.ts';

/** A quarter of a GiB in pages of 4 KiB: what a database in memory may grow to. */
const MAX_MEMORY_PAGES = 65_536;

/** Node has it; its types do not yet. */
type Closable = StatementSync & { close(): void };

/** What rusqlite says of a text without a statement. */
const NO_STATEMENT = 'bad parameter or other API misuse';

/** SQLITE_BUSY; the upper bits of an extended code say more. */
const BUSY = 5;
const PRIMARY_CODE = 0xff;

/** A message for the guest. */
export class StatementFailure extends Error {
  override readonly name = 'StatementFailure';
  /** Another connection has the lock; the same may work a little later. */
  readonly busy: boolean;

  constructor(message: string, busy = false) {
    super(message);
    this.busy = busy;
  }
}

export class Database implements Disposable {
  readonly #database: DatabaseSync;
  readonly #inMemory: boolean;
  #attached = false;
  /** While a statement of our own is prepared. */
  #trusted = false;

  constructor({ path, attachFiles }: Location) {
    this.#inMemory = path === undefined;
    this.#database = told(() => {
      const database = new DatabaseSync(path ?? ':memory:', {
        readBigInts: true,
        returnArrays: true,
        // As SQLite is compiled for Spin.
        enableForeignKeyConstraints: true,
        enableDoubleQuotedStringLiterals: true,
        // No value, and no text of a statement, may be larger than an answer.
        limits: { length: MAX_RESULT_BYTES, sqlLength: MAX_RESULT_BYTES },
      });
      const authorize = authorizer({ attachFiles, inMemory: this.#inMemory }, () => {
        this.#attached = true;
      });
      database.setAuthorizer((...asked) => (this.#trusted ? constants.SQLITE_OK : authorize(...asked)));
      return database;
    });
    this.#limitMemory();
  }

  /** The first statement in the text; what follows it is not looked at, as in Spin. */
  execute(sql: string, parameters: readonly RawValue[]): RawResult {
    const statement = this.#prepare(sql);
    try {
      // `@a` and `$a` are two.
      statement.setAllowBareNamedParameters(false);
      const names = parametersOf(statement.sourceSQL);
      if (names.length !== parameters.length) {
        throw new StatementFailure(
          `Wrong number of parameters passed to query. Got ${parameters.length}, needed ${names.length}`,
        );
      }
      const rows = told(() => rowsOf(statement, bindings(names, parameters)));
      const columns = statement.columns().map(({ name }) => name);
      this.#limitMemory();
      return { columns, rows, ...this.#counters() };
    } finally {
      // One that has failed because of a lock would keep the locks that it had got.
      (statement as Closable).close();
    }
  }

  /** All statements in the text. */
  batch(sql: string): RawResult {
    told(() => this.#database.exec(sql));
    this.#limitMemory();
    return { columns: [], rows: [], ...this.#counters() };
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }

  #prepare(sql: string): StatementSync {
    try {
      return this.#database.prepare(sql);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ERR_INVALID_ARG_VALUE') {
        throw new StatementFailure(NO_STATEMENT);
      }
      const failure = failureOf(error);
      throw new StatementFailure(
        errorText(failure.message, sql, (text) => this.#failureToPrepare(text)),
        failure.busy,
      );
    }
  }

  #failureToPrepare(sql: string): string | undefined {
    try {
      this.#database.prepare(sql);
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  }

  #counters(): Pick<RawResult, 'lastInsertRowid' | 'changes'> {
    const row = this.#database.prepare('SELECT last_insert_rowid(), changes()').get();
    const [lastInsertRowid = 0n, changes = 0n] = row as unknown as [bigint?, bigint?];
    return { lastInsertRowid, changes };
  }

  /** Also of what has been attached since. */
  #limitMemory(): void {
    if (!this.#inMemory && !this.#attached) {
      return;
    }
    this.#trusted = true;
    try {
      const attached = this.#database.prepare('PRAGMA database_list').all() as unknown as [bigint, string, string][];
      // Without a file it is in memory, or temporary.
      for (const [, name] of attached.filter(([, , file]) => file === '')) {
        this.#database.exec(`PRAGMA "${name.replaceAll('"', '""')}".max_page_count = ${MAX_MEMORY_PAGES}`);
      }
    } finally {
      this.#trusted = false;
      this.#attached = false;
    }
  }
}

function rowsOf(statement: StatementSync, [named, ...others]: [Record<string, RawValue>, ...RawValue[]]): RawValue[][] {
  const size = new ResultBytes();
  const rows: RawValue[][] = [];
  for (const row of statement.iterate(named, ...others)) {
    const values = row as unknown as RawValue[];
    for (const value of values) {
      const bytes =
        typeof value === 'string' ? Buffer.byteLength(value) : value instanceof Uint8Array ? value.length : 0;
      if (!size.add(bytes)) {
        throw new StatementFailure(resultTooLarge);
      }
    }
    rows.push(values);
  }
  return rows;
}

function told<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw failureOf(error);
  }
}

/** SQLite's errors are the guest's; all others are defects. */
function failureOf(error: unknown): StatementFailure {
  if (error instanceof StatementFailure) {
    return error;
  }
  const { code, errcode = 0 } = error as NodeJS.ErrnoException & { errcode?: number };
  if (!(error instanceof Error) || code !== 'ERR_SQLITE_ERROR') {
    throw error;
  }
  return new StatementFailure(error.message, (errcode & PRIMARY_CODE) === BUSY);
}
