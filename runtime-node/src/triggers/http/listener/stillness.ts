// For how long something has not moved.

export class Stillness {
  #mark: number | undefined;
  #since = 0;

  /** Milliseconds for which `mark` has been the same; 0 when it has changed, and for undefined, which is no state to be in. */
  lasts(mark: number | undefined, now: number): number {
    if (mark === undefined || mark !== this.#mark) {
      this.#mark = mark;
      this.#since = now;
    }
    return now - this.#since;
  }
}
