// The streams and pollables behind wasi:io, as other capabilities implement them (spin-contract.md §3.10).
// Nothing here blocks: what cannot be answered now is awaited through `wait`, and the guest's stack is suspended.
import { Trap } from '../../component/index.ts';

/** Something a guest can wait for. */
export interface Readiness {
  /** True when the next operation gives an answer at once (data, end, error, room to write). */
  ready(): boolean;
  /** Resolves once `ready()`; never rejects, since errors are answers too. May be called by several waiters. */
  wait(): Promise<void>;
}

/** The wasi:io `pollable` resource. */
export class Pollable implements Readiness, Disposable {
  /** What it stands for; several pollables of one target share their wait (wake.ts). */
  readonly target: Readiness;
  readonly #onDrop: (() => void) | undefined;

  constructor(target: Readiness, onDrop?: () => void) {
    this.target = target;
    this.#onDrop = onDrop;
  }

  ready(): boolean {
    return this.target.ready();
  }

  wait(): Promise<void> {
    return this.target.wait();
  }

  [Symbol.dispose](): void {
    this.#onDrop?.();
  }
}

/** The wasi:io `error` resource; `httpErrorCode` is a wasi:http error-code when the error came from there. */
export class IoError {
  readonly message: string;
  readonly httpErrorCode: unknown;

  constructor(message: string, httpErrorCode?: unknown) {
    this.message = message;
    this.httpErrorCode = httpErrorCode;
  }
}

export type StreamError = { readonly tag: 'last-operation-failed'; readonly val: IoError } | { readonly tag: 'closed' };

/** The answer of every operation on a stream that has ended. */
export const CLOSED: StreamError = { tag: 'closed' };

/** A resource that pollables are made of; it may not be dropped while one of them lives (child resource rule). */
export abstract class PollableSource implements Readiness {
  #pollables = 0;

  abstract ready(): boolean;
  abstract wait(): Promise<void>;

  subscribe(): Pollable {
    this.#pollables += 1;
    return new Pollable(this, () => {
      this.#pollables -= 1;
    });
  }

  /** For `[Symbol.dispose]` of a subclass, after it has let go of what it holds: that must happen in any case. */
  protected trapOnLivePollables(): void {
    if (this.#pollables > 0) {
      throw new Trap('a resource was dropped while a pollable of it was alive');
    }
  }
}

/** The `input-stream` resource. Dropping it with live pollables traps; the base class counts them. */
export abstract class InputStream extends PollableSource implements Disposable {
  /** Up to `max` bytes that are here now, an empty array when there are none yet, or the error or end. */
  abstract read(max: number): Uint8Array | StreamError;
  abstract [Symbol.dispose](): void;
}

/** The `output-stream` resource. */
export abstract class OutputStream extends PollableSource implements Disposable {
  /** Ready when `checkWrite` gives a number above 0 or an error, and no flush is pending. */
  abstract override ready(): boolean;
  /** Bytes that may be written now without waiting; 0 when the guest must wait. */
  abstract checkWrite(): number | StreamError;
  /** Takes the bytes; the caller has checked the budget. The array is the stream's to keep. */
  abstract write(bytes: Uint8Array): StreamError | undefined;
  /** Begins a flush; `ready()` is false until it has finished. */
  abstract flush(): StreamError | undefined;
  abstract [Symbol.dispose](): void;
}
