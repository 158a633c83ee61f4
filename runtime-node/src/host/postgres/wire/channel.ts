// A socket to a PostgreSQL server as exchanges: messages go out, and those that come back until the server is ready again
// belong to it. One exchange at a time; whatever breaks one, breaks the connection.
import type { Socket } from 'node:net';
import { FrameReader, ProtocolError, type Frame } from './frames.ts';
import { readServerError, type ServerError } from './server-error.ts';
import { terminate } from './requests.ts';

/** The connection ended before the answer was complete. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
}

export type TransactionStatus = 'idle' | 'in-transaction' | 'failed';

const STATUSES: ReadonlyMap<number, TransactionStatus> = new Map([
  ['I'.charCodeAt(0), 'idle'],
  ['T'.charCodeAt(0), 'in-transaction'],
  ['E'.charCodeAt(0), 'failed'],
]);

interface Exchange {
  /** Gets each message; may throw, which breaks the connection. */
  readonly take: (frame: Frame) => void;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  error: ServerError | undefined;
}

export class Channel {
  readonly #socket: Socket;
  readonly #frames: FrameReader;
  #exchange: Exchange | undefined;
  #failure: Error | undefined;
  #status: TransactionStatus = 'idle';

  /** `onClose` is called once, when the connection has ended. */
  constructor(socket: Socket, maxMessageBytes: number, onClose: () => void) {
    this.#socket = socket;
    this.#frames = new FrameReader(maxMessageBytes);
    socket.on('data', (chunk: Buffer) => this.#read(chunk)).resume();
    socket.on('error', (error) => this.#break(new ConnectionLost(error.message, { cause: error })));
    socket.on('close', () => {
      this.#break(new ConnectionLost('connection closed'));
      onClose();
    });
  }

  get usable(): boolean {
    return this.#failure === undefined && !this.#socket.destroyed;
  }

  get quiet(): boolean {
    return this.#exchange === undefined;
  }

  get status(): TransactionStatus {
    return this.#status;
  }

  set maxMessageBytes(max: number) {
    this.#frames.max = max;
  }

  /** Keeps this process alive, or does not. */
  hold(held: boolean): void {
    if (held) {
      this.#socket.ref();
    } else {
      this.#socket.unref();
    }
  }

  write(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  /**
   * Sends, and takes what comes until the server is ready for more. Rejects with the server's error once it is, with
   * ConnectionLost or ProtocolError at once, or with the reason of `signal`, which ends the connection.
   */
  exchange(bytes: Buffer, take: Exchange['take'], signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const failure = this.#failure ?? (signal.aborted ? (signal.reason as Error) : undefined);
      if (failure !== undefined) {
        reject(failure);
        return;
      }
      if (this.#exchange !== undefined) {
        reject(new Error('the connection is in use'));
        return;
      }
      const onAbort = (): void => this.#break(signal.reason as Error);
      signal.addEventListener('abort', onAbort);
      const settle = (): void => signal.removeEventListener('abort', onAbort);
      this.#exchange = {
        take,
        error: undefined,
        resolve: () => {
          settle();
          resolve();
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      };
      this.#socket.write(bytes);
    });
  }

  /** Tells the server, if there is still time for it. */
  destroy(): void {
    if (this.usable) {
      this.#socket.write(terminate());
    }
    this.#break(new ConnectionLost('connection closed'));
  }

  #read(chunk: Buffer): void {
    try {
      for (const frame of this.#frames.push(chunk)) {
        this.#take(frame);
      }
    } catch (error) {
      // expected: a server may send anything; who waits is told.
      this.#break(error instanceof Error ? error : new ProtocolError(String(error)));
    }
  }

  #take(frame: Frame): void {
    switch (frame.type) {
      // Notices, what LISTEN brings, and settings are nobody's answer.
      case 'N':
      case 'A':
      case 'S':
        return;
      case 'E':
        this.#takeError(readServerError(frame.body));
        return;
      case 'Z':
        this.#ready(frame.body);
        return;
      default:
        if (this.#exchange === undefined) {
          throw new ProtocolError(`an unexpected message of type ${JSON.stringify(frame.type)}`);
        }
        this.#exchange.take(frame);
    }
  }

  #takeError(error: ServerError): void {
    if (this.#exchange === undefined) {
      // The server says why it is about to close the connection.
      this.#break(error);
      return;
    }
    this.#exchange.error ??= error;
  }

  #ready(body: Buffer): void {
    const status = STATUSES.get(body[0] ?? 0);
    const exchange = this.#exchange;
    if (status === undefined || exchange === undefined) {
      throw new ProtocolError('the server is ready and was not asked');
    }
    this.#status = status;
    this.#exchange = undefined;
    if (exchange.error === undefined) {
      exchange.resolve();
    } else {
      exchange.reject(exchange.error);
    }
  }

  #break(error: Error): void {
    // Why it broke is the business of who was using it; for all others it is closed.
    this.#failure ??= error instanceof ConnectionLost ? error : new ConnectionLost('connection closed');
    this.#socket.destroy();
    const exchange = this.#exchange;
    this.#exchange = undefined;
    // What the server has said comes before that it is gone.
    exchange?.reject(exchange.error ?? error);
  }
}
