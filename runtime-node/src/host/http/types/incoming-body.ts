// The `incoming-body` resource and its `future-trailers`: a body received, read once, then its trailers
// (spin-contract.md §3.10).
import { err, ok, Trap, type Result } from '../../../component/index.ts';
import { InputStream, PollableSource, type StreamError } from '../../io/streams.ts';
import type { ErrorCode } from '../error-code.ts';
import type { IncomingBody as ReceivedBody } from '../exchange.ts';
import { Fields } from './fields.ts';

export class IncomingBody implements Disposable {
  readonly #received: ReceivedBody;
  #stream: BodyInputStream | undefined;
  #finished = false;

  constructor(received: ReceivedBody) {
    this.#received = received;
  }

  stream(): Result<InputStream, undefined> {
    if (this.#stream !== undefined) {
      return err(undefined);
    }
    this.#stream = new BodyInputStream(this.#received.stream);
    return ok(this.#stream);
  }

  /** Throws away what was not read, so that the trailers can come. */
  finish(): FutureTrailers {
    this.#finished = true;
    this.#received.stream[Symbol.dispose]();
    this.#trapOnLiveStream();
    return new FutureTrailers(this.#received);
  }

  [Symbol.dispose](): void {
    if (this.#finished) {
      return;
    }
    cancel(this.#received);
    this.#trapOnLiveStream();
  }

  #trapOnLiveStream(): void {
    if (this.#stream?.live === true) {
      throw new Trap('an incoming-body was dropped or finished while its stream was alive');
    }
  }
}

/** The guest's view of the stream: dropping it leaves the body, whose trailers may still be wanted. */
class BodyInputStream extends InputStream {
  readonly #inner: InputStream;
  live = true;

  constructor(inner: InputStream) {
    super();
    this.#inner = inner;
  }

  override ready(): boolean {
    return this.#inner.ready();
  }

  override wait(): Promise<void> {
    return this.#inner.wait();
  }

  override read(max: number): Uint8Array | StreamError {
    return this.#inner.read(max);
  }

  override [Symbol.dispose](): void {
    this.live = false;
    this.trapOnLivePollables();
  }
}

type Trailers = Result<Fields | undefined, ErrorCode>;

export class FutureTrailers extends PollableSource implements Disposable {
  readonly #received: ReceivedBody;
  #taken = false;

  constructor(received: ReceivedBody) {
    super();
    this.#received = received;
  }

  override ready(): boolean {
    return this.#taken || this.#received.trailers.ready();
  }

  override wait(): Promise<void> {
    return this.#received.trailers.wait();
  }

  /** Nothing while they are on their way, the trailers once, then an error. */
  get(): Result<Trailers, undefined> | undefined {
    if (this.#taken) {
      return err(undefined);
    }
    if (!this.#received.trailers.ready()) {
      return undefined;
    }
    this.#taken = true;
    const value = this.#received.trailers.value();
    if (value.tag === 'err') {
      return ok(err(value.val as ErrorCode));
    }
    return ok(ok(value.val === null ? undefined : Fields.received(value.val)));
  }

  [Symbol.dispose](): void {
    if (!this.#received.trailers.ready()) {
      cancel(this.#received);
    }
    this.trapOnLivePollables();
  }
}

/** Nobody will read the rest of a body. */
export function cancel(received: ReceivedBody): void {
  if (received.cancel === undefined) {
    received.stream[Symbol.dispose]();
  } else {
    received.cancel();
  }
}
