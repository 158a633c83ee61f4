// What a guest on trial sends and prints: kept until the call is known to stand, passed through from then on.
import type { Stdio } from '../../host/guest.ts';
import type { BodySink, HeaderList, ResponseHead, ResponseOut } from '../../host/http/exchange.ts';
import type { StreamError } from '../../host/io/streams.ts';

/** A guest that sends more has to wait for its client now and then, so it cannot stay on trial. */
const TRIAL_BYTES = 65_536;

/** What `check-write` offers at once (spin-contract.md §3.9). */
const CHUNK_BYTES = 1_048_576;

export class StagedOutput implements ResponseOut, BodySink {
  readonly #printed: [Stdio, Uint8Array][] = [];
  /** In the order in which they happened. */
  readonly #steps: ((out: ResponseOut) => void)[] = [];
  readonly #released = Promise.withResolvers<void>();
  #bytes = 0;
  #whole = false;
  /** Where the body goes, once the head has been sent for good. */
  #sink: BodySink | undefined;

  /** Whether the response is there to its end. */
  get whole(): boolean {
    return this.#whole;
  }

  readonly log = (stream: Stdio, bytes: Uint8Array): void => {
    this.#printed.push([stream, bytes]);
  };

  respond(head: ResponseHead, hasBody: boolean): BodySink {
    this.#whole = !hasBody;
    this.#steps.push((out) => {
      this.#sink = out.respond(head, hasBody);
    });
    return this;
  }

  fail(errorCode: unknown): void {
    this.#steps.push((out) => out.fail(errorCode));
  }

  ready(): boolean {
    return this.#sink?.ready() ?? this.#bytes < TRIAL_BYTES;
  }

  async wait(): Promise<void> {
    await this.#released.promise;
    await this.#sink?.wait();
  }

  room(): number | StreamError {
    return this.#sink?.room() ?? (this.#bytes < TRIAL_BYTES ? CHUNK_BYTES : 0);
  }

  write(chunk: Uint8Array): StreamError | undefined {
    this.#bytes += chunk.length;
    return this.#now((sink) => sink.write(chunk));
  }

  finish(trailers: HeaderList | null): void {
    this.#whole = true;
    this.#now((sink) => sink.finish(trailers));
  }

  abort(reason: string): void {
    this.#now((sink) => sink.abort(reason));
  }

  /** The call is not made again: what it printed is real. */
  releaseLog(log: (stream: Stdio, bytes: Uint8Array) => void): void {
    for (const [stream, bytes] of this.#printed) {
      log(stream, bytes);
    }
  }

  /** The response stands. */
  releaseResponse(out: ResponseOut): void {
    for (const step of this.#steps) {
      step(out);
    }
    this.#released.resolve();
  }

  /** At once when released, else then. */
  #now<T>(act: (sink: BodySink) => T): T | undefined {
    if (this.#sink !== undefined) {
      return act(this.#sink);
    }
    this.#steps.push(() => {
      if (this.#sink !== undefined) {
        act(this.#sink);
      }
    });
    return undefined;
  }
}
