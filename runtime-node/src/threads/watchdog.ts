// The supervisor's half of the watch over one thread: decides from what the thread tells, and from the time, whether
// to ask its guest to stop, and whether the thread has stopped to serve. Decides only; the supervisor acts.

/** What the supervisor reads of a thread (shared-beat.ts). */
export interface Beat {
  readonly run: number;
  readonly turn: number;
  readonly deadline: number;
}

export interface Verdict {
  /** Ask the guest of this run to stop. */
  readonly interrupt?: number;
  /** Send this ping; the thread's event loop answers by its `turn`. */
  readonly ping?: number;
  /** For so long the event loop has not turned: replace the thread. */
  readonly stalledMs?: number;
}

export interface WatchTimes {
  readonly stallMs: number;
  /** Between two looks. */
  readonly tickMs: number;
}

/** Often enough for twice the limit to hold by far, seldom enough to cost an idle process nothing worth naming. */
const LOOKS_PER_LIMIT = 4;
const MIN_TICK_MS = 5;
const MAX_TICK_MS = 1000;

/** `limits` in milliseconds; undefined ones do not count. */
export function tickFor(limits: readonly (number | undefined)[]): number {
  const shortest = Math.min(...limits.map((limit) => limit ?? Infinity));
  return Math.min(Math.max(Math.floor(shortest / LOOKS_PER_LIMIT), MIN_TICK_MS), MAX_TICK_MS);
}

export class Watchdog {
  #times: WatchTimes;
  #last: { readonly at: number; readonly run: number } | undefined;
  #pings = 0;
  /** Since the ping that has no answer yet. */
  #waited: number | undefined;

  constructor(times: WatchTimes) {
    this.#times = times;
  }

  look(now: number, { run, turn, deadline }: Beat): Verdict {
    const { stallMs, tickMs } = this.#times;
    // When the supervisor itself was held up, as by a machine that slept, so was the thread.
    const passed = this.#last === undefined ? 0 : Math.min(now - this.#last.at, 2 * tickMs);
    const active = isRunning(run) || run !== this.#last?.run;
    this.#last = { at: now, run };
    if (turn === this.#pings) {
      this.#waited = undefined;
    }
    if (this.#waited !== undefined) {
      this.#waited += passed;
      if (this.#waited >= stallMs) {
        return { stalledMs: this.#waited };
      }
    }
    const ping = this.#waited === undefined && active ? { ping: this.#nextPing() } : {};
    return isRunning(run) && now >= deadline ? { ...ping, interrupt: run } : ping;
  }

  /** A stall counts sooner from now on. */
  hurry(stallMs: number): void {
    this.#times = { ...this.#times, stallMs: Math.min(this.#times.stallMs, stallMs) };
  }

  #nextPing(): number {
    this.#waited = 0;
    this.#pings = (this.#pings + 1) | 0;
    return this.#pings;
  }
}

export const isRunning = (run: number): boolean => (run & 1) === 1;
