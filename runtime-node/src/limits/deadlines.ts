// Deadlines of many requests that all have the same time: they fall due in the order in which they began, so a list and
// one timer do for all of them, and a request costs a link in the list. Only says that time is up; what becomes of the
// call is its owner's.

/** Time as deadlines use it, given as an argument so that tests can move it. */
export interface DeadlineClock {
  /** Milliseconds since some fixed moment; never goes back. */
  now(): number;
  /** Calls `then` once after about `milliseconds`, which are at most MAX_DELAY_MS; the result cancels it. */
  after(milliseconds: number, then: () => void): () => void;
}

/** Node takes a longer delay for 1 ms. */
export const MAX_DELAY_MS = 2 ** 31 - 1;

export const systemDeadlineClock: DeadlineClock = {
  now: () => performance.now(),
  after(milliseconds, then) {
    const timeout = setTimeout(then, milliseconds);
    // A request keeps the process alive by its connection, not by its deadline.
    timeout.unref();
    return () => clearTimeout(timeout);
  },
};

interface Entry {
  readonly at: number;
  readonly onExpire: () => void;
  listed: boolean;
  earlier: Entry | undefined;
  later: Entry | undefined;
}

export class Deadlines {
  readonly #milliseconds: number;
  readonly #clock: DeadlineClock;
  #first: Entry | undefined;
  #last: Entry | undefined;
  #cancelTimer: (() => void) | undefined;

  constructor(milliseconds: number, clock: DeadlineClock = systemDeadlineClock) {
    this.#milliseconds = milliseconds;
    this.#clock = clock;
  }

  /** Calls `onExpire`, which must not throw, when the time is up, unless the answer was called before. */
  add(onExpire: () => void): () => void {
    const entry: Entry = {
      at: this.#clock.now() + this.#milliseconds,
      onExpire,
      listed: true,
      earlier: this.#last,
      later: undefined,
    };
    if (this.#last === undefined) {
      this.#first = entry;
    } else {
      this.#last.later = entry;
    }
    this.#last = entry;
    if (this.#cancelTimer === undefined) {
      this.#arm();
    }
    return () => this.#remove(entry);
  }

  /** Nothing expires any more. */
  close(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    while (this.#first !== undefined) {
      this.#remove(this.#first);
    }
  }

  /** The timer runs on when the list gets empty: most requests end in time, and the next one will want it. */
  #remove(entry: Entry): void {
    if (!entry.listed) {
      return;
    }
    entry.listed = false;
    if (entry.earlier === undefined) {
      this.#first = entry.later;
    } else {
      entry.earlier.later = entry.later;
    }
    if (entry.later === undefined) {
      this.#last = entry.earlier;
    } else {
      entry.later.earlier = entry.earlier;
    }
  }

  #arm(): void {
    if (this.#first !== undefined) {
      // Whole, since Node cuts fractions off and would ring early.
      const wait = Math.ceil(this.#first.at - this.#clock.now());
      this.#cancelTimer = this.#clock.after(Math.min(Math.max(wait, 1), MAX_DELAY_MS), () => this.#ring());
    }
  }

  #ring(): void {
    this.#cancelTimer = undefined;
    try {
      const now = this.#clock.now();
      while (this.#first !== undefined && this.#first.at <= now) {
        const due = this.#first;
        this.#remove(due);
        due.onExpire();
      }
    } finally {
      if (this.#cancelTimer === undefined) {
        this.#arm();
      }
    }
  }
}
