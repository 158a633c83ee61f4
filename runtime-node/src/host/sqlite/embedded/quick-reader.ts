// Look-ups by a key, answered in this thread: a SELECT that was asked before, whose program is bounded, on a database without
// views and virtual tables. It sees what is committed, as a new connection does, and cannot write. Everything else, and
// whatever goes wrong here, is for the SQLite process: a statement may run for ever only there.
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { isPlainRead } from '../../connection-pool/plain-read.ts';
import { isBounded, type Instruction } from './bounded-program.ts';
import type { RawValue } from './messages.ts';
import { bindings, parametersOf } from './parameters.ts';

/** A larger value takes long enough to be read elsewhere. */
const MAX_VALUE_BYTES = 1_048_576;
/** Texts that are remembered; an app has some dozens of statements. */
const MAX_KNOWN = 200;
/** What did not do is tried again after so many: an index may have been made meanwhile. */
const ASKS_UNTIL_NEXT_LOOK = 100;
/** SQLITE_BUSY and SQLITE_TOOBIG say nothing of the next time. */
const PASSING: ReadonlySet<number> = new Set([5, 18]);
/** Without use the file is closed: as long as it is open, other connections cannot leave the write-ahead log. */
const IDLE_MS = 1000;

/** SQLite's own numbers (sqlite3.h): actions that a look-up takes, and the two answers. */
const [PRAGMA, READ, SELECT] = [19, 20, 21];
const [OK, DENY] = [0, 1];

/** A view or a virtual table, whose code would run while a statement is prepared. */
const UNFIT = "SELECT 1 FROM sqlite_schema WHERE type = 'view' OR (type = 'table' AND rootpage = 0) LIMIT 1";

interface Prepared {
  readonly statement: StatementSync;
  readonly columns: readonly string[];
  readonly names: readonly (string | undefined)[];
}

interface OpenFile {
  readonly database: DatabaseSync;
  /** Asks for the number of the schema. */
  readonly version: StatementSync;
}

/** A number: how many times more it is asked elsewhere before it is looked at here. */
type Known = Prepared | number;

export interface QuickAnswer {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly RawValue[])[];
}

export class QuickReader {
  readonly #path: string;
  readonly #known = new Map<string, Known>();
  #file: OpenFile | undefined;
  #schema: bigint | undefined;
  #preparing = false;
  #used = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** Undefined: the SQLite process is to be asked. */
  read(sql: string, parameters: readonly RawValue[]): QuickAnswer | undefined {
    const known = this.#known.get(sql);
    if (known === undefined) {
      // What is asked once only is not worth the look.
      if (isPlainRead(sql)) {
        this.#remember(sql, 0);
      }
      return undefined;
    }
    if (typeof known === 'number' && known > 0) {
      this.#known.set(sql, known - 1);
      return undefined;
    }
    try {
      return this.#read(sql, parameters);
    } catch (error) {
      // expected: a lock, a value that is too large, a file that has gone, a schema that changes: the process tells of it.
      if (!PASSING.has(Number((error as { errcode?: unknown }).errcode))) {
        this.#remember(sql, ASKS_UNTIL_NEXT_LOOK);
      }
      return undefined;
    }
  }

  close(): void {
    clearInterval(this.#timer);
    this.#forget();
    this.#file?.database.close();
    this.#file = undefined;
  }

  #read(sql: string, parameters: readonly RawValue[]): QuickAnswer | undefined {
    const { database, version } = (this.#file ??= this.#openFile());
    this.#used = true;
    const [schema] = version.get() as unknown as [bigint];
    if (schema !== this.#schema) {
      this.#forget();
      this.#schema = schema;
    }
    let known = this.#known.get(sql) ?? 0;
    if (typeof known === 'number') {
      known = this.#prepare(database, sql) ?? ASKS_UNTIL_NEXT_LOOK;
      this.#remember(sql, known);
    }
    if (typeof known === 'number' || known.names.length !== parameters.length) {
      return undefined;
    }
    const rows = known.statement.all(...bindings(known.names, parameters)) as unknown as RawValue[][];
    return { columns: known.columns, rows };
  }

  #prepare(database: DatabaseSync, sql: string): Prepared | undefined {
    this.#preparing = true;
    try {
      if (database.prepare(UNFIT).get() !== undefined) {
        return undefined;
      }
      const explain = database.prepare(`EXPLAIN ${sql}`);
      explain.setReturnArrays(false);
      const program = explain.all() as unknown as { opcode: string; p2: bigint }[];
      const instructions: Instruction[] = program.map(({ opcode, p2 }) => ({ opcode, p2: Number(p2) }));
      if (!isBounded(instructions)) {
        return undefined;
      }
      const statement = database.prepare(sql);
      statement.setAllowBareNamedParameters(false);
      const columns = statement.columns().map(({ name }) => name);
      return { statement, columns, names: parametersOf(statement.sourceSQL) };
    } finally {
      this.#preparing = false;
    }
  }

  #openFile(): OpenFile {
    // Loaded only for apps that have a database.
    const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
    const database = new DatabaseSync(this.#path, {
      readOnly: true,
      readBigInts: true,
      returnArrays: true,
      // No wait for locks.
      timeout: 0,
      enableDoubleQuotedStringLiterals: true,
      limits: { length: MAX_VALUE_BYTES },
    });
    const version = database.prepare('PRAGMA schema_version');
    // SQLite prepares a statement again when the schema has changed meanwhile, and its program may be another one then.
    database.setAuthorizer((action, name, value) => {
      const isRead = this.#preparing && (action === READ || action === SELECT);
      return isRead || (action === PRAGMA && name === 'schema_version' && value === null) ? OK : DENY;
    });
    this.#timer = setInterval(() => {
      if (!this.#used) {
        this.close();
      }
      this.#used = false;
    }, IDLE_MS).unref();
    return { database, version };
  }

  #forget(): void {
    this.#known.clear();
    this.#schema = undefined;
  }

  #remember(sql: string, known: Known): void {
    if (this.#known.size >= MAX_KNOWN) {
      this.#known.clear();
    }
    this.#known.set(sql, known);
  }
}
