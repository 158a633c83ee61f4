// Where SQL goes: the seam between the SQLite interfaces and a database, be it a file of ours or a server's.
// Operations fail with SqliteError.

/** As the WIT has it, so that values pass through unchanged. */
export type SqlValue =
  | { readonly tag: 'integer'; readonly val: bigint }
  | { readonly tag: 'real'; readonly val: number }
  | { readonly tag: 'text'; readonly val: string }
  | { readonly tag: 'blob'; readonly val: Uint8Array }
  | { readonly tag: 'null'; readonly val?: undefined };

export interface QueryResult {
  readonly columns: readonly string[];
  readonly rows: readonly { readonly values: readonly SqlValue[] }[];
}

export interface SqlDatabase {
  /** For messages, e.g. `"/data/sqlite_db.db"`; without secrets. */
  readonly summary: string;
  /** A connection of its own: temporary tables and transactions are nobody else's. Opens nothing yet. */
  connect(): SqlConnection;
  close(): Promise<void>;
}

export interface SqlConnection {
  /** The same where the answer is at hand; undefined otherwise. Never fails. */
  executeNow?(statement: string, parameters: readonly SqlValue[]): QueryResult | undefined;
  /** Runs one statement. Aborting gives it up; what it has done by then may stay done. */
  execute(statement: string, parameters: readonly SqlValue[], signal: AbortSignal): Promise<QueryResult>;
  /** Runs any number of statements, without their rows. */
  batch(statements: string, signal: AbortSignal): Promise<void>;
  readonly lastInsertRowid: bigint;
  readonly changes: bigint;
  close(): void;
}

export type SqliteFailure =
  | { readonly tag: 'no-such-database' | 'access-denied' | 'invalid-connection' | 'database-full' }
  | { readonly tag: 'io'; readonly val: string };

/** A failure that the guest is told. */
export class SqliteError extends Error {
  override readonly name = 'SqliteError';
  readonly failure: SqliteFailure;

  constructor(failure: SqliteFailure, cause?: unknown) {
    super(failure.tag === 'io' ? failure.val : failure.tag, cause === undefined ? undefined : { cause });
    this.failure = failure;
  }
}

export const ioError = (message: string, cause?: unknown): SqliteError =>
  new SqliteError({ tag: 'io', val: message }, cause);

/** What was thrown as a failure; anything else than SqliteError is a defect and thrown again. */
export function failureOf(error: unknown): SqliteFailure {
  if (error instanceof SqliteError) {
    return error.failure;
  }
  throw error;
}
