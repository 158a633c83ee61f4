// A clock that stands still until the test moves it.
import { MAX_TIMEOUT_MS, type Clock, type Datetime } from '../wasi-clocks/clock.ts';

const NANOSECONDS_PER_MILLISECOND = 1_000_000n;

export class FakeClock implements Clock {
  #now = 1_000_000_000n;
  readonly #timeouts = new Map<object, { readonly at: bigint; readonly ring: () => void }>();

  /** How many timeouts run. */
  get running(): number {
    return this.#timeouts.size;
  }

  monotonic(): bigint {
    return this.#now;
  }

  wall(): Datetime {
    return { seconds: this.#now / 1_000_000_000n, nanoseconds: Number(this.#now % 1_000_000_000n) };
  }

  after(milliseconds: number, ring: () => void): () => void {
    if (milliseconds > MAX_TIMEOUT_MS) {
      throw new RangeError('Node would take this delay for 1 ms');
    }
    const key = {};
    this.#timeouts.set(key, { at: this.#now + BigInt(milliseconds) * NANOSECONDS_PER_MILLISECOND, ring });
    return () => this.#timeouts.delete(key);
  }

  /** Moves time and calls what came due, in order. */
  advance(nanoseconds: bigint): void {
    const until = this.#now + nanoseconds;
    for (;;) {
      const [next] = [...this.#timeouts]
        .filter(([, { at }]) => at <= until)
        .toSorted(([, a], [, b]) => Number(a.at - b.at));
      if (next === undefined) {
        break;
      }
      const [key, { at, ring }] = next;
      this.#timeouts.delete(key);
      this.#now = at > this.#now ? at : this.#now;
      ring();
    }
    this.#now = until;
  }
}
