// The free slots of one component in one thread: last in, first out, so that the warmest is used again. Grows with
// demand; what was not needed for a while goes.

/** How often surplus is looked for, and how long a pool must have been idle before its slots give memory back. */
const TRIM_MS = 1_000;

/** Slots that an idle component keeps. */
const KEPT = 1;

/** What is pooled. */
export interface Pooled {
  /** Gives back the memory that it holds beyond what it needs when nobody uses it. */
  release(): void;
}

/** Calls `act` again and again; the result ends that. */
export type Every = (milliseconds: number, act: () => void) => () => void;

const everyInterval: Every = (milliseconds, act) => {
  const timer = setInterval(act, milliseconds).unref();
  return () => clearInterval(timer);
};

export class SlotPool<Slot extends Pooled> {
  readonly #free: Slot[] = [];
  readonly #underPressure: () => boolean;
  readonly #every: Every;
  /** Least number of free slots since the last look: that many were not needed. */
  #lowest = 0;
  #released = true;
  #stopLooking: (() => void) | undefined;

  /** `underPressure` says that memory is short. */
  constructor(underPressure: () => boolean, every: Every = everyInterval) {
    this.#underPressure = underPressure;
    this.#every = every;
  }

  get free(): number {
    return this.#free.length;
  }

  take(): Slot | undefined {
    const slot = this.#free.pop();
    this.#lowest = Math.min(this.#lowest, this.#free.length);
    return slot;
  }

  give(slot: Slot): void {
    this.#free.push(slot);
    this.#released = false;
    this.#stopLooking ??= this.#every(TRIM_MS, () => this.#trim());
  }

  /** Drops what is free. */
  close(): void {
    this.#free.length = 0;
    this.#stop();
  }

  #trim(): void {
    // The oldest slots are at the bottom: they were needed least.
    for (const slot of this.#free.splice(0, surplus(this.#free.length, this.#lowest, this.#underPressure()))) {
      slot.release();
    }
    const idle = this.#lowest === this.#free.length;
    this.#lowest = this.#free.length;
    if (idle && !this.#released) {
      this.#released = true;
      for (const slot of this.#free) {
        slot.release();
      }
    }
    if (idle && this.#free.length <= KEPT) {
      this.#stop();
    }
  }

  #stop(): void {
    this.#stopLooking?.();
    this.#stopLooking = undefined;
  }
}

/** How many of `free` slots go: half of those that were not needed, or under pressure all, but never the last. */
export function surplus(free: number, lowest: number, pressure: boolean): number {
  const unneeded = Math.min(pressure ? free : Math.ceil(lowest / 2), free - KEPT);
  return Math.max(0, unneeded);
}
