// Gives each distinct set of canonical options of a plan a number, so that a store makes one context for it.
import type { CanonicalOptions } from '../plan.ts';
import type { OptionSet } from './store.ts';

export class OptionSets {
  readonly sets: OptionSet[] = [];
  readonly #slots = new Map<string, number>();

  slot(instance: number, options: CanonicalOptions): number {
    const key = JSON.stringify([instance, options.memory, options.realloc, options.encoding]);
    const known = this.#slots.get(key);
    if (known !== undefined) {
      return known;
    }
    const slot = this.sets.push({ instance, options }) - 1;
    this.#slots.set(key, slot);
    return slot;
  }
}
