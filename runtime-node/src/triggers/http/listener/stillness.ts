// For how long something has not moved.

export class Stillness {
  #mark: number | undefined;
  #finer = 0;
  #since = 0;

  /**
   * Milliseconds for which both marks have been the same; 0 when one has changed, and for undefined, which is no state
   * to be in.
   */
  lasts(mark: number | undefined, now: number, finer = 0): number {
    if (mark === undefined || mark !== this.#mark || finer !== this.#finer) {
      this.#mark = mark;
      this.#finer = finer;
      this.#since = now;
    }
    return now - this.#since;
  }
}
