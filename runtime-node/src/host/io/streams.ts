// The streams and pollables behind wasi:io, as other capabilities implement them (spec/spin-runtime.md §3.10).
// Nothing here blocks: what cannot be answered now is awaited through `wait`, and the guest's stack is suspended.

/** Something a guest can wait for. */
export interface Readiness {
  /** True when the next operation gives an answer at once (data, end, error, room to write). */
  ready(): boolean;
  /** Resolves once `ready()`; never rejects, since errors are answers too. May be called by several waiters. */
  wait(): Promise<void>;
}

/** The wasi:io `pollable` resource. */
export class Pollable implements Readiness, Disposable {
  readonly #target: Readiness;
  readonly #onDrop: (() => void) | undefined;

  constructor(target: Readiness, onDrop?: () => void) {
    this.#target = target;
    this.#onDrop = onDrop;
  }

  ready(): boolean {
    return this.#target.ready();
  }

  wait(): Promise<void> {
    return this.#target.wait();
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

/** The `input-stream` resource. Dropping it with live pollables traps; the base class counts them. */
export abstract class InputStream implements Readiness, Disposable {
  abstract ready(): boolean;
  abstract wait(): Promise<void>;
  /** Up to `max` bytes that are here now, an empty array when there are none yet, or the error or end. */
  abstract read(max: number): Uint8Array | StreamError;
  abstract [Symbol.dispose](): void;
}

/** The `output-stream` resource. */
export abstract class OutputStream implements Readiness, Disposable {
  /** Ready when `checkWrite` gives a number above 0 or an error, and no flush is pending. */
  abstract ready(): boolean;
  abstract wait(): Promise<void>;
  /** Bytes that may be written now without waiting; 0 when the guest must wait. */
  abstract checkWrite(): number | StreamError;
  /** Takes the bytes; the caller has checked the budget. The array is the stream's to keep. */
  abstract write(bytes: Uint8Array): StreamError | undefined;
  /** Begins a flush; `ready()` is false until it has finished. */
  abstract flush(): StreamError | undefined;
  abstract [Symbol.dispose](): void;
}
