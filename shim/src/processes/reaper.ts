// The ends of processes: those that containers leave to this one are collected here, and whoever waits for one is told. The
// children that Node itself has started it collects itself; they are only to be left alone.
import type { Libc, ProcessEnd } from '../ffi/index.ts';

export interface Ended {
  readonly status: number;
  readonly at: Date;
}

export interface ReaperMeans {
  readonly libc: Pick<Libc, 'peekEnded' | 'collect'>;
  readonly now: () => Date;
}

/** Node collects its own children in the same turn of the loop or the next; then the others are looked at again. */
const LOOK_AGAIN_MS = 5;

export class Reaper {
  readonly #means: ReaperMeans;
  readonly #own = new Set<number>();
  readonly #waiting = new Map<number, (ended: Ended) => void>();
  /** Of processes that ended before anyone knew their number, while one is being made. */
  readonly #early = new Map<number, Ended>();
  #births = 0;
  #looksAgain = false;

  constructor(means: ReaperMeans) {
    this.#means = means;
  }

  /** A child of Node, until it has ended. */
  addOwn(pid: number): void {
    this.#own.add(pid);
  }

  removeOwn(pid: number): void {
    this.#own.delete(pid);
  }

  /** While a process is made whose number is not known yet: its end is kept until `made` has settled. */
  async during<T>(made: () => Promise<T>): Promise<T> {
    this.#births += 1;
    try {
      return await made();
    } finally {
      this.#births -= 1;
      if (this.#births === 0) {
        this.#early.clear();
      }
    }
  }

  /** To be called within `during`, so that no end is missed. */
  untilEnded(pid: number): Promise<Ended> {
    const early = this.#early.get(pid);
    if (early !== undefined) {
      this.#early.delete(pid);
      return Promise.resolve(early);
    }
    const { promise, resolve } = Promise.withResolvers<Ended>();
    this.#waiting.set(pid, resolve);
    return promise;
  }

  /** To be called for every SIGCHLD; one may stand for several processes. */
  look(): void {
    for (;;) {
      const ended = this.#means.libc.peekEnded();
      if (ended === undefined) {
        return this.#lookAt(this.#waiting.keys());
      }
      if (this.#own.has(ended.pid)) {
        // It hides others that have ended after it.
        this.#lookAt(this.#waiting.keys());
        return this.#lookAgain();
      }
      this.#collect(ended.pid);
    }
  }

  #lookAgain(): void {
    if (!this.#looksAgain) {
      this.#looksAgain = true;
      setTimeout(() => {
        this.#looksAgain = false;
        this.look();
      }, LOOK_AGAIN_MS);
    }
  }

  #lookAt(pids: Iterable<number>): void {
    for (const pid of Array.from(pids)) {
      this.#collect(pid);
    }
  }

  #collect(pid: number): void {
    const ended = this.#means.libc.collect(pid);
    if (ended !== undefined) {
      this.#tell(ended);
    }
  }

  #tell({ pid, status }: ProcessEnd): void {
    const ended = { status, at: this.#means.now() };
    const waiting = this.#waiting.get(pid);
    if (waiting !== undefined) {
      this.#waiting.delete(pid);
      waiting(ended);
    } else if (this.#births > 0) {
      this.#early.set(pid, ended);
    }
  }
}
