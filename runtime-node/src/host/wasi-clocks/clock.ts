// Time as the clocks capability uses it, given as an argument so that tests can move it.

export interface Datetime {
  readonly seconds: bigint;
  readonly nanoseconds: number;
}

export interface Clock {
  /** Nanoseconds since some fixed moment; never goes back. */
  monotonic(): bigint;
  wall(): Datetime;
  /** Calls `then` once after about `milliseconds`, which are at most MAX_TIMEOUT_MS; the result cancels it. */
  after(milliseconds: number, then: () => void): () => void;
}

/** Node takes a longer delay for 1 ms. */
export const MAX_TIMEOUT_MS = 2 ** 31 - 1;

const NANOSECONDS_PER_SECOND = 1_000_000_000n;

export const systemClock: Clock = {
  monotonic: () => process.hrtime.bigint(),
  wall() {
    // Date.now() has only milliseconds.
    const now = Temporal.Now.instant().epochNanoseconds;
    return { seconds: now / NANOSECONDS_PER_SECOND, nanoseconds: Number(now % NANOSECONDS_PER_SECOND) };
  },
  after(milliseconds, then) {
    const timeout = setTimeout(then, milliseconds);
    return () => clearTimeout(timeout);
  },
};
