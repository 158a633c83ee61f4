// A response of a guest going out as the host's ResponseOut (spin-contract.md §3.9, §7.2).
import { inspect } from 'node:util';
import type { BodySink, HeaderList, ResponseHead, ResponseOut } from '../../host/http/exchange.ts';
import { CLOSED, type StreamError } from '../../host/io/streams.ts';
import type { Reply } from './reply.ts';

/** What `check-write` offers at once while the client keeps up: wasmtime's chunk size (spec §3.9). */
const CHUNK_BYTES = 1_048_576;

/** A body up to this goes out with the head as one string; beyond it copying costs more than a further part. */
const MAX_WHOLE_BYTES = 16_384;

/** One response; `failed` hears why when the guest's answer cannot be sent, or not whole. */
export class OutgoingResponse implements ResponseOut {
  readonly #reply: Reply;
  readonly #failed: (reason: string) => void;

  constructor(reply: Reply, failed: (reason: string) => void) {
    this.#reply = reply;
    this.#failed = failed;
  }

  respond(head: ResponseHead, hasBody: boolean): BodySink {
    // hyper refuses to send an informational status as the final one: Spin's client gets 500 (golden "guest status 199").
    if (head.status < 200) {
      this.#failed(`the guest answered with status ${head.status}, which cannot be final`);
      return NO_BODY;
    }
    if (head.status > this.#reply.greatestStatus) {
      this.#failed(`the guest answered with status ${head.status}, which HTTP/2 does not have`);
      return NO_BODY;
    }
    if (this.#reply.over || this.#reply.headSent) {
      // The client has left, or has been told that it asks too much.
      return NO_BODY;
    }
    if (!hasBody) {
      this.#reply.head(head.status, head.headers, 0);
      this.#reply.end();
      return NO_BODY;
    }
    return new ResponseBody(this.#reply, head, this.#failed);
  }

  /** A response that is there to its end. */
  respondWhole(head: ResponseHead, chunks: readonly Uint8Array[], bytes: number): void {
    const sink = this.respond(head, true);
    if (sink instanceof ResponseBody && bytes <= MAX_WHOLE_BYTES) {
      sink.sendWhole(chunks, bytes);
      return;
    }
    for (const chunk of chunks) {
      sink.write(chunk);
    }
    sink.finish(null);
  }

  fail(errorCode: unknown): void {
    this.#failed(`the guest answered with error code ${describe(errorCode)}`);
  }
}

/** `internal-error 'what the guest says'`, in one line. */
function describe(errorCode: unknown): string {
  if (typeof errorCode !== 'object' || errorCode === null || !('tag' in errorCode)) {
    return String(errorCode);
  }
  const val = 'val' in errorCode ? errorCode.val : undefined;
  return val === undefined || val === null
    ? String(errorCode.tag)
    : `${String(errorCode.tag)} ${inspect(val, { breakLength: Infinity, compact: true })}`;
}

/** Takes nothing: the response is already whole, or was refused and the trigger answers in its place. */
const NO_BODY: BodySink = {
  ready: () => true,
  wait: async () => {},
  room: () => CLOSED,
  write: () => CLOSED,
  finish: () => {},
  abort: () => {},
};

/**
 * The head waits for the first bytes, so that both go out in one packet, but not beyond this turn of the event loop: a
 * guest may answer long before it has a body. A guest that fails before that leaves a response the trigger can still make.
 */
class ResponseBody implements BodySink {
  readonly #reply: Reply;
  readonly #head: ResponseHead;
  readonly #failed: (reason: string) => void;
  #aborted = false;

  constructor(reply: Reply, head: ResponseHead, failed: (reason: string) => void) {
    this.#reply = reply;
    this.#head = head;
    this.#failed = failed;
    setImmediate(() => this.#sendHead());
  }

  ready(): boolean {
    return this.#gone() || !this.#reply.full;
  }

  async wait(): Promise<void> {
    while (!this.ready()) {
      await this.#reply.drained();
    }
  }

  room(): number | StreamError {
    if (this.#gone()) {
      return CLOSED;
    }
    return this.#reply.full ? 0 : CHUNK_BYTES;
  }

  write(chunk: Uint8Array): StreamError | undefined {
    if (this.#gone()) {
      return CLOSED;
    }
    if (chunk.length > 0) {
      this.#begin();
      this.#reply.write(chunk);
    }
    return undefined;
  }

  finish(trailers: HeaderList | null): void {
    if (this.#gone()) {
      return;
    }
    this.#begin();
    this.#reply.end(trailers ?? []);
  }

  /** Before the head a status can still tell the client. */
  abort(reason: string): void {
    if (this.#gone()) {
      return;
    }
    this.#aborted = true;
    this.#failed(reason);
    if (this.#reply.headSent) {
      this.#reply.cut();
    }
  }

  /** The head goes out with the first bytes, where the protocol lets it wait. */
  #begin(): void {
    if (!this.#reply.headSent) {
      this.#reply.head(this.#head.status, this.#head.headers, undefined);
    }
  }

  #sendHead(): void {
    if (!this.#reply.headSent && !this.#gone()) {
      this.#begin();
      this.#reply.flush();
    }
  }

  sendWhole(chunks: readonly Uint8Array[], bytes: number): void {
    if (!this.#gone()) {
      this.#reply.sendWhole(this.#head, chunks, bytes);
    }
  }

  #gone(): boolean {
    return this.#aborted || this.#reply.over;
  }
}
