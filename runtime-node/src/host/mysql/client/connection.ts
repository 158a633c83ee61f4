// A session with a MySQL server: mysql2 over a socket that was opened elsewhere. One thing is asked at a time. Whatever is
// wrong ends it for good. Loaded when it is needed first.
import type { Socket } from 'node:net';
import mysql from 'mysql2';
import { isPlainRead } from '../../connection-pool/plain-read.ts';
import { GuardedSocket } from '../../driver-socket/guarded-socket.ts';
import type { MySqlValue } from '../value.ts';
import { columnOf, NULL, UnconvertibleValue, valueOf, type Column } from './column.ts';
import { failureOf } from './driver-failure.ts';
import { ConnectionLost } from '../../driver-socket/failures.ts';
import { PacketGuard } from './packet-guard.ts';
import { parameterOf } from './parameters.ts';

/** Kept at the server for one connection; an app has some dozens of statements. */
const MAX_PREPARED = 100;

export interface Login {
  readonly user: string;
  readonly password: string;
  readonly database: string | undefined;
  /** Makes a socket one over TLS; undefined: without. */
  readonly tls: ((socket: Socket) => Promise<Socket>) | undefined;
}

export interface Prepared {
  readonly parameters: number;
  readonly statement: Statement;
}

export interface Rows {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly MySqlValue[])[];
}

// What the driver's types lack.
interface Statement {
  readonly parameters: readonly unknown[];
  execute(values: readonly unknown[]): NodeJS.EventEmitter;
}
interface CastField {
  buffer(): Buffer | null;
}

/** What a guest's statements must mean the same with as in Spin; without LOCAL_FILES: a server could ask for any file. */
const FLAGS = ['-LOCAL_FILES', '-FOUND_ROWS', '-ODBC', '-IGNORE_SPACE', '-CONNECT_ATTRS'];

export class Connection {
  readonly #guard = new PacketGuard();
  readonly #stream: GuardedSocket;
  readonly #client: mysql.Connection;
  #failure: Error | undefined;
  /** Nothing but plain reads since the session was made, or was put back. */
  #onlyReads = true;
  /** Rejects what is being asked. */
  #waiting: ((error: unknown) => void) | undefined;
  /** Of the result that is coming. */
  #columns: readonly Column[] = [];
  #nextColumn = 0;
  #unconvertible: Error | undefined;

  /** `onClose` is called once, when the connection has ended. */
  constructor(socket: Socket, { user, password, database, tls }: Login, onClose: () => void) {
    const stream = new GuardedSocket(socket, this.#guard);
    this.#stream = stream;
    stream.on('error', (error) => this.fail(failureOf(error)));
    stream.on('close', () => {
      this.fail(new ConnectionLost('connection closed'));
      onClose();
    });
    this.#client = mysql.createConnection({
      stream,
      user,
      password,
      ...(database === undefined ? {} : { database }),
      ...(tls === undefined ? {} : { ssl: {} }),
      charset: 'UTF8MB4_GENERAL_CI',
      flags: FLAGS,
      // Deadlines are the caller's.
      connectTimeout: 0,
      maxPreparedStatements: MAX_PREPARED,
      // It would make code of what the server calls its columns.
      disableEval: true,
      rowsAsArray: true,
      supportBigNumbers: true,
      bigNumberStrings: true,
      typeCast: (field: CastField, next: () => unknown) => this.#cast(field, next),
    });
    this.#client.on('error', (error) => this.fail(failureOf(error)));
    if (tls !== undefined) {
      // The driver's own would look at neither the certificate of an IP address nor our authorities.
      Object.assign(this.#client, { startTLS: (done: () => void) => this.#startTls(tls, done) });
    }
  }

  get usable(): boolean {
    return this.#failure === undefined && !this.#stream.destroyed;
  }

  /** The next guest finds it as this one has found it; what is prepared stays with the connection. */
  get clean(): boolean {
    return this.#onlyReads && this.usable && this.#waiting === undefined && this.#guard.quiet;
  }

  /** Rejects with ServerError, LoginError, or with what ended the connection. */
  loggedIn(): Promise<void> {
    return this.#ask((resolve) => this.#client.once('connect', () => resolve()));
  }

  prepare(sql: string): Promise<Prepared> {
    this.#onlyReads &&= isPlainRead(sql);
    return this.#ask((resolve, reject) => {
      this.#client.prepare(sql, (error, prepared) => {
        const statement = prepared as unknown as Statement;
        if (error === null) {
          resolve({ statement, parameters: statement.parameters.length });
        } else {
          reject(error as Error);
        }
      });
    });
  }

  /** The first result; without `keepsRows` only what is wrong is of interest. */
  execute({ statement }: Prepared, values: readonly MySqlValue[], keepsRows: boolean): Promise<Rows> {
    const rows: MySqlValue[][] = [];
    let columns: readonly Column[] | undefined;
    this.#unconvertible = undefined;
    this.#guard.keepsRows = keepsRows;
    return this.#ask((resolve, reject) => {
      statement
        .execute(values.map(parameterOf))
        .on('fields', (found: Parameters<typeof columnOf>[0][] | undefined) => {
          this.#columns = (found ?? []).map(columnOf);
          this.#nextColumn = 0;
          columns ??= this.#columns;
        })
        .on('result', (row: unknown) => {
          if (keepsRows && Array.isArray(row) && this.#columns === columns) {
            rows.push(row as MySqlValue[]);
          }
        })
        .on('error', reject)
        .on('end', () => {
          if (this.#unconvertible === undefined) {
            resolve({ columns: columns ?? [], rows });
          } else {
            reject(this.#unconvertible);
          }
        });
    });
  }

  /** Ends it for that reason when the signal is aborted; to be called when that is no longer so. */
  endWith(signal: AbortSignal): () => void {
    const onAbort = (): void => this.fail(signal.reason as Error);
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) {
      onAbort();
    }
    return () => signal.removeEventListener('abort', onAbort);
  }

  /** Who waits is told `error`; for all others the connection is closed. */
  fail(error: Error): void {
    this.#failure ??= error instanceof ConnectionLost ? error : new ConnectionLost('connection closed');
    this.#stream.destroy();
    const reject = this.#waiting;
    this.#waiting = undefined;
    reject?.(error);
  }

  async reset(signal: AbortSignal): Promise<boolean> {
    if (!this.usable || this.#waiting !== undefined || !this.#guard.quiet) {
      return false;
    }
    const settled = this.endWith(signal);
    try {
      await this.#ask<void>((resolve, reject) =>
        this.#client.reset((error) => (error === null ? resolve() : reject(error as Error))),
      );
      this.#onlyReads = this.usable;
      return this.#onlyReads;
    } catch {
      // expected: a server of before MySQL 5.7.3 cannot, and others may have gone; another connection is made.
      return false;
    } finally {
      settled();
    }
  }

  hold(held: boolean): void {
    if (held) {
      this.#stream.ref();
    } else {
      this.#stream.unref();
    }
  }

  destroy(): void {
    if (this.usable) {
      this.#client.end();
    }
    this.fail(new ConnectionLost('connection closed'));
  }

  #ask<T>(begin: (resolve: (value: T) => void, reject: (error: Error) => void) => void): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#failure !== undefined) {
        reject(this.#failure);
        return;
      }
      this.#waiting = reject;
      begin(
        (value) => {
          this.#waiting = undefined;
          resolve(value);
        },
        (error) => {
          this.#waiting = undefined;
          reject(failureOf(error));
        },
      );
    });
  }

  /** Throws nothing: the driver would take the rest of the answer for that of another question. */
  #cast(field: CastField, read: () => unknown): MySqlValue {
    const column = this.#columns[this.#nextColumn];
    this.#nextColumn = (this.#nextColumn + 1) % this.#columns.length;
    try {
      return column === undefined ? NULL : valueOf(column, { read, bytes: () => field.buffer() });
    } catch (error) {
      if (!(error instanceof UnconvertibleValue)) {
        throw error;
      }
      // expected: told when the last row has come, so that the connection can go on.
      this.#unconvertible ??= error;
      return NULL;
    }
  }

  async #startTls(tls: (socket: Socket) => Promise<Socket>, done: () => void): Promise<void> {
    try {
      if (!this.#guard.quiet) {
        throw new ConnectionLost('too much before TLS');
      }
      await this.#stream.secure(tls);
      done();
    } catch (error) {
      // expected: a server without a valid certificate
      this.fail(error as Error);
    }
  }
}
