// Streams moved by the test's hand: bytes come, room opens, errors strike when the test says so.
import { CLOSED, InputStream, IoError, OutputStream, type StreamError } from '../io/streams.ts';

/** Counts how often its `wait` was asked for while nothing came, which shows a leak of reactions. */
class Gate {
  waits = 0;
  #waiters: (() => void)[] = [];

  wait(): Promise<void> {
    this.waits += 1;
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  open(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) {
      waiter();
    }
  }
}

export class HandInputStream extends InputStream {
  readonly gate = new Gate();
  readonly #chunks: (Uint8Array | StreamError)[] = [];

  /** A chunk, an error or the end arrives. */
  push(chunk: Uint8Array | StreamError): void {
    this.#chunks.push(chunk);
    this.gate.open();
  }

  /** Waiters wake though nothing has come. */
  wakeForNothing(): void {
    this.gate.open();
  }

  override ready(): boolean {
    return this.#chunks.length > 0;
  }

  override wait(): Promise<void> {
    return this.gate.wait();
  }

  override read(max: number): Uint8Array | StreamError {
    const [chunk] = this.#chunks;
    if (chunk === undefined) {
      return new Uint8Array(0);
    }
    if (!(chunk instanceof Uint8Array)) {
      this.#chunks[0] = CLOSED;
      return chunk;
    }
    this.#chunks.splice(0, 1, ...(chunk.length > max ? [chunk.subarray(max)] : []));
    return chunk.subarray(0, max);
  }

  override [Symbol.dispose](): void {
    this.trapOnLivePollables();
  }
}

export class HandOutputStream extends OutputStream {
  readonly gate = new Gate();
  /** What was written, chunk by chunk, and `flush` for each flush. */
  readonly log: (string | 'flush')[] = [];
  #room: number;
  #error: StreamError | undefined;
  #flushing = false;
  /** True: a flush ends by `flushed`, else at once. */
  slowFlush = false;

  constructor(room: number) {
    super();
    this.#room = room;
  }

  make(room: number): void {
    this.#room = room;
    this.gate.open();
  }

  fail(error: StreamError): void {
    this.#error = error;
    this.gate.open();
  }

  flushed(): void {
    this.#flushing = false;
    this.gate.open();
  }

  override ready(): boolean {
    return this.#error !== undefined || (!this.#flushing && this.#room > 0);
  }

  override wait(): Promise<void> {
    return this.gate.wait();
  }

  override checkWrite(): number | StreamError {
    const error = this.#error;
    if (error === undefined) {
      return this.#flushing ? 0 : this.#room;
    }
    this.#error = CLOSED;
    return error;
  }

  override write(bytes: Uint8Array): StreamError | undefined {
    this.#room -= bytes.length;
    this.log.push(new TextDecoder().decode(bytes));
    return undefined;
  }

  override flush(): StreamError | undefined {
    if (this.#error !== undefined) {
      return this.#error;
    }
    this.log.push('flush');
    this.#flushing = this.slowFlush;
    return undefined;
  }

  override [Symbol.dispose](): void {
    this.trapOnLivePollables();
  }
}

export const failure = (message: string): StreamError => ({ tag: 'last-operation-failed', val: new IoError(message) });
