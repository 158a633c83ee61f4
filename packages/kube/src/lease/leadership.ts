// A term as leader: who writes asks it each time, because a process that was paused may have lost it without knowing
// (kube-client 19).
import type { Clock } from '../clock.ts';

export class NotLeader extends Error {
  override readonly name = 'NotLeader';
  /** Another process leads now. */
  readonly retry = 'no';
}

/** What writers may know of it. */
export interface Leadership {
  /** By the clock and at this moment. */
  isHeld(): boolean;
  /** Milliseconds until it ends if it is not renewed. */
  remainingMs(): number;
  /** Aborts when it ends, with a NotLeader. */
  readonly signal: AbortSignal;
}

export class Term implements Leadership {
  readonly #clock: Clock;
  readonly #lengthMs: number;
  readonly #controller = new AbortController();
  readonly #onExpiry: () => void;
  #ends: number;
  #cancelExpiry: () => void;

  /** `renewedAt` is when the request that won it was sent: the lease runs from then on, if not later. */
  constructor(clock: Clock, lengthMs: number, renewedAt: number, onExpiry: () => void) {
    this.#clock = clock;
    this.#lengthMs = lengthMs;
    this.#onExpiry = onExpiry;
    this.#ends = renewedAt + lengthMs;
    this.#cancelExpiry = this.#expireLater();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  isHeld(): boolean {
    return this.remainingMs() > 0;
  }

  remainingMs(): number {
    return this.signal.aborted ? 0 : Math.max(0, this.#ends - this.#clock.now());
  }

  renewed(at: number): void {
    this.#cancelExpiry();
    this.#ends = at + this.#lengthMs;
    this.#cancelExpiry = this.#expireLater();
  }

  end(why: string): void {
    this.#cancelExpiry();
    this.#controller.abort(new NotLeader(why));
  }

  #expireLater(): () => void {
    return this.#clock.after(this.#ends - this.#clock.now(), this.#onExpiry);
  }
}
