// How many events an object may have: a burst, then one now and then (kube-client 21).

/** client-go's spam filter: 25, and one more each 5 minutes. */
export const BURST = 25;
export const REFILL_MS = 300_000;

export class TokenBucket {
  #tokens = BURST;
  #since: number;

  constructor(now: number) {
    this.#since = now;
  }

  /** False when there is none left. */
  take(now: number): boolean {
    const gained = Math.floor((now - this.#since) / REFILL_MS);
    this.#tokens = Math.min(BURST, this.#tokens + gained);
    this.#since += gained * REFILL_MS;
    if (this.#tokens === 0) {
      return false;
    }
    this.#tokens -= 1;
    return true;
  }

  /** As good as a new one. */
  isFull(now: number): boolean {
    return this.#tokens + Math.floor((now - this.#since) / REFILL_MS) >= BURST;
  }
}
