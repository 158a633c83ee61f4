// What the pollables of monotonic-clock wait for. A timeout runs only while somebody waits, and none survives the
// drop of its pollable or the end of the call.
import type { Guest } from '../guest.ts';
import { Pollable, type Readiness } from '../io/streams.ts';
import { MAX_TIMEOUT_MS, type Clock } from './clock.ts';

const NANOSECONDS_PER_MILLISECOND = 1_000_000n;
const ALARMS = Symbol('wasi-clocks alarms');

/** A pollable that is ready from `deadline` on. */
export function timerPollable(clock: Clock, guest: Guest, deadline: bigint): Pollable {
  const timer = new Timer(clock, guest, deadline);
  return new Pollable(timer, () => timer.stop());
}

class Timer implements Readiness {
  readonly #clock: Clock;
  readonly #guest: Guest;
  readonly #deadline: bigint;
  #due: Promise<void> | undefined;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, guest: Guest, deadline: bigint) {
    this.#clock = clock;
    this.#guest = guest;
    this.#deadline = deadline;
  }

  ready(): boolean {
    return this.#clock.monotonic() >= this.#deadline;
  }

  wait(): Promise<void> {
    this.#due ??= new Promise((resolve) => {
      if (alarmsOf(this.#guest).add(this)) {
        this.#sleep(resolve);
      }
    });
    return this.#due;
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    if (this.#due !== undefined) {
      alarmsOf(this.#guest).delete(this);
    }
  }

  /** In several pieces when the deadline is far, and once more when Node woke us a little early. */
  #sleep(done: () => void): void {
    const remaining = this.#deadline - this.#clock.monotonic();
    if (remaining <= 0n) {
      this.stop();
      done();
      return;
    }
    const milliseconds = (remaining + NANOSECONDS_PER_MILLISECOND - 1n) / NANOSECONDS_PER_MILLISECOND;
    const piece = milliseconds > MAX_TIMEOUT_MS ? MAX_TIMEOUT_MS : Number(milliseconds);
    this.#cancel = this.#clock.after(piece, () => this.#sleep(done));
  }
}

/** The timers that run in one call, stopped together when it is aborted: one listener, however many timers. */
class Alarms {
  readonly #running = new Set<Timer>();
  readonly #signal: AbortSignal;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener('abort', () => this.#stopAll(), { once: true });
  }

  /** False when the call is over, so that no timer may start. */
  add(timer: Timer): boolean {
    if (this.#signal.aborted) {
      return false;
    }
    this.#running.add(timer);
    return true;
  }

  delete(timer: Timer): void {
    this.#running.delete(timer);
  }

  #stopAll(): void {
    for (const timer of this.#running) {
      timer.stop();
    }
  }
}

const alarmsOf = (guest: Guest): Alarms => guest.state(ALARMS, () => new Alarms(guest.call.signal));
