// What a guest on trial sends and prints: kept until the call is known to stand, passed through from then on.
import { MustSuspend } from '../../component/index.ts';
import type { Stdio } from '../../host/guest.ts';
import type { BodySink, HeaderList, ResponseHead, ResponseOut } from '../../host/http/exchange.ts';
import type { StreamError } from '../../host/io/streams.ts';

/** A guest that sends more has to wait for its client now and then, and one that prints more is not held back for long:
 * neither can stay on trial. */
const TRIAL_BYTES = 65_536;

/** What `check-write` offers at once (spin-contract.md §3.9). */
const CHUNK_BYTES = 1_048_576;

type Answer =
  | { readonly kind: 'response'; readonly head: ResponseHead; readonly hasBody: boolean }
  | { readonly kind: 'failure'; readonly errorCode: unknown };

type Ending =
  | { readonly kind: 'finish'; readonly trailers: HeaderList | null }
  | { readonly kind: 'abort'; readonly reason: string };

/** Where it goes in the end. */
export interface TriggerResponse extends ResponseOut {
  /** A response with a body and no trailers that is there to its end; `bytes` is the length of all chunks. */
  respondWhole(head: ResponseHead, chunks: readonly Uint8Array[], bytes: number): void;
}

export class StagedOutput implements ResponseOut, BodySink {
  #printed: [Stdio, Uint8Array][] | undefined;
  #printedBytes = 0;
  #answer: Answer | undefined;
  readonly #chunks: Uint8Array[] = [];
  #bytes = 0;
  #ending: Ending | undefined;
  #waiting: PromiseWithResolvers<void> | undefined;
  /** Where the body goes, once the head has been sent for good. */
  #sink: BodySink | undefined;

  /** Whether the response is there to its end. */
  get whole(): boolean {
    return this.#answer?.kind === 'response' && (!this.#answer.hasBody || this.#ending?.kind === 'finish');
  }

  readonly log = (stream: Stdio, bytes: Uint8Array): void => {
    this.#printedBytes += bytes.length;
    if (this.#printedBytes > TRIAL_BYTES) {
      throw new MustSuspend(`printing more than ${TRIAL_BYTES} bytes`);
    }
    this.#printed ??= [];
    this.#printed.push([stream, bytes]);
  };

  respond(head: ResponseHead, hasBody: boolean): BodySink {
    this.#answer = { kind: 'response', head, hasBody };
    return this;
  }

  fail(errorCode: unknown): void {
    this.#answer = { kind: 'failure', errorCode };
  }

  ready(): boolean {
    return this.#sink?.ready() ?? this.#bytes < TRIAL_BYTES;
  }

  async wait(): Promise<void> {
    this.#waiting ??= Promise.withResolvers();
    await this.#waiting.promise;
    await this.#sink?.wait();
  }

  room(): number | StreamError {
    return this.#sink?.room() ?? (this.#bytes < TRIAL_BYTES ? CHUNK_BYTES : 0);
  }

  write(chunk: Uint8Array): StreamError | undefined {
    if (this.#sink !== undefined) {
      return this.#sink.write(chunk);
    }
    this.#bytes += chunk.length;
    this.#chunks.push(chunk);
    return undefined;
  }

  finish(trailers: HeaderList | null): void {
    this.#end({ kind: 'finish', trailers });
  }

  abort(reason: string): void {
    this.#end({ kind: 'abort', reason });
  }

  /** The call is not made again: what it printed is real. */
  releaseLog(log: (stream: Stdio, bytes: Uint8Array) => void): void {
    for (const [stream, bytes] of this.#printed ?? []) {
      log(stream, bytes);
    }
  }

  /** The response stands. */
  releaseResponse(out: TriggerResponse): void {
    const answer = this.#answer;
    if (answer?.kind === 'failure') {
      out.fail(answer.errorCode);
    } else if (answer?.hasBody === true && this.#ending?.kind === 'finish' && this.#ending.trailers === null) {
      out.respondWhole(answer.head, this.#chunks, this.#bytes);
    } else if (answer !== undefined) {
      const sink = out.respond(answer.head, answer.hasBody);
      if (answer.hasBody) {
        this.#sink = sink;
        for (const chunk of this.#chunks) {
          sink.write(chunk);
        }
        if (this.#ending !== undefined) {
          end(sink, this.#ending);
        }
      }
    }
    this.#waiting?.resolve();
  }

  #end(ending: Ending): void {
    this.#ending = ending;
    if (this.#sink !== undefined) {
      end(this.#sink, ending);
    }
  }
}

function end(sink: BodySink, ending: Ending): void {
  if (ending.kind === 'finish') {
    sink.finish(ending.trailers);
  } else {
    sink.abort(ending.reason);
  }
}
