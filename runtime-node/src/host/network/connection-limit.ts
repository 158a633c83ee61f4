// How many connections may be open at one time. A limit may lie within another: what is taken of it is taken of both,
// as `max_socket_connections` and `[outbound_http] max_connections` lie within `max_total_connections`
// (spin-contract.md §5.1).

/**
 * What of a limit of the app falls to one of the threads that serve it, each of which has connections of its own. Together
 * they keep to it as long as each has one.
 */
export const limitPerThread = (limit: number | undefined, threads: number): number | undefined =>
  limit === undefined || limit === 0 ? limit : Math.max(1, Math.floor(limit / threads));

export class ConnectionLimit {
  readonly #max: number;
  /** This one, then those around it. */
  readonly #chain: readonly ConnectionLimit[];
  readonly #listeners: (() => void)[];
  #taken = 0;

  /** `max` undefined is no limit but that of the whole. */
  constructor(max: number | undefined, whole?: ConnectionLimit) {
    this.#max = max ?? Number.POSITIVE_INFINITY;
    this.#chain = whole === undefined ? [this] : [this, ...whole.#chain];
    this.#listeners = whole === undefined ? [] : whole.#listeners;
  }

  get taken(): number {
    return this.#taken;
  }

  /** Whether a place can be had now. */
  get free(): boolean {
    return this.#chain.every((limit) => limit.#taken < limit.#max);
  }

  /** A place, to be disposed with the connection; undefined when there is none. */
  tryTake(): Disposable | undefined {
    if (!this.free) {
      return undefined;
    }
    this.#add(1);
    let held = true;
    return {
      [Symbol.dispose]: () => {
        if (held) {
          held = false;
          this.#add(-1);
          for (const listener of this.#listeners) {
            listener();
          }
        }
      },
    };
  }

  /** Calls `listener` each time that a place was given back here or anywhere in the whole; others may have taken it. */
  onFree(listener: () => void): void {
    this.#listeners.push(listener);
  }

  #add(by: 1 | -1): void {
    for (const limit of this.#chain) {
      limit.#taken += by;
    }
  }
}
