// When a slot's private pages are dropped and learnt anew, so that one large request does not make all later resets
// slow, nor keep its memory. Pure.

/** More than this is dropped at once. */
const MAX_BYTES = 4 * 1024 * 1024;

/** Less than this is not worth learning again: it is copied in a microsecond or two. */
const FEW_BYTES = 64 * 1024;

/**
 * Resets until pages are learnt again. Dropping a page and faulting on it costs about as much as copying it back eight
 * times. It is tried ever less often while it turns out that the pages are needed.
 */
const FIRST_INTERVAL = 8;
const LONGEST_INTERVAL = 65_536;

export class HotPagePolicy {
  readonly maxBytes = MAX_BYTES;
  #interval = FIRST_INTERVAL;
  #age = 0;
  /** Private bytes when they were dropped the last time, or when they had become many more since. */
  #usual = FEW_BYTES;

  /** Called at each reset. */
  next(privateBytes: number): 'copy' | 'discard' {
    if (privateBytes > MAX_BYTES) {
      this.#learnAgainAfter(FIRST_INTERVAL, privateBytes);
      return 'discard';
    }
    if (privateBytes <= FEW_BYTES) {
      return 'copy';
    }
    if (privateBytes > this.#usual * 2) {
      this.#learnAgainAfter(FIRST_INTERVAL, privateBytes);
    }
    this.#age++;
    if (this.#age < this.#interval) {
      return 'copy';
    }
    const needed = privateBytes * 2 > this.#usual;
    this.#learnAgainAfter(needed ? Math.min(this.#interval * 2, LONGEST_INTERVAL) : FIRST_INTERVAL, privateBytes);
    return 'discard';
  }

  #learnAgainAfter(interval: number, privateBytes: number): void {
    this.#interval = interval;
    this.#age = 0;
    this.#usual = privateBytes;
  }
}
