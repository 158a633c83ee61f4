// A linear memory that the engine made for a guest: its own size, which may be less than what V8 has, and how both
// content and size are put back for the next guest.
import type { MemoryImage, MemoryResetter, ResettableMemory } from '../reset/types.ts';
import type { MemoryFacts } from '../rewrite/types.ts';

/** WebAssembly core specification, "Memory Instances". */
const PAGE_BYTES = 65_536;
const MAX_PAGES = 65_536;

export class GuestMemory {
  readonly memory: WebAssembly.Memory;
  /** In pages; that of the image, once there is one. */
  #initial: number;
  #pages: number;
  #resettable: ResettableMemory | undefined;

  /** `capBytes` bounds what the module may declare. */
  constructor({ initial, maximum }: MemoryFacts, capBytes: number | undefined) {
    this.#initial = initial;
    this.#pages = initial;
    this.memory = new WebAssembly.Memory({ initial, maximum: maximumPages(maximum, capBytes) });
  }

  /** Bytes that belong to the guest. */
  get bytes(): number {
    return this.#pages * PAGE_BYTES;
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
}

/** Above `declared` nothing grows; a cap below `initial` is refused when the component is linked. */
const maximumPages = (declared: number | undefined, capBytes: number | undefined): number =>
  Math.min(declared ?? MAX_PAGES, MAX_PAGES, capBytes === undefined ? MAX_PAGES : Math.floor(capBytes / PAGE_BYTES));

/** Whether a memory can be made at all under this cap. */
export const fitsCap = ({ initial }: MemoryFacts, capBytes: number | undefined): boolean =>
  capBytes === undefined || initial * PAGE_BYTES <= capBytes;
