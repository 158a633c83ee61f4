// The `outgoing-body` resource: written through one stream, then finished; dropped unfinished it cuts the message
// (spin-contract.md §3.10).
import { err, ok, Trap, type Result } from '../../../component/index.ts';
import type { Held } from '../../held-bytes.ts';
import { CLOSED, OutputStream, type StreamError } from '../../io/streams.ts';
import type { ErrorCode } from '../error-code.ts';
import { BodyPipe } from './body-pipe.ts';
import type { Fields } from './fields.ts';
import { normalContentLength } from './header-syntax.ts';

export type MessageKind = 'request' | 'response';

export class OutgoingBody implements Disposable {
  readonly #kind: MessageKind;
  /** The host's end. */
  readonly pipe: BodyPipe;
  #stream: BodyOutputStream | undefined;

  /** `length`: what `content-length` declares; `held` counts what waits to be sent. */
  constructor(kind: MessageKind, length: number | undefined, held?: Held) {
    this.#kind = kind;
    this.pipe = new BodyPipe(length, (written) => sizeError(kind, written), held);
  }

  write(): Result<OutputStream, undefined> {
    if (this.#stream !== undefined) {
      return err(undefined);
    }
    this.#stream = new BodyOutputStream(this.pipe);
    return ok(this.#stream);
  }

  finish(trailers: Fields | undefined): Result<undefined, ErrorCode> {
    this.#trapOnLiveStream();
    if (!this.pipe.complete) {
      this.pipe.abort('the body is not as long as its content-length says');
      return err(sizeError(this.#kind, this.pipe.written));
    }
    this.pipe.finish(trailers === undefined ? null : trailers.toHeaderList());
    return ok(undefined);
  }

  [Symbol.dispose](): void {
    this.pipe.abort('the guest dropped the body before it was finished');
    this.#trapOnLiveStream();
  }

  #trapOnLiveStream(): void {
    if (this.#stream?.live === true) {
      // A body to be finished is no longer the guest's to drop.
      this.pipe.abort('the guest finished the body before its stream');
      throw new Trap('an outgoing-body was dropped or finished while its stream was alive');
    }
  }
}

class BodyOutputStream extends OutputStream {
  readonly #pipe: BodyPipe;
  live = true;

  constructor(pipe: BodyPipe) {
    super();
    this.#pipe = pipe;
  }

  override ready(): boolean {
    return this.#pipe.ready();
  }

  override wait(): Promise<void> {
    return this.#pipe.wait();
  }

  override checkWrite(): number | StreamError {
    return this.#pipe.checkWrite();
  }

  override write(bytes: Uint8Array): StreamError | undefined {
    return this.#pipe.write(bytes);
  }

  /** Nothing is held back here, so there is nothing to wait for. */
  override flush(): StreamError | undefined {
    return typeof this.#pipe.checkWrite() === 'number' ? undefined : CLOSED;
  }

  override [Symbol.dispose](): void {
    this.live = false;
    this.trapOnLivePollables();
  }
}

function sizeError(kind: MessageKind, written: number): ErrorCode {
  return { tag: kind === 'request' ? 'HTTP-request-body-size' : 'HTTP-response-body-size', val: BigInt(written) };
}

/** What `content-length` declares; nothing when absent, an error when it is not one number. */
export function declaredLength(headers: Fields): Result<number | undefined, undefined> {
  const [text, ...more] = headers.texts('content-length');
  if (text === undefined) {
    return ok(undefined);
  }
  const length = more.length === 0 ? normalContentLength(text) : undefined;
  // Beyond 2^53 the number is inexact, but no body ever gets there.
  return length === undefined ? err(undefined) : ok(Number(length));
}
