// The standard streams of the process as those of a command: nothing is dropped, and who is slow makes the command wait.
import type { Readable, Writable } from 'node:stream';
import { Waiters } from '../../host/io/waiters.ts';
import { CLOSED, InputStream, IoError, OutputStream, type StreamError } from '../../host/io/streams.ts';

const NOTHING = new Uint8Array(0);

/** What wasmtime gives for stdout, as long as it is taken away. */
const BUDGET = 65_536;

/** Reads from the process only what the command asks for. */
export class StandardInput extends InputStream {
  readonly #source: Readable;
  readonly #waiters = new Waiters();
  readonly #wake = (): void => {
    if (this.#source.readableLength === 0) {
      // Finds the end.
      this.#source.read();
    }
    this.#waiters.wake();
  };

  constructor(source: Readable) {
    super();
    this.#source = source;
    for (const event of ['readable', 'end', 'error', 'close']) {
      source.on(event, this.#wake);
    }
  }

  override ready(): boolean {
    return this.#source.readableLength > 0 || this.#ended;
  }

  override wait(): Promise<void> {
    return this.#waiters.until(() => this.ready());
  }

  override read(max: number): Uint8Array | StreamError {
    const length = Math.min(max, this.#source.readableLength);
    if (length > 0) {
      return this.#source.read(length) as Buffer;
    }
    return this.#ended ? CLOSED : NOTHING;
  }

  override [Symbol.dispose](): void {
    for (const event of ['readable', 'end', 'error', 'close']) {
      this.#source.off(event, this.#wake);
    }
    this.trapOnLivePollables();
  }

  get #ended(): boolean {
    return this.#source.readableEnded || this.#source.destroyed;
  }
}

export class StandardOutput extends OutputStream {
  readonly #target: Writable;
  readonly #waiters = new Waiters();
  #onTheWay = 0;
  #flushing = false;
  #failure: Error | undefined;

  constructor(target: Writable) {
    super();
    this.#target = target;
  }

  override ready(): boolean {
    return this.#failure !== undefined || (!this.#flushing && this.#onTheWay < BUDGET);
  }

  override wait(): Promise<void> {
    return this.#waiters.until(() => this.ready());
  }

  override checkWrite(): number | StreamError {
    return this.#failed() ?? (this.ready() ? BUDGET - this.#onTheWay : 0);
  }

  override write(bytes: Uint8Array): StreamError | undefined {
    const failed = this.#failed();
    if (failed !== undefined) {
      return failed;
    }
    this.#onTheWay += bytes.length;
    this.#target.write(bytes, (error) => {
      this.#onTheWay -= bytes.length;
      this.#failure ??= error ?? undefined;
      this.#flushing &&= this.#onTheWay > 0;
      this.#waiters.wake();
    });
    return undefined;
  }

  override flush(): StreamError | undefined {
    this.#flushing = this.#onTheWay > 0;
    return this.#failed();
  }

  override [Symbol.dispose](): void {
    this.trapOnLivePollables();
  }

  #failed(): StreamError | undefined {
    return this.#failure && { tag: 'last-operation-failed', val: new IoError(this.#failure.message) };
  }
}
