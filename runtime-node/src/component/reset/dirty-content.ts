// Content by the pages that were ever written: those are copied back, and stay private, so that the next call neither
// faults on them nor has to be looked for: see `#mayHaveChanged`.
import { HotPages } from './hot-pages.ts';
import type { HotPagePolicy } from './hot-page-policy.ts';
import type { Content } from './mapped-memory.ts';
import type { Pagemap } from './pagemap.ts';
import type { MemoryRegion } from './region.ts';

/** Page faults of this thread so far; undefined where they are not counted. */
export type CountFaults = () => number | undefined;

export class DirtyContent implements Content {
  readonly #region: MemoryRegion;
  readonly #pagemap: Pagemap;
  readonly #countFaults: CountFaults;
  readonly #policy: HotPagePolicy;
  readonly #hot: HotPages;
  /** The thread's page faults before the last look at the page map. */
  #seenFaults: number | undefined;

  /** `source` is what the content is put back to; `region` has it now, and nothing of it is private. */
  constructor(
    region: MemoryRegion,
    source: Uint8Array<ArrayBuffer>,
    pagemap: Pagemap,
    countFaults: CountFaults,
    policy: HotPagePolicy,
  ) {
    this.#region = region;
    this.#pagemap = pagemap;
    this.#countFaults = countFaults;
    this.#policy = policy;
    this.#hot = new HotPages(source, region.pageSize);
  }

  get privateBytes(): number {
    return this.#hot.bytes;
  }

  restore(open: number): boolean {
    const { bytes } = this.#region;
    if (this.#mayHaveChanged(bytes)) {
      this.#look(bytes);
    }
    if (this.#policy.next(this.#hot.bytes) === 'discard') {
      return this.discard();
    }
    this.#hot.putBack(open);
    return true;
  }

  discard(): boolean {
    this.#hot.clear();
    const end = this.#region.size;
    return end === 0 || this.#region.advise({ start: 0, end }, 'discard');
  }

  /**
   * Whether a page may have become private since the last look. A page becomes private by a fault of the thread that
   * writes to it, and only this thread writes to the memory: guests run here, V8 writes to guest memory only when they
   * do, and no view of it is given to another thread or to asynchronous I/O. What the kernel writes for this thread
   * (as `read` does) counts as the thread's fault too. The count is taken before the page map is read: a fault between
   * the two is seen at the next look.
   */
  #mayHaveChanged(bytes: Uint8Array): boolean {
    const faults = this.#countFaults();
    if (faults !== undefined && faults === this.#seenFaults && this.#hot.isOf(bytes)) {
      return false;
    }
    this.#seenFaults = faults;
    return true;
  }

  #look(bytes: Uint8Array<ArrayBuffer>): void {
    const { firstPage, pageSize } = this.#region;
    // All of the memory, the closed part too: a page there that is private already can be written without a fault as
    // soon as the guest grows again.
    const pages = this.#pagemap.privatePages(firstPage, bytes.length / pageSize, this.#policy.maxBytes / pageSize);
    this.#hot.learn(bytes, pages);
  }
}
