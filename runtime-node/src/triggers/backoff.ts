// How long to wait before another attempt to reach a broker: at first almost nothing, in the end half a minute.

const FIRST_MS = 250;
/** Who mends a broker does not want to wait for longer than this. */
const MOST_MS = 30_000;
/** Whoever stayed this long was there; less may be a broker that takes connections and drops them. */
const STAYED_MS = 10_000;

export class Backoff {
  readonly #random: () => number;
  #nextMs = FIRST_MS;

  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** `stayedMs`: how long the last attempt was good for. Many who lost one broker do not come back all at once. */
  next(stayedMs: number): number {
    const base = stayedMs >= STAYED_MS ? FIRST_MS : this.#nextMs;
    this.#nextMs = Math.min(base * 2, MOST_MS);
    return base * (0.5 + this.#random() / 2);
  }
}
