// Streams that never wait: bytes in memory, no bytes at all, and a function that takes what is written.
import { CLOSED, InputStream, OutputStream, type StreamError } from './streams.ts';

/** What wasmtime gives for stdout. */
const SINK_BUDGET = 65_536;

const readyAtOnce = Promise.resolve();

export class BytesInputStream extends InputStream {
  #rest: Uint8Array;

  /** The bytes must not change afterwards. */
  constructor(bytes: Uint8Array) {
    super();
    this.#rest = bytes;
  }

  override ready(): boolean {
    return true;
  }

  override wait(): Promise<void> {
    return readyAtOnce;
  }

  override read(max: number): Uint8Array | StreamError {
    if (this.#rest.length === 0) {
      return CLOSED;
    }
    const bytes = this.#rest.subarray(0, max);
    this.#rest = this.#rest.subarray(bytes.length);
    return bytes;
  }

  override [Symbol.dispose](): void {
    this.trapOnLivePollables();
  }
}

const NOTHING = new Uint8Array(0);

export const emptyInputStream = (): InputStream => new BytesInputStream(NOTHING);

/** Hands every write to `take`, which must not wait and may keep the bytes. */
export class SinkOutputStream extends OutputStream {
  readonly #take: (bytes: Uint8Array) => void;

  constructor(take: (bytes: Uint8Array) => void) {
    super();
    this.#take = take;
  }

  override ready(): boolean {
    return true;
  }

  override wait(): Promise<void> {
    return readyAtOnce;
  }

  override checkWrite(): number {
    return SINK_BUDGET;
  }

  override write(bytes: Uint8Array): undefined {
    this.#take(bytes);
  }

  override flush(): undefined {}

  override [Symbol.dispose](): void {
    this.trapOnLivePollables();
  }
}
