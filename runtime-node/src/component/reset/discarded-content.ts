// Content for kernels that do not tell which pages were written: the kernel drops all that were. The next call faults
// on each page that it writes again, which is what makes this slower than copying pages back.
import type { Content } from './mapped-memory.ts';
import type { MemoryRegion } from './region.ts';

export class DiscardedContent implements Content {
  readonly #region: MemoryRegion;

  constructor(region: MemoryRegion) {
    this.#region = region;
  }

  /** Not known between two resets; nothing after one. */
  get privateBytes(): number {
    return 0;
  }

  restore(): boolean {
    return this.discard();
  }

  discard(): boolean {
    const end = this.#region.size;
    return end === 0 || this.#region.advise({ start: 0, end }, 'discard');
  }
}
