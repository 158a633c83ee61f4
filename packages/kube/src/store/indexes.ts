// Finds objects by what they say, without looking through all of them.

/** Values under which an object is found; several, or none. */
export type IndexFunctions<T, I extends string> = Readonly<Record<I, (object: T) => readonly string[]>>;

export class Indexes<T, I extends string> {
  readonly #functions: readonly (readonly [I, (object: T) => readonly string[]])[];
  readonly #keys = new Map<I, Map<string, Set<string>>>();

  constructor(functions: IndexFunctions<T, I> | undefined) {
    this.#functions = Object.entries(functions ?? {}) as [I, (object: T) => readonly string[]][];
    for (const [name] of this.#functions) {
      this.#keys.set(name, new Map());
    }
  }

  keys(index: I, value: string): readonly string[] {
    return [...(this.#keys.get(index)?.get(value) ?? [])];
  }

  add(key: string, object: T): void {
    for (const [name, valuesOf] of this.#functions) {
      const index = this.#keys.get(name);
      for (const value of valuesOf(object)) {
        const keys = index?.get(value);
        if (keys === undefined) {
          index?.set(value, new Set([key]));
        } else {
          keys.add(key);
        }
      }
    }
  }

  remove(key: string, object: T): void {
    for (const [name, valuesOf] of this.#functions) {
      const index = this.#keys.get(name);
      for (const value of valuesOf(object)) {
        const keys = index?.get(value);
        keys?.delete(key);
        if (keys?.size === 0) {
          index?.delete(value);
        }
      }
    }
  }
}
