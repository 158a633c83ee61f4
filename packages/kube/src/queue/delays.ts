// Keys that wait for their time, and one timer for the earliest. A key waits once: its earliest time counts (kube-client 12).
import type { Clock } from '../clock.ts';
import { PRIORITIES, type Priority } from './types.ts';

interface Delayed {
  readonly id: string;
  readonly dueAt: number;
  readonly priority: Priority;
}

/** Node's timers know no longer time; it is asked again then. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export class Delays {
  readonly #clock: Clock;
  readonly #onDue: (id: string, priority: Priority) => void;
  readonly #delayed = new Map<string, Delayed>();
  /** A binary heap by time; what is not in the map any more is passed over when it comes up. */
  readonly #heap: Delayed[] = [];
  #cancelTimer: () => void = () => {};
  #timerAt = Infinity;

  constructor(clock: Clock, onDue: (id: string, priority: Priority) => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  get size(): number {
    return this.#delayed.size;
  }

  add(id: string, ms: number, priority: Priority): void {
    const known = this.#delayed.get(id);
    const delayed = {
      id,
      dueAt: Math.min(this.#clock.now() + ms, known?.dueAt ?? Infinity),
      priority: known === undefined ? priority : higher(priority, known.priority),
    };
    this.#delayed.set(id, delayed);
    this.#push(delayed);
    this.#arm();
  }

  remove(id: string): void {
    this.#delayed.delete(id);
  }

  clear(): void {
    this.#cancelTimer();
    this.#delayed.clear();
    this.#heap.length = 0;
  }

  #arm(): void {
    this.#dropStale();
    const dueAt = this.#heap[0]?.dueAt ?? Infinity;
    if (dueAt === this.#timerAt) {
      return;
    }
    this.#cancelTimer();
    this.#timerAt = dueAt;
    this.#cancelTimer =
      dueAt === Infinity
        ? () => {}
        : this.#clock.after(Math.min(Math.max(0, dueAt - this.#clock.now()), MAX_TIMER_MS), () => this.#tick());
  }

  #tick(): void {
    this.#timerAt = Infinity;
    const now = this.#clock.now();
    for (this.#dropStale(); this.#heap[0] !== undefined && this.#heap[0].dueAt <= now; this.#dropStale()) {
      const { id, priority } = this.#heap[0];
      this.#pop();
      this.#delayed.delete(id);
      this.#onDue(id, priority);
    }
    this.#arm();
  }

  #dropStale(): void {
    while (this.#heap[0] !== undefined && this.#delayed.get(this.#heap[0].id) !== this.#heap[0]) {
      this.#pop();
    }
  }

  #push(delayed: Delayed): void {
    const heap = this.#heap;
    let at = heap.length;
    for (let parent = (at - 1) >> 1; at > 0; parent = (at - 1) >> 1) {
      const above = heap[parent];
      if (above === undefined || above.dueAt <= delayed.dueAt) {
        break;
      }
      heap[at] = above;
      at = parent;
    }
    heap[at] = delayed;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) {
      return;
    }
    let at = 0;
    for (;;) {
      const [left, right] = [heap[2 * at + 1], heap[2 * at + 2]];
      const isRight = right !== undefined && left !== undefined && right.dueAt < left.dueAt;
      const child = isRight ? right : left;
      if (child === undefined || child.dueAt >= last.dueAt) {
        break;
      }
      heap[at] = child;
      at = 2 * at + (isRight ? 2 : 1);
    }
    heap[at] = last;
  }
}

export const higher = (one: Priority, other: Priority): Priority =>
  PRIORITIES.indexOf(one) <= PRIORITIES.indexOf(other) ? one : other;
