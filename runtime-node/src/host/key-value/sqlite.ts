// Key-value stores in one SQLite database, with the table Spin has, so that either may open the other's file
// (spin-contract.md §4.2). The file may be shared by threads and processes. Nothing here waits for a network, and
// an operation takes a few microseconds, so it runs in this thread.
import type { DatabaseSync } from 'node:sqlite';
import { otherError, ResultSize, type CompareAndSwap, type KeyValueBackend, type KeyValueStore } from './backend.ts';

export class SqliteBackend implements KeyValueBackend {
  readonly synchronous = true;
  readonly summary: string;
  readonly #database: DatabaseSync;
  readonly #statements: Statements;

  /** Takes over the database, in which the table must be. */
  constructor(database: DatabaseSync, summary: string) {
    this.#database = database;
    this.summary = summary;
    this.#statements = prepareStatements(database);
  }

  store(label: string): KeyValueStore {
    return new SqliteStore(this.#database, this.#statements, label);
  }

  close(): void {
    this.#database.close();
  }
}

type Statements = ReturnType<typeof prepareStatements>;

/** Also shows at start whether the table is the one we know. */
function prepareStatements(database: DatabaseSync) {
  return {
    // Other tools may have left text in the column.
    get: database.prepare('SELECT CAST(value AS BLOB) AS value FROM spin_key_value WHERE store = ? AND key = ?'),
    exists: database.prepare('SELECT 1 FROM spin_key_value WHERE store = ? AND key = ?'),
    keys: database.prepare('SELECT key FROM spin_key_value WHERE store = ?'),
    set: database.prepare(
      'INSERT INTO spin_key_value (store, key, value) VALUES (?, ?, ?) ON CONFLICT (store, key) DO UPDATE SET value = excluded.value',
    ),
    setNew: database.prepare(
      'INSERT INTO spin_key_value (store, key, value) VALUES (?, ?, ?) ON CONFLICT (store, key) DO NOTHING',
    ),
    replace: database.prepare(
      'UPDATE spin_key_value SET value = ? WHERE store = ? AND key = ? AND CAST(value AS BLOB) = ?',
    ),
    delete: database.prepare('DELETE FROM spin_key_value WHERE store = ? AND key = ?'),
  };
}

/** `increment` keeps a little-endian i64, as Spin does. */
const NUMBER_BYTES = 8;

class SqliteStore implements KeyValueStore {
  readonly #database: DatabaseSync;
  readonly #statements: Statements;
  readonly #label: string;

  constructor(database: DatabaseSync, statements: Statements, label: string) {
    this.#database = database;
    this.#statements = statements;
    this.#label = label;
  }

  get(key: string): Uint8Array | undefined {
    return told(() => this.#get(key, new ResultSize()));
  }

  set(key: string, value: Uint8Array): void {
    told(() => this.#set(key, value));
  }

  delete(key: string): void {
    told(() => this.#statements.delete.run(this.#label, key));
  }

  exists(key: string): boolean {
    return told(() => this.#statements.exists.get(this.#label, key) !== undefined);
  }

  keys(): string[] {
    return told(() => {
      const size = new ResultSize();
      const keys: string[] = [];
      for (const { key } of this.#statements.keys.iterate(this.#label)) {
        const text = String(key);
        size.add(Buffer.byteLength(text));
        keys.push(text);
      }
      return keys;
    });
  }

  getMany(keys: readonly string[]): [string, Uint8Array][] {
    return this.#atomically('BEGIN', () => {
      const size = new ResultSize();
      const found: [string, Uint8Array][] = [];
      for (const key of new Set(keys)) {
        const value = this.#get(key, size);
        if (value !== undefined) {
          found.push([key, value]);
        }
      }
      return found;
    });
  }

  setMany(pairs: readonly (readonly [string, Uint8Array])[]): void {
    this.#atomically('BEGIN IMMEDIATE', () => {
      for (const [key, value] of pairs) {
        this.#set(key, value);
      }
    });
  }

  deleteMany(keys: readonly string[]): void {
    this.#atomically('BEGIN IMMEDIATE', () => {
      for (const key of keys) {
        this.#statements.delete.run(this.#label, key);
      }
    });
  }

  increment(key: string, delta: bigint): bigint {
    return this.#atomically('BEGIN IMMEDIATE', () => {
      const sum = numberIn(key, this.#get(key, new ResultSize())) + delta;
      if (BigInt.asIntN(64, sum) !== sum) {
        throw otherError(`the number in ${JSON.stringify(key)} would not fit into 64 bits`);
      }
      const value = Buffer.alloc(NUMBER_BYTES);
      value.writeBigInt64LE(sum);
      this.#set(key, value);
      return sum;
    });
  }

  compareAndSwap(key: string): CompareAndSwap {
    return new SqliteCompareAndSwap(this, key);
  }

  /** `seen` is what the value must still be; null: there must be none. False when it is not so. */
  replace(key: string, seen: Uint8Array | null, value: Uint8Array): boolean {
    return told(() => {
      const { changes } =
        seen === null
          ? this.#statements.setNew.run(this.#label, key, value)
          : this.#statements.replace.run(value, this.#label, key, seen);
      return Number(changes) > 0;
    });
  }

  #get(key: string, size: ResultSize): Uint8Array | undefined {
    const value = this.#statements.get.get(this.#label, key)?.value as Uint8Array | undefined;
    size.add(value?.length ?? 0);
    return value;
  }

  #set(key: string, value: Uint8Array): void {
    this.#statements.set.run(this.#label, key, value);
  }

  #atomically<T>(begin: 'BEGIN' | 'BEGIN IMMEDIATE', act: () => T): T {
    return told(() => {
      this.#database.exec(begin);
      try {
        const result = act();
        this.#database.exec('COMMIT');
        return result;
      } catch (error) {
        if (this.#database.isTransaction) {
          this.#database.exec('ROLLBACK');
        }
        throw error;
      }
    });
  }
}

function numberIn(key: string, value: Uint8Array | undefined): bigint {
  if (value === undefined) {
    return 0n;
  }
  if (value.length !== NUMBER_BYTES) {
    throw otherError(`the value of ${JSON.stringify(key)} is not a number: it has ${value.length} bytes in place of 8`);
  }
  return new DataView(value.buffer, value.byteOffset).getBigInt64(0, true);
}

class SqliteCompareAndSwap implements CompareAndSwap {
  readonly key: string;
  readonly #store: SqliteStore;
  /** Undefined before the first `current`; null when it found nothing. */
  #seen: Uint8Array | null | undefined;

  constructor(store: SqliteStore, key: string) {
    this.#store = store;
    this.key = key;
  }

  current(): Uint8Array | undefined {
    const value = this.#store.get(this.key);
    this.#seen = value ?? null;
    return value;
  }

  swap(value: Uint8Array): boolean {
    if (this.#seen === undefined) {
      this.#store.set(this.key, value);
      return true;
    }
    return this.#store.replace(this.key, this.#seen, value);
  }
}

/** SQLite's errors become the guest's. */
function told<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw isSqliteError(error) ? otherError(error.message, error) : error;
  }
}

const isSqliteError = (error: unknown): error is Error =>
  error instanceof Error && (error as NodeJS.ErrnoException).code === 'ERR_SQLITE_ERROR';
