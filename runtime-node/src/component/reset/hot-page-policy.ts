// When a slot's private pages are dropped and learnt anew, so that one large request does not make all later resets
// slow, nor keep its memory. Pure.

/** More than this is dropped at once, however often it comes. */
const MAX_BYTES = 16 * 1024 * 1024;

/** More than this, and more than usual, is dropped at once the first times. */
const LARGE_BYTES = 4 * 1024 * 1024;
const LARGE_TIMES = 2;

/** Less than this is not worth learning again: it is copied in a microsecond or two. */
const FEW_BYTES = 64 * 1024;

/**
 * Resets until pages are learnt again. Dropping a page and faulting on it costs 2.2 us, copying it back 0.1 us (measured
 * in a virtual machine): after this many resets, having kept pages for nothing has cost as much as having dropped
 * pages that are needed. Tried ever less often while it turns out that they are needed.
 */
const FIRST_INTERVAL = 24;
const LONGEST_INTERVAL = 65_536;

export class HotPagePolicy {
  readonly maxBytes = MAX_BYTES;
  #interval = FIRST_INTERVAL;
  #age = 0;
  /** Private bytes when they were dropped the last time, or when they had become many more since. */
  #usual = FEW_BYTES;
  /** Whether that many have come back after they were dropped. */
  #needed = false;
  #largeTimes = 0;

  /** Called at each reset. */
  next(privateBytes: number): 'copy' | 'discard' {
    if (privateBytes > MAX_BYTES) {
      return 'discard';
    }
    if (privateBytes <= FEW_BYTES) {
      return 'copy';
    }
    if (privateBytes > this.#usual * 2) {
      if (privateBytes > LARGE_BYTES && this.#largeTimes < LARGE_TIMES) {
        this.#largeTimes++;
        return 'discard';
      }
      this.#interval = FIRST_INTERVAL;
      this.#age = 0;
      this.#usual = privateBytes;
      this.#needed = false;
    }
    this.#age++;
    return this.#age < this.#interval ? 'copy' : this.#learnAgain(privateBytes);
  }

  #learnAgain(privateBytes: number): 'discard' {
    const stillNeeded = privateBytes * 2 > this.#usual;
    this.#interval = stillNeeded && this.#needed ? Math.min(this.#interval * 2, LONGEST_INTERVAL) : FIRST_INTERVAL;
    if (!stillNeeded) {
      this.#largeTimes = 0;
    }
    this.#needed = true;
    this.#age = 0;
    this.#usual = privateBytes;
    return 'discard';
  }
}
