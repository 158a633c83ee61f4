// The body of a message received: bytes of a Node stream as the host's InputStream, taken from the peer only as the
// guest reads, so that a slow guest slows its peer down.
// The time between two pieces is limited while the guest waits for one (spin-contract.md §3.9).
import type { Readable } from 'node:stream';
import { CLOSED, InputStream, type StreamError } from '../io/streams.ts';
import { streamFailure, type ErrorCode } from './error-code.ts';
import type { HeaderList, IncomingBody } from './exchange.ts';
import { Deadline } from './deadline.ts';

const EMPTY = new Uint8Array(0);
const BROKEN: ErrorCode = { tag: 'HTTP-protocol-error' };
const TOO_SLOW: ErrorCode = { tag: 'connection-read-timeout' };

export interface ReadableBodyOptions {
  readonly betweenBytesMs: number;
  /** Asked when the source has ended: false when the peer cut it and Node calls that an end. */
  readonly isWhole: () => boolean;
  /** What came after the body; asked once the stream has ended. */
  readonly trailers: () => HeaderList | null;
  /** Tells the peer that nobody reads on, if there is a way. */
  readonly cut: () => void;
  /** Asked when time is up: false when the peer is worth another wait. */
  readonly isStalled?: () => boolean;
  /** In place of `cut` where time was up. */
  readonly onTooSlow?: () => void;
  /** More than that fails the body. */
  readonly most?: { readonly bytes: number; readonly onExceeded: () => void };
}

export class ReadableBody extends InputStream implements IncomingBody {
  readonly #source: Readable;
  readonly #options: ReadableBodyOptions;
  /** Bytes taken from the source and not yet read by the guest. */
  #rest: Uint8Array = EMPTY;
  /** Taken in all. */
  #taken = 0;
  #ended = false;
  #failure: ErrorCode | undefined;
  #failureTold = false;
  #waiters: (() => void)[] = [];
  readonly stream: InputStream = this;
  readonly trailers: IncomingBody['trailers'];

  constructor(source: Readable, options: ReadableBodyOptions) {
    super();
    this.#source = source;
    this.#options = options;
    source.on('readable', () => this.#wake());
    source.once('end', () => {
      this.#ended = options.isWhole();
      this.#wake();
    });
    source.on('error', () => this.#fail(BROKEN));
    source.once('close', () => this.#fail(BROKEN));
    const over = (): boolean => this.#ended || this.#failure !== undefined;
    this.trailers = { ready: over, wait: () => this.#waitUntil(over), value: () => this.#trailers() };
  }

  override ready(): boolean {
    return this.#fill() || this.#ended || this.#failure !== undefined;
  }

  override wait(): Promise<void> {
    return this.#waitUntil(() => this.ready());
  }

  override read(max: number): Uint8Array | StreamError {
    if (this.#fill()) {
      const bytes = this.#rest.subarray(0, max);
      this.#rest = this.#rest.subarray(bytes.length);
      return bytes;
    }
    if (this.#failure !== undefined && !this.#failureTold) {
      this.#failureTold = true;
      return streamFailure(this.#failure);
    }
    return this.#ended || this.#failure !== undefined ? CLOSED : EMPTY;
  }

  /** Throws away what is still to come, up to the trailers. */
  override [Symbol.dispose](): void {
    this.#rest = EMPTY;
    this.#source.removeAllListeners('readable');
    // Waking at each piece starts the time limit anew, for whoever waits for the trailers.
    this.#source.on('data', (bytes: Uint8Array) => {
      this.#count(bytes.length);
      this.#wake();
    });
  }

  cancel(): void {
    this[Symbol.dispose]();
    if (!this.#ended) {
      this.#options.cut();
    }
  }

  /** True when bytes are there. Reading an empty buffer also makes Node take more from the peer. */
  #fill(): boolean {
    if (this.#rest.length === 0 && this.#failure === undefined && !this.#source.destroyed) {
      const bytes = (this.#source.read() as Uint8Array | null) ?? EMPTY;
      if (this.#count(bytes.length)) {
        this.#rest = bytes;
      }
    }
    return this.#rest.length > 0;
  }

  /** False when it is too much by now. */
  #count(bytes: number): boolean {
    this.#taken += bytes;
    const { most } = this.#options;
    if (most === undefined || this.#taken <= most.bytes) {
      return true;
    }
    if (this.#failure === undefined) {
      this.#fail({ tag: 'HTTP-request-body-size', val: BigInt(this.#taken) });
      most.onExceeded();
    }
    return false;
  }

  #fail(failure: ErrorCode): void {
    if (!this.#ended) {
      this.#failure ??= failure;
    }
    this.#wake();
  }

  #trailers(): ReturnType<IncomingBody['trailers']['value']> {
    return this.#failure === undefined
      ? { tag: 'ok', val: this.#options.trailers() }
      : { tag: 'err', val: this.#failure };
  }

  async #waitUntil(done: () => boolean): Promise<void> {
    while (!done()) {
      const deadline = new Deadline(this.#options.betweenBytesMs, () => this.#timeIsUp());
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
      deadline[Symbol.dispose]();
    }
  }

  #timeIsUp(): void {
    const { isStalled, onTooSlow, cut } = this.#options;
    if (isStalled?.() === false) {
      this.#wake();
      return;
    }
    this.#fail(TOO_SLOW);
    (onTooSlow ?? cut)();
  }

  #wake(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) {
      waiter();
    }
  }
}
