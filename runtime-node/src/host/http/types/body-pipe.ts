// The way of an outgoing body from the guest's stream to the peer: a short queue in which chunks wait until the
// message has a peer (the response was set, the connection made) and while that peer does not read
// (spin-contract.md §3.10). Counts against a declared content-length.
import { Trap } from '../../../component/index.ts';
import { CLOSED, type Readiness, type StreamError } from '../../io/streams.ts';
import { Waiters } from '../../io/waiters.ts';
import { streamFailure, type ErrorCode } from '../error-code.ts';
import type { BodySink, HeaderList } from '../exchange.ts';
import type { Held } from '../../held-bytes.ts';

/** The most that one write may carry, and what `check-write` offers (spec §3.9). */
const CHUNK_BYTES = 1_048_576;
/** wasmtime's queue: one buffered chunk and one spare place (spec §3.10). */
const QUEUE_CHUNKS = 2;
/** Small chunks may queue up to this many bytes: four of the largest that `blocking-write-and-flush` takes. */
const QUEUE_BYTES = 16_384;

type Ending =
  | { readonly kind: 'finish'; readonly trailers: HeaderList | null }
  | { readonly kind: 'abort'; readonly reason: string };

export class BodyPipe implements Readiness {
  /** Declared length, or undefined when the message ends by itself. */
  readonly #expected: number | undefined;
  readonly #tooLong: (written: number) => ErrorCode;
  readonly #held: Held | undefined;
  /** What of the queue is counted there. */
  #counted = 0;
  #written = 0;
  #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #sink: BodySink | undefined;
  #ending: Ending | undefined;
  /** The peer is gone, or the message has got all its bytes: nothing more can be written. */
  #closed = false;
  /** There will be no peer, which the guest is told when it would have to wait for one. */
  #abandoned = false;
  #waitsForSink = false;
  readonly #waiters = new Waiters();

  /** `tooLong` names the error of a body that is longer than declared; `held` counts what waits. */
  constructor(expected: number | undefined, tooLong: (written: number) => ErrorCode, held?: Held) {
    this.#expected = expected;
    this.#tooLong = tooLong;
    this.#held = held;
  }

  /** Bytes that the guest has written, whether or not they fitted the declared length. */
  get written(): number {
    return this.#written;
  }

  /** Whether as many bytes were written as were declared. */
  get complete(): boolean {
    return this.#expected === undefined || this.#expected === this.#written;
  }

  /** Whether the guest, or the host in its place, has ended the body. */
  get ended(): boolean {
    return this.#ending !== undefined;
  }

  checkWrite(): number | StreamError {
    this.#pump();
    if (this.#closed) {
      return CLOSED;
    }
    if (this.#hasPlace()) {
      return CHUNK_BYTES;
    }
    return this.#abandoned ? CLOSED : 0;
  }

  write(bytes: Uint8Array): StreamError | undefined {
    const budget = this.checkWrite();
    if (typeof budget !== 'number') {
      return budget;
    }
    if (bytes.length > budget) {
      throw new Trap('write exceeded budget');
    }
    const before = this.#written;
    this.#written += bytes.length;
    if (this.#expected !== undefined && this.#written > this.#expected) {
      // What was declared still goes out: more on the wire would be read as the next message.
      this.#push(bytes.subarray(0, this.#expected - before));
      this.#end({ kind: 'finish', trailers: null });
      this.#closed = true;
      this.#waiters.wake();
      return streamFailure(this.#tooLong(this.#written));
    }
    this.#push(bytes);
    return undefined;
  }

  ready(): boolean {
    return this.checkWrite() !== 0;
  }

  wait(): Promise<void> {
    return this.#waiters.until(() => this.ready());
  }

  /** The message has a peer: what has been written goes out. */
  attach(sink: BodySink): void {
    this.#sink = sink;
    this.#pump();
    this.#count();
  }

  /** The message itself is gone. */
  disconnect(): void {
    this.#close();
  }

  /**
   * The message could not be sent. What the guest still writes is taken as long as it is little, so that a guest that
   * writes its body first comes to ask why.
   */
  abandon(): void {
    this.#abandoned = true;
    this.#waiters.wake();
  }

  finish(trailers: HeaderList | null): void {
    this.#end({ kind: 'finish', trailers });
  }

  abort(reason: string): void {
    this.#end({ kind: 'abort', reason });
  }

  #hasPlace(): boolean {
    return this.#queue.length < QUEUE_CHUNKS || this.#queuedBytes < QUEUE_BYTES;
  }

  #push(bytes: Uint8Array): void {
    if (bytes.length > 0) {
      this.#queue.push(bytes);
      this.#queuedBytes += bytes.length;
      this.#pump();
      this.#count();
    }
  }

  /** Bytes that went out at once have never been held. */
  #count(): void {
    const change = this.#queuedBytes - this.#counted;
    if (change !== 0) {
      this.#held?.().change(change);
      this.#counted = this.#queuedBytes;
    }
  }

  #end(ending: Ending): void {
    if (this.#ending === undefined) {
      this.#ending = ending;
      this.#pump();
    }
  }

  #close(): void {
    this.#closed = true;
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#count();
    this.#waiters.wake();
  }

  /** Moves on whatever can be moved now. */
  #pump(): void {
    const sink = this.#sink;
    if (sink === undefined) {
      return;
    }
    if (this.#ending?.kind === 'abort') {
      this.#sink = undefined;
      this.#close();
      sink.abort(this.#ending.reason);
      return;
    }
    if (this.#waitsForSink) {
      return;
    }
    let chunk = this.#queue[0];
    while (chunk !== undefined) {
      const room = sink.room();
      if (room === 0) {
        this.#awaitSink(sink);
        this.#waiters.wake();
        return;
      }
      if (typeof room !== 'number' || sink.write(chunk) !== undefined) {
        this.#sink = undefined;
        this.#close();
        return;
      }
      this.#queue.shift();
      this.#queuedBytes -= chunk.length;
      chunk = this.#queue[0];
    }
    if (this.#ending !== undefined) {
      this.#sink = undefined;
      sink.finish(this.#ending.trailers);
    } else if (typeof sink.room() !== 'number') {
      this.#close();
    }
    this.#waiters.wake();
  }

  #awaitSink(sink: BodySink): void {
    this.#waitsForSink = true;
    const resume = (): void => {
      this.#waitsForSink = false;
      this.#pump();
      this.#count();
    };
    // `wait` never rejects: errors are answers of `room` too.
    void sink.wait().then(resume);
  }
}
