// A clock that moves only when somebody waits for it, and then at once to the time that is waited for: the same run
// takes the same time each time, and no time at all.
import type { Clock, Datetime } from '../../runtime-node/src/host/wasi-clocks/clock.ts';

interface Alarm {
  readonly at: bigint;
  readonly ring: () => void;
}

export class JumpingClock implements Clock {
  #now = 1_000_000_000n;
  #alarms: Alarm[] = [];

  monotonic(): bigint {
    return this.#now;
  }

  wall(): Datetime {
    return { seconds: this.#now / 1_000_000_000n, nanoseconds: Number(this.#now % 1_000_000_000n) };
  }

  after(milliseconds: number, ring: () => void): () => void {
    const alarm = { at: this.#now + BigInt(milliseconds) * 1_000_000n, ring };
    this.#alarms.push(alarm);
    setImmediate(() => this.#ringNext());
    return () => {
      this.#alarms = this.#alarms.filter((one) => one !== alarm);
    };
  }

  #ringNext(): void {
    const [next] = this.#alarms.toSorted((a, b) => Number(a.at - b.at));
    if (next !== undefined) {
      this.#alarms = this.#alarms.filter((one) => one !== next);
      this.#now = next.at > this.#now ? next.at : this.#now;
      next.ring();
    }
  }
}
