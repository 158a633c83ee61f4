// A session with a PostgreSQL server: pg over a socket that was opened elsewhere. Statements with parameters, rows in binary
// form, and the way back to a session as it was made, for the next guest. Nothing stays prepared at the server, so that
// `DISCARD ALL` is the whole way back, and none is needed after plain reads; what the server has said of a statement's parameters is remembered here, so that the
// next time it takes one round trip. Loaded when it is needed first.
import type { Socket } from 'node:net';
import { Client, type Submittable } from 'pg';
import { isPlainRead } from '../../connection-pool/plain-read.ts';
import { GuardedSocket } from '../../driver-socket/guarded-socket.ts';
import { failureOf } from './driver-failure.ts';
import { ConnectionLost, LoginError } from '../../driver-socket/failures.ts';
import { MessageGuard, type Row } from './message-guard.ts';

/** Remembered by one connection; an app has some dozens of statements. */
const MAX_REMEMBERED = 100;
/** Longer ones are seldom sent twice. */
const MAX_REMEMBERED_CHARACTERS = 16_384;

export interface Login {
  readonly user: string;
  readonly password: string | undefined;
  readonly database: string;
  /** Settings of the session, e.g. `application_name`. */
  readonly parameters: Readonly<Record<string, string>>;
}

export interface Column {
  readonly name: string;
  readonly oid: number;
}

export interface TakeAnswer {
  /** Before the rows, when there may be any. */
  columns(columns: readonly Column[]): void;
  /** Each row as it comes; may throw, which breaks the connection. */
  row(values: Row): void;
}

// What the driver gives to queries of others' making, and its types lack.
interface Wire extends NodeJS.EventEmitter {
  parse(query: { text: string; types?: readonly number[] }): void;
  bind(query: { values: readonly (Buffer | null)[]; binary: true }): void;
  describe(what: { type: 'S' | 'P' }): void;
  execute(): void;
  query(text: string): void;
  sync(): void;
  sendCopyFail(reason: string): void;
}
interface Driver {
  readonly connection: Wire;
  /** In place of one that has settings of this process's environment. */
  getStartupConf: () => Readonly<Record<string, string>>;
  getTransactionStatus(): 'I' | 'T' | 'E' | null;
}

/** One question, as the driver has it do. */
class Exchange {
  readonly submit: (wire: Wire) => void;
  readonly handleRowDescription: (message: { fields: readonly { name: string; dataTypeID: number }[] }) => void;
  touched = 0n;
  failed: Error | undefined;

  constructor(submit: (wire: Wire) => void, answer: TakeAnswer) {
    this.submit = submit;
    this.handleRowDescription = ({ fields }) =>
      answer.columns(fields.map(({ name, dataTypeID }) => ({ name, oid: dataTypeID })));
  }

  /** `INSERT 0 5` and `UPDATE 5` end with the number; `BEGIN` has none. */
  handleCommandComplete({ text }: { readonly text: string }): void {
    const [, count = '0'] = / (\d+)$/.exec(text) ?? [];
    this.touched = BigInt.asUintN(64, BigInt(count));
  }

  handleCopyInResponse(wire: Wire): void {
    wire.sendCopyFail('COPY FROM STDIN is not supported');
    wire.sync();
  }

  handleError(error: Error): void {
    this.failed ??= error;
  }

  handleEmptyQuery(): void {}
  handleReadyForQuery(): void {}
}

const NOTHING: TakeAnswer = { columns() {}, row() {} };

export class Connection {
  readonly #guard = new MessageGuard();
  readonly #stream: GuardedSocket;
  readonly #client: Client;
  readonly #driver: Driver;
  #failure: Error | undefined;
  /** Settles what is being asked. */
  #asked: { readonly ready: () => void; readonly fail: (error: Error) => void } | undefined;
  /** Nothing but plain reads since the session was made, or was put back. */
  #onlyReads = true;
  /** Types of parameters by statement, the one used last at the end. */
  readonly #types = new Map<string, readonly number[]>();

  /** `onClose` is called once, when the connection has ended. */
  constructor(socket: Socket, { user, password, database, parameters }: Login, onClose: () => void) {
    const stream = new GuardedSocket(socket, this.#guard);
    this.#stream = stream;
    stream.on('error', (error) => this.#break(failureOf(error)));
    stream.on('close', () => {
      this.#break(new ConnectionLost('connection closed'));
      onClose();
    });
    this.#client = new Client({
      stream: () => stream,
      user,
      // By a function, since without a password it would look for one in this process's environment and files.
      password: () => {
        if (password === undefined) {
          throw new LoginError('password missing');
        }
        return password;
      },
      database,
      // Of no use; what is left out comes from the environment.
      host: 'localhost',
      port: 1,
      ssl: false,
      ...({ sslnegotiation: 'postgres' } as object),
    });
    this.#driver = this.#client as unknown as Driver;
    this.#driver.getStartupConf = () => ({ ...parameters, user, database });
    this.#client.on('error', (error) => this.#break(failureOf(error)));
    this.#driver.connection.on('readyForQuery', () => this.#asked?.ready());
  }

  get usable(): boolean {
    return this.#failure === undefined && !this.#stream.destroyed;
  }

  /** The next guest finds it as this one has found it. */
  get clean(): boolean {
    return this.#onlyReads && this.usable && this.#asked === undefined && this.#isIdle;
  }

  /** Rejects with ServerError, LoginError, or with what ended the connection. */
  loggedIn(signal: AbortSignal): Promise<void> {
    return this.#turn(signal, () => {
      this.#client.connect((error: unknown) => {
        if (error) {
          this.#break(failureOf(error as Error));
        }
      });
    });
  }

  /** What the statement wants; as it was when it was asked for first. */
  async parameterTypes(statement: string, signal: AbortSignal): Promise<readonly number[]> {
    // Parameters are called `$1`.
    const known = statement.includes('$') ? this.#types.get(statement) : [];
    if (known !== undefined) {
      return known;
    }
    let oids: readonly number[] = [];
    const take = ({ dataTypeIDs }: { readonly dataTypeIDs: readonly number[] }): void => {
      oids = dataTypeIDs;
    };
    const { connection } = this.#driver;
    connection.once('parameterDescription', take);
    try {
      await this.#exchange(
        (wire) => {
          wire.parse({ text: statement });
          wire.describe({ type: 'S' });
          wire.sync();
        },
        NOTHING,
        signal,
      );
    } finally {
      connection.off('parameterDescription', take);
    }
    if (statement.length <= MAX_REMEMBERED_CHARACTERS) {
      this.#types.set(statement, oids);
    }
    const [oldest] = this.#types.keys();
    if (oldest !== undefined && this.#types.size > MAX_REMEMBERED) {
      this.#types.delete(oldest);
    }
    return oids;
  }

  /** Whether the statement may have failed because it wants something else by now; it has done nothing then. */
  forgetTypes(statement: string): boolean {
    return this.usable && this.#isIdle && this.#types.delete(statement);
  }

  /** Gives the number of rows that the statement has touched. */
  run(
    statement: string,
    types: readonly number[],
    parameters: readonly (Buffer | undefined)[],
    answer: TakeAnswer,
    signal: AbortSignal,
  ): Promise<bigint> {
    this.#onlyReads &&= isPlainRead(statement);
    return this.#exchange(
      (wire) => {
        wire.parse({ text: statement, types });
        wire.bind({ values: parameters.map((value) => value ?? null), binary: true });
        wire.describe({ type: 'P' });
        wire.execute();
        wire.sync();
      },
      answer,
      signal,
    );
  }

  /** False when the session cannot be used again. */
  async reset(signal: AbortSignal): Promise<boolean> {
    if (!this.usable || this.#asked !== undefined) {
      return false;
    }
    try {
      if (!this.#isIdle) {
        await this.#exchange((wire) => wire.query('ROLLBACK'), NOTHING, signal);
      }
      await this.#exchange((wire) => wire.query('DISCARD ALL'), NOTHING, signal);
      this.#onlyReads = this.usable && this.#isIdle;
      return this.#onlyReads;
    } catch {
      // expected: then another connection is made for the next guest.
      return false;
    }
  }

  /** Keeps this process alive, or does not. */
  hold(held: boolean): void {
    if (held) {
      this.#stream.ref();
    } else {
      this.#stream.unref();
    }
  }

  /** Tells the server, if there is still time for it. */
  destroy(): void {
    if (this.usable) {
      void this.#client.end();
    }
    this.#break(new ConnectionLost('connection closed'));
  }

  get #isIdle(): boolean {
    return this.#driver.getTransactionStatus() === 'I';
  }

  async #exchange(submit: (wire: Wire) => void, answer: TakeAnswer, signal: AbortSignal): Promise<bigint> {
    const exchange = new Exchange((wire) => together(this.#stream, () => submit(wire)), answer);
    await this.#turn(signal, () => {
      this.#guard.ask((row) => answer.row(row));
      this.#client.query(exchange as unknown as Submittable);
    });
    // The server's own words: the driver leaves out the severity that is not translated.
    const failure = this.#guard.error ?? exchange.failed;
    if (failure !== undefined) {
      throw failure;
    }
    return exchange.touched;
  }

  /** Until the server is ready. Rejects at once with what ends the connection, or with the reason of `signal`, which does. */
  #turn(signal: AbortSignal, begin: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const failure = this.#failure ?? (signal.aborted ? (signal.reason as Error) : undefined);
      if (failure !== undefined || this.#asked !== undefined) {
        reject(failure ?? new Error('the connection is in use'));
        return;
      }
      const onAbort = (): void => this.#break(signal.reason as Error);
      const settle = (): void => {
        this.#asked = undefined;
        signal.removeEventListener('abort', onAbort);
      };
      this.#asked = {
        ready: () => {
          settle();
          resolve();
        },
        fail: (error) => {
          settle();
          reject(error);
        },
      };
      signal.addEventListener('abort', onAbort);
      begin();
    });
  }

  #break(error: Error): void {
    // Why it broke is the business of who was using it; for all others it is closed.
    this.#failure ??= error instanceof ConnectionLost ? error : new ConnectionLost('connection closed');
    this.#stream.destroy();
    // What the server has said comes before that it is gone.
    this.#asked?.fail(this.#guard.error ?? error);
  }
}

/** In one write. */
function together(stream: GuardedSocket, send: () => void): void {
  stream.cork();
  try {
    send();
  } finally {
    stream.uncork();
  }
}
