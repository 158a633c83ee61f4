// A peer for tests: a ResponseOut and its BodySink that keep what they get and read only as much as the test says.
import { CLOSED, type StreamError } from '../../io/streams.ts';
import type { BodySink, HeaderList, ResponseHead, ResponseOut } from '../exchange.ts';

export class RecordingSink implements BodySink {
  readonly chunks: Uint8Array[] = [];
  finished = false;
  trailers: HeaderList | null = null;
  aborted: string | undefined;
  #gone = false;
  #appetite: number;
  #waiters: (() => void)[] = [];

  /** Takes `appetite` chunks and then none until `read` is called. */
  constructor(appetite = Number.POSITIVE_INFINITY) {
    this.#appetite = appetite;
  }

  get text(): string {
    return Buffer.concat(this.chunks).toString('latin1');
  }

  /** Lets it take more chunks. */
  read(chunks: number): void {
    this.#appetite += chunks;
    this.#wake();
  }

  /** The peer goes away. */
  disconnect(): void {
    this.#gone = true;
    this.#wake();
  }

  ready(): boolean {
    return this.room() !== 0;
  }

  async wait(): Promise<void> {
    while (!this.ready()) {
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
    }
  }

  room(): number | StreamError {
    if (this.#gone) {
      return CLOSED;
    }
    return this.#appetite > 0 ? 1 : 0;
  }

  write(chunk: Uint8Array): StreamError | undefined {
    if (this.#gone) {
      return CLOSED;
    }
    this.#appetite -= 1;
    this.chunks.push(chunk);
    return undefined;
  }

  finish(trailers: HeaderList | null): void {
    this.finished = true;
    this.trailers = trailers;
  }

  abort(reason: string): void {
    this.aborted = reason;
  }

  #wake(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) {
      waiter();
    }
  }
}

export class RecordingResponse implements ResponseOut {
  readonly sink: RecordingSink;
  head: ResponseHead | undefined;
  hasBody: boolean | undefined;
  failure: unknown;

  constructor(sink = new RecordingSink()) {
    this.sink = sink;
  }

  respond(head: ResponseHead, hasBody: boolean): BodySink {
    this.head = head;
    this.hasBody = hasBody;
    return this.sink;
  }

  fail(errorCode: unknown): void {
    this.failure = errorCode;
  }
}
