// Time that goes on when a test says so.
import type { Clock } from '../clock.ts';

interface Task {
  readonly dueAt: number;
  readonly run: () => void;
}

export class FakeClock implements Clock {
  #now = 0;
  readonly #begin: number;
  readonly #tasks = new Set<Task>();

  constructor(date = '2026-11-21T12:00:00Z') {
    this.#begin = Date.parse(date);
  }

  /** How many calls are still to come. */
  get pending(): number {
    return this.#tasks.size;
  }

  now(): number {
    return this.#now;
  }

  date(): Date {
    return new Date(this.#begin + this.#now);
  }

  after(delayMs: number, run: () => void): () => void {
    const task = { dueAt: this.#now + delayMs, run };
    this.#tasks.add(task);
    return () => this.#tasks.delete(task);
  }

  /** Everything that is due until then is called, each at its own time and with what it sets off. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    await settle();
    for (let next = this.#next(until); next !== undefined; next = this.#next(until)) {
      this.#now = next.dueAt;
      this.#tasks.delete(next);
      next.run();
      await settle();
    }
    this.#now = until;
  }

  #next(until: number): Task | undefined {
    return [...this.#tasks]
      .filter(({ dueAt }) => dueAt <= until)
      .toSorted((one, other) => one.dueAt - other.dueAt)
      .at(0);
  }
}

/** Promises that wait for nothing but each other have come to their end. */
export async function settle(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  setImmediate(resolve);
  await promise;
}
