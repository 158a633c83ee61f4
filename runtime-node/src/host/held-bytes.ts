// What the host keeps in memory for one instance besides its own memory: bodies that wait to be sent, long header lists.
// A guest makes a hundred thousand of those for next to nothing; --max-instance-memory does not see them.
import { LimitExceeded } from '../limits/index.ts';
import type { Guest } from './guest.ts';

/** Thirty bodies of the two megabytes that one may have waiting; who fans out wider writes to those who read. */
export const MAX_HELD_BYTES = 64 * 1024 * 1024;

export class HeldBytes {
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  /** Takes more or gives back; throws when that is too much, and has taken nothing then. */
  change(by: number): void {
    if (by > 0 && this.#bytes + by > MAX_HELD_BYTES) {
      throw new LimitExceeded('output', { value: MAX_HELD_BYTES });
    }
    this.#bytes += by;
  }
}

const HELD = Symbol('held bytes');

/** Only asked for by who has something to hold: most guests never do. */
export type Held = () => HeldBytes;

export const heldBy =
  (guest: () => Guest): Held =>
  () =>
    guest().state(HELD, () => new HeldBytes());
