// Places of a limit for drivers, in the order in which they were asked for. Limits on connections of drivers make a guest
// wait where those on sockets refuse (spin-contract.md §5.1).
import type { ConnectionLimit } from './connection-limit.ts';

export class PlaceQueue {
  readonly #limit: ConnectionLimit;
  readonly #waiting = new Set<() => void>();

  constructor(limit: ConnectionLimit) {
    this.#limit = limit;
    limit.onFree(() => {
      const [first] = this.#waiting;
      if (limit.free) {
        first?.();
      }
    });
  }

  /** Whether somebody waits, for whom a connection that nobody uses should be closed. */
  get wanted(): boolean {
    return this.#waiting.size > 0;
  }

  /** A place, to be disposed with the connection. Rejects with the signal's reason once that is aborted. */
  async take(signal: AbortSignal): Promise<Disposable> {
    signal.throwIfAborted();
    // Who comes later does not overtake.
    const atOnce = this.#waiting.size === 0 ? this.#limit.tryTake() : undefined;
    if (atOnce !== undefined) {
      this.#limit.acquired();
      return atOnce;
    }
    const began = performance.now();
    const place = await this.#turn(signal);
    this.#limit.acquired(performance.now() - began);
    return place;
  }

  #turn(signal: AbortSignal): Promise<Disposable> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        this.#waiting.delete(proceed);
        signal.removeEventListener('abort', onAbort);
      };
      const proceed = (): void => {
        const place = this.#limit.tryTake();
        if (place !== undefined) {
          settle();
          resolve(place);
        }
      };
      const onAbort = (): void => {
        settle();
        reject(signal.reason as Error);
      };
      this.#waiting.add(proceed);
      signal.addEventListener('abort', onAbort);
    });
  }
}
