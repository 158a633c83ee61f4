// How many connections there are in all serving threads: whichever accepts one looks at the count of the process, so
// that no thread turns clients away while another has room. In shared memory, since nobody may wait for an answer.

/** What each thread gets to know: plain data. */
export interface ConnectionShare {
  /** Connections of the process. */
  readonly most: number;
  readonly counts: SharedArrayBuffer;
  /** Which of the threads this is, from 0. */
  readonly place: number;
}

/** The first number counts all, the others those of one thread each. */
const TOTAL = 0;

export const newConnectionCounts = (threads: number): SharedArrayBuffer =>
  new SharedArrayBuffer((1 + threads) * Int32Array.BYTES_PER_ELEMENT);

export class ConnectionCount {
  readonly #most: number;
  readonly #counts: Int32Array;
  readonly #own: number;

  constructor({ most, counts, place }: ConnectionShare) {
    this.#most = most;
    this.#counts = new Int32Array(counts);
    this.#own = 1 + place;
    // A thread that was here before and died has left its connections, which ended with it, in the count.
    Atomics.sub(this.#counts, TOTAL, Atomics.exchange(this.#counts, this.#own, 0));
  }

  /** False when there are as many as may be; else `release` is owed. */
  take(): boolean {
    if (Atomics.add(this.#counts, TOTAL, 1) >= this.#most) {
      Atomics.sub(this.#counts, TOTAL, 1);
      return false;
    }
    Atomics.add(this.#counts, this.#own, 1);
    return true;
  }

  release(): void {
    Atomics.sub(this.#counts, this.#own, 1);
    Atomics.sub(this.#counts, TOTAL, 1);
  }
}
