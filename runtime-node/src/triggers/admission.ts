// Which requests may call a guest now, which wait for their turn, and which are turned away: one gate for all guests of
// a serving thread. Only counts and keeps the order; calls and answers are the service's.
import type { Limits } from '../limits/index.ts';

/**
 * What a client that was turned away may read in `retry-after`, in seconds, the least there is: most calls take
 * milliseconds, so that a full queue is another one a second later.
 */
export const RETRY_AFTER_SECONDS = 1;

/** A request that wants to call a guest. */
export interface Entrant {
  /** Its turn has come after a wait; `leave` is owed from here on. */
  start(): void;
  /** The wait was in vain. */
  refuse(): void;
}

/** `running`: at once, and `leave` is owed. `waiting`: `start` or `refuse` will be called. `full`: turned away. */
export type Entry = 'running' | 'waiting' | 'full';

export class Admission {
  readonly #concurrency: number;
  readonly #queue: number;
  readonly #later: (act: () => void) => void;
  /** Calls that run, and places that are kept for those in `#called`. */
  #running = 0;
  readonly #waiting = new Set<Entrant>();
  /** Their turn has come, and they have not started yet. */
  readonly #called = new Set<Entrant>();
  #draining = false;

  /** `later` lets the event loop go round before it acts. */
  constructor(
    { concurrency = Infinity, queue }: Pick<Limits, 'concurrency' | 'queue'>,
    later: (act: () => void) => void = setImmediate,
  ) {
    this.#concurrency = concurrency;
    this.#queue = queue;
    this.#later = later;
  }

  get running(): number {
    return this.#running;
  }

  /** Those who have not started yet, also when their turn has come. */
  get waiting(): number {
    return this.#waiting.size + this.#called.size;
  }

  /** `patient`: waits in a queue of any length, since whoever sends it sends no more before it is done. */
  enter(entrant: Entrant, patient = false): Entry {
    if (this.#running < this.#concurrency) {
      // Then nobody waits: a place that gets free goes to the first who does.
      this.#running += 1;
      return 'running';
    }
    if (this.#draining || (!patient && this.#waiting.size >= this.#queue)) {
      return 'full';
    }
    this.#waiting.add(entrant);
    return 'waiting';
  }

  /** A call has ended. */
  leave(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#running -= 1;
      return;
    }
    this.#waiting.delete(next);
    this.#called.add(next);
    // Not at once: a long queue of quick calls, each begun by the end of the last, would let nothing else happen.
    this.#later(() => {
      if (this.#called.delete(next)) {
        next.start();
      }
    });
  }

  /** Its client has left: neither `start` nor `refuse` will be called. True when it was still waiting. */
  withdraw(entrant: Entrant): boolean {
    if (this.#waiting.delete(entrant)) {
      return true;
    }
    if (this.#called.delete(entrant)) {
      this.leave();
      return true;
    }
    return false;
  }

  /** From now on nobody joins the queue; those in it keep their turn. */
  drain(): void {
    this.#draining = true;
  }

  /** Time is up: nobody who waits will have a turn. Gives how many they were. */
  refuseWaiting(): number {
    this.#draining = true;
    const refused = [...this.#called, ...this.#waiting];
    this.#running -= this.#called.size;
    this.#called.clear();
    this.#waiting.clear();
    for (const entrant of refused) {
      entrant.refuse();
    }
    return refused.length;
  }
}
