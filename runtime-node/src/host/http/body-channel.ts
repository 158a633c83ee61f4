// A message body on its way from one guest to another in this process: written as a BodySink, read as an IncomingBody.
// Holds little, so that a reader that is slow slows the writer down as a network would.
import { CLOSED, InputStream, type StreamError } from '../io/streams.ts';
import { Waiters } from '../io/waiters.ts';
import { streamFailure, type ErrorCode } from './error-code.ts';
import type { BodySink, HeaderList, IncomingBody } from './exchange.ts';

/** The most that one write may carry: wasmtime's chunk size (spec §3.9). */
const CHUNK_BYTES = 1_048_576;

/** A writer waits while more than this has not been read: what a socket's buffer would take. */
const HELD_BYTES = 65_536;

const NOTHING = new Uint8Array(0);

/** What the reader of a message that was cut is told, as over the network. */
const CUT: ErrorCode = { tag: 'HTTP-protocol-error' };

export class BodyChannel {
  readonly sink: BodySink;
  readonly body: IncomingBody;
  readonly #queue: Uint8Array[] = [];
  #held = 0;
  #end: { readonly trailers: HeaderList | null } | undefined;
  #failure: ErrorCode | undefined;
  #failureTold = false;
  /** What is still to come is thrown away. */
  #discarding = false;
  /** The reader wants nothing any more, not even the trailers. */
  #closed = false;
  readonly #waiters = new Waiters();

  constructor() {
    this.sink = {
      ready: () => this.#room() !== 0,
      wait: () => this.#until(() => this.#room() !== 0),
      room: () => this.#room(),
      write: (chunk) => this.#write(chunk),
      finish: (trailers) => this.#finish(trailers),
      abort: () => this.#fail(CUT),
    };
    const over = (): boolean => this.#over && this.#queue.length === 0;
    this.body = {
      stream: new ChannelStream(this),
      trailers: { ready: over, wait: () => this.#until(over), value: () => this.#trailers() },
      cancel: () => this.close(),
    };
  }

  /** Whether a read gives an answer at once. */
  get readable(): boolean {
    return this.#queue.length > 0 || this.#over;
  }

  read(max: number): Uint8Array | StreamError {
    const [chunk] = this.#queue;
    if (chunk !== undefined) {
      const bytes = chunk.subarray(0, max);
      if (bytes.length === chunk.length) {
        this.#queue.shift();
      } else {
        this.#queue[0] = chunk.subarray(bytes.length);
      }
      this.#held -= bytes.length;
      this.#waiters.wake();
      return bytes;
    }
    if (this.#failure !== undefined && !this.#failureTold) {
      this.#failureTold = true;
      return streamFailure(this.#failure);
    }
    return this.#over ? CLOSED : NOTHING;
  }

  waitReadable(): Promise<void> {
    return this.#until(() => this.readable);
  }

  /** Throws away what is still to come, up to the trailers. */
  discard(): void {
    this.#discarding = true;
    this.#drop();
  }

  close(): void {
    this.#closed = true;
    this.#drop();
  }

  get #over(): boolean {
    return this.#end !== undefined || this.#failure !== undefined;
  }

  #room(): number | StreamError {
    if (this.#closed || this.#over) {
      return CLOSED;
    }
    return this.#held < HELD_BYTES ? CHUNK_BYTES : 0;
  }

  #write(chunk: Uint8Array): StreamError | undefined {
    if (this.#closed || this.#over) {
      return CLOSED;
    }
    if (!this.#discarding && chunk.length > 0) {
      this.#queue.push(chunk);
      this.#held += chunk.length;
      this.#waiters.wake();
    }
    return undefined;
  }

  #finish(trailers: HeaderList | null): void {
    if (!this.#over) {
      this.#end = { trailers };
      this.#waiters.wake();
    }
  }

  #fail(failure: ErrorCode): void {
    if (!this.#over) {
      this.#failure = failure;
      this.#waiters.wake();
    }
  }

  #trailers(): ReturnType<IncomingBody['trailers']['value']> {
    return this.#failure === undefined
      ? { tag: 'ok', val: this.#end?.trailers ?? null }
      : { tag: 'err', val: this.#failure };
  }

  #drop(): void {
    this.#queue.length = 0;
    this.#held = 0;
    this.#waiters.wake();
  }

  #until(done: () => boolean): Promise<void> {
    return this.#waiters.until(() => done() || this.#closed);
  }
}

class ChannelStream extends InputStream {
  readonly #channel: BodyChannel;

  constructor(channel: BodyChannel) {
    super();
    this.#channel = channel;
  }

  override ready(): boolean {
    return this.#channel.readable;
  }

  override wait(): Promise<void> {
    return this.#channel.waitReadable();
  }

  override read(max: number): Uint8Array | StreamError {
    return this.#channel.read(max);
  }

  override [Symbol.dispose](): void {
    this.#channel.discard();
  }
}
