// The timers of one call that somebody waits for. They share one timeout, that of the earliest: Node takes 20 µs for
// each with a delay of its own, and a guest may wait for a hundred thousand in one poll. A binary heap, in which each
// knows its place, so that what is called off leaves nothing behind.
import { MAX_TIMEOUT_MS, type Clock } from './clock.ts';

export interface Alarm {
  /** In nanoseconds of the monotonic clock. */
  readonly deadline: bigint;
  ring(): void;
  /** Place in the heap; -1 when it does not wait. Only for Alarms. */
  place: number;
}

const NANOSECONDS_PER_MILLISECOND = 1_000_000n;

export class Alarms {
  readonly #clock: Clock;
  /** None is earlier than the one at (place - 1) / 2. */
  readonly #heap: Alarm[] = [];
  #cancelTimeout: (() => void) | undefined;
  /** When the timeout will come; later than nothing when there is none. */
  #awakeAt: bigint | undefined;
  #over = false;

  /** After `signal` nothing rings any more. */
  constructor(clock: Clock, signal: AbortSignal) {
    this.#clock = clock;
    this.#over = signal.aborted;
    signal.addEventListener('abort', () => this.#end(), { once: true });
  }

  /** `ring` is called once, when it is due, unless the alarm is taken out before. */
  add(alarm: Alarm): void {
    if (this.#over) {
      return;
    }
    this.#heap.push(alarm);
    this.#up(alarm, this.#heap.length - 1);
    this.#setTimeout();
  }

  /** Harmless when it does not wait. */
  remove(alarm: Alarm): void {
    const { place } = alarm;
    if (place === -1) {
      return;
    }
    alarm.place = -1;
    const last = this.#heap.pop();
    if (last !== undefined && last !== alarm) {
      this.#up(last, place);
      this.#down(last, last.place);
    }
    if (this.#heap.length === 0) {
      this.#clearTimeout();
    }
  }

  /** For the earliest, unless there is one that comes no later: that one looks again. */
  #setTimeout(): void {
    const first = this.#heap[0];
    if (first === undefined || (this.#awakeAt !== undefined && this.#awakeAt <= first.deadline)) {
      return;
    }
    this.#clearTimeout();
    const now = this.#clock.monotonic();
    const remaining = first.deadline > now ? first.deadline - now : 0n;
    // Rounded up, since Node knows no parts; in several pieces when the deadline is far.
    const milliseconds = (remaining + NANOSECONDS_PER_MILLISECOND - 1n) / NANOSECONDS_PER_MILLISECOND;
    const piece = milliseconds > MAX_TIMEOUT_MS ? MAX_TIMEOUT_MS : Number(milliseconds);
    this.#awakeAt = now + BigInt(piece) * NANOSECONDS_PER_MILLISECOND;
    this.#cancelTimeout = this.#clock.after(piece, () => this.#awake());
  }

  #clearTimeout(): void {
    this.#cancelTimeout?.();
    this.#cancelTimeout = undefined;
    this.#awakeAt = undefined;
  }

  /** Node may wake us a little early, and what the timeout was for may have been taken out. */
  #awake(): void {
    this.#cancelTimeout = undefined;
    this.#awakeAt = undefined;
    const now = this.#clock.monotonic();
    for (let first = this.#heap[0]; first !== undefined && first.deadline <= now; first = this.#heap[0]) {
      this.remove(first);
      first.ring();
    }
    this.#setTimeout();
  }

  #end(): void {
    this.#over = true;
    this.#clearTimeout();
    for (const alarm of this.#heap.splice(0)) {
      alarm.place = -1;
    }
  }

  #up(alarm: Alarm, from: number): void {
    let place = from;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = this.#heap[above] as Alarm;
      if (parent.deadline <= alarm.deadline) {
        break;
      }
      this.#put(parent, place);
      place = above;
    }
    this.#put(alarm, place);
  }

  #down(alarm: Alarm, from: number): void {
    let place = from;
    for (;;) {
      const left = 2 * place + 1;
      const right = this.#heap[left + 1];
      const below = right !== undefined && right.deadline < (this.#heap[left] as Alarm).deadline ? left + 1 : left;
      const child = this.#heap[below];
      if (child === undefined || child.deadline >= alarm.deadline) {
        break;
      }
      this.#put(child, place);
      place = below;
    }
    this.#put(alarm, place);
  }

  #put(alarm: Alarm, place: number): void {
    this.#heap[place] = alarm;
    alarm.place = place;
  }
}
