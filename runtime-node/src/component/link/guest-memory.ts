// A linear memory that the engine made for a guest: its own size, which may be less than what V8 has, and how both
// content and size are put back for the next guest.
import { viewsOf, type MemoryViews } from '../abi/memory-views.ts';
import type { MemoryImage, MemoryResetter, ResettableMemory } from '../reset/types.ts';
import type { MemoryFacts } from '../rewrite/types.ts';

/** WebAssembly core specification, "Memory Instances". */
const PAGE_BYTES = 65_536;
const MAX_PAGES = 65_536;

/** A guest can have as many sizes as it likes. */
const MAX_KEPT_VIEWS = 8;

export class GuestMemory {
  readonly memory: WebAssembly.Memory;
  /** In pages; that of the image, once there is one. */
  #initial: number;
  #pages: number;
  #resettable: ResettableMemory | undefined;
  #buffer: ArrayBuffer | undefined;
  readonly #views = new Map<number, MemoryViews>();

  /** `capBytes` bounds what the module may declare. */
  constructor({ initial, maximum }: MemoryFacts, capBytes: number | undefined) {
    this.#initial = initial;
    this.#pages = initial;
    this.memory = new WebAssembly.Memory({ initial, maximum: maximumPages(maximum, capBytes) });
  }

  /** Of what belongs to the guest. Kept by size, since each call of a guest grows as the last one did. */
  views(): MemoryViews {
    const { buffer } = this.memory;
    if (buffer !== this.#buffer) {
      this.#buffer = buffer;
      this.#views.clear();
    }
    let views = this.#views.get(this.#pages);
    if (views === undefined) {
      views = viewsOf(buffer, this.#pages * PAGE_BYTES);
      if (this.#views.size < MAX_KEPT_VIEWS) {
        this.#views.set(this.#pages, views);
      }
    }
    return views;
  }

  /** The guest's size has become `pages`. */
  grown(pages: number): void {
    this.#pages = pages;
    this.#resettable?.grown(pages);
  }

  /** From here on `reset` gives back what is in the memory now. */
  attach(resetter: MemoryResetter, image: MemoryImage | undefined): MemoryImage {
    this.#initial = this.#pages;
    const taken = image ?? resetter.capture(this.memory);
    this.#resettable = resetter.attach(this.memory, taken);
    return taken;
  }

  /** True when the size is the first one again. */
  get hasFirstSize(): boolean {
    return this.#pages === this.#initial;
  }

  /** False when it cannot be put back. */
  reset(): boolean {
    if (this.#resettable?.reset() !== true) {
      return false;
    }
    this.#pages = this.#initial;
    return true;
  }

  /** Gives back what the memory holds beyond its image; the content stays what it is right after `reset`. */
  release(): void {
    this.#resettable?.release();
  }

  drop(): void {
    this.#resettable?.drop();
  }
}

/** Above `declared` nothing grows; a cap below `initial` is refused when the component is linked. */
const maximumPages = (declared: number | undefined, capBytes: number | undefined): number =>
  Math.min(declared ?? MAX_PAGES, MAX_PAGES, capBytes === undefined ? MAX_PAGES : Math.floor(capBytes / PAGE_BYTES));

/** How large a memory is at first. */
export const bytesOf = ({ initial }: MemoryFacts): number => initial * PAGE_BYTES;

/** Whether a memory can be made at all under this cap. */
export const fitsCap = (facts: MemoryFacts, capBytes: number | undefined): boolean =>
  capBytes === undefined || bytesOf(facts) <= capBytes;
