// What ends one exchange before its time: its caller, its deadline, or the end of the whole transport. Whichever comes first
// is what its caller is told.
import type { Clock } from '../clock.ts';
import { TransportError } from './errors.ts';

export class Exchange {
  readonly #controller = new AbortController();
  readonly #caller: AbortSignal | undefined;
  #cancelDeadline: () => void;
  readonly #onEnd: (exchange: Exchange) => void;

  /** `onEnd` may be called again. */
  constructor(clock: Clock, deadlineMs: number, caller: AbortSignal | undefined, onEnd: (exchange: Exchange) => void) {
    caller?.throwIfAborted();
    this.#onEnd = onEnd;
    this.#caller = caller;
    this.#cancelDeadline = clock.after(deadlineMs, () =>
      this.end(new TransportError('deadline', `no answer from the API server in ${deadlineMs / 1000} s`)),
    );
    caller?.addEventListener('abort', this.#onCallerAbort, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The head is there: from now on it may take its time. */
  dropDeadline(): void {
    this.#cancelDeadline();
  }

  end(reason: unknown): void {
    this.release();
    this.#controller.abort(reason);
  }

  /** Nothing more to give up. */
  release(): void {
    this.#cancelDeadline();
    this.#caller?.removeEventListener('abort', this.#onCallerAbort);
    this.#onEnd(this);
  }

  /** Waits for what others may be waiting for too, and so is not given up itself. */
  async within<T>(ask: () => Promise<T>): Promise<T> {
    this.signal.throwIfAborted();
    const { promise, reject } = Promise.withResolvers<never>();
    const onAbort = (): void => reject(this.signal.reason);
    this.signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await Promise.race([ask(), promise]);
    } finally {
      this.signal.removeEventListener('abort', onAbort);
    }
  }

  readonly #onCallerAbort = (): void => this.end(this.#caller?.reason);
}
