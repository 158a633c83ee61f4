// One set of core instances and the store around them, which serves one guest after the other: put back in between to
// what it was right after instantiation.
import type { CallMode } from '../api.ts';
import type { ResettableParts } from './instantiate.ts';
import type { Store } from './store.ts';

export class Slot {
  readonly store: Store;
  readonly #parts: ResettableParts;

  constructor(store: Store, parts: ResettableParts) {
    this.store = store;
    this.#parts = parts;
  }

  assign(guest: unknown, mode: CallMode): void {
    this.store.assign(guest, mode);
  }

  /** False when the slot has to be dropped. After a call that ended well, and after the store's `dispose`. */
  reset(): boolean {
    const { memories, restores } = this.#parts;
    let resized = false;
    for (const memory of memories) {
      resized ||= !memory.hasFirstSize;
      if (!memory.reset()) {
        return false;
      }
    }
    for (const restore of restores) {
      restore();
    }
    if (resized) {
      this.store.forgetViews();
    }
    this.store.reset();
    return true;
  }

  /** Gives back the memory that an idle slot holds beyond its image. */
  release(): void {
    for (const memory of this.#parts.memories) {
      memory.release();
    }
  }

  /** Gives back all of its memory at once, not when V8 finds that nobody has it any more. */
  drop(): void {
    for (const memory of this.#parts.memories) {
      memory.drop();
    }
  }
}
