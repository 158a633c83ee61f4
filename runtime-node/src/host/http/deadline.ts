// A time limit that can be called off. Guests count in nanoseconds, Node in milliseconds of at most 2^31 - 1.

/** The longest delay of `setTimeout`; a longer one would fire at once. */
const MAX_DELAY_MS = 2_147_483_647;
const NS_PER_MS = 1_000_000n;

/** Spin's time limits where nothing else was said: three for a request (spin-contract.md §3.9), one for a body (§3.10). */
const DEFAULT_MS = 600_000;

/** A guest's duration, rounded up so that a short one does not become none. */
export function toMilliseconds(duration: bigint | undefined): number {
  if (duration === undefined) {
    return DEFAULT_MS;
  }
  const ms = (duration + NS_PER_MS - 1n) / NS_PER_MS;
  return ms > BigInt(MAX_DELAY_MS) ? MAX_DELAY_MS : Number(ms);
}

export class Deadline implements Disposable {
  readonly #timer: NodeJS.Timeout;

  constructor(ms: number, onExpire: () => void) {
    this.#timer = setTimeout(onExpire, ms);
    // Waiting for an answer must not keep a process alive that is to stop.
    this.#timer.unref();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
