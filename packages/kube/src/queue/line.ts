// First in, first out. A Set would do, but looks through the holes of all that have left each time it is asked for its first.

/** So many places at the front may be empty before they are given up. */
const MAX_EMPTY = 1_024;

export class Line<T> {
  #places: (T | undefined)[] = [];
  #head = 0;

  push(item: T): void {
    this.#places.push(item);
  }

  /** The first that `counts`; those before it have left already and are forgotten. It stays. */
  first(counts: (item: T) => boolean): T | undefined {
    for (; this.#head < this.#places.length; this.#head += 1) {
      const item = this.#places[this.#head];
      if (item !== undefined && counts(item)) {
        return item;
      }
      this.#places[this.#head] = undefined;
      if (this.#head >= MAX_EMPTY && this.#head * 2 > this.#places.length) {
        this.#places = this.#places.slice(this.#head);
        this.#head = 0;
      }
    }
    this.clear();
    return undefined;
  }

  clear(): void {
    this.#places = [];
    this.#head = 0;
  }
}
