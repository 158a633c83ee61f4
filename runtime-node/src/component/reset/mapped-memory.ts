// A memory that is put back in place: its size here, its content by a Content. What lies between the image's size and
// the size that V8 has is closed to the guest until it grows again, so that a shrunk memory traps as a new one does.
import type { MappedImage } from './mapped-image.ts';
import { type MemoryRegion, WASM_PAGE_BYTES } from './region.ts';
import type { ResettableMemory } from './types.ts';

/** How the content of one region gets back. */
export interface Content {
  /** Bytes from `open` on are closed: they are as they were at the last `restore`, and must not be touched. */
  restore(open: number): boolean;
  /** Drops everything private, also in the closed part. */
  discard(): boolean;
  readonly privateBytes: number;
}

export class MappedMemory implements ResettableMemory {
  readonly #region: MemoryRegion;
  readonly #content: Content;
  /** Bytes of the image. */
  readonly #first: number;
  /** Bytes that V8 had at the last look. */
  #real: number;
  /** Bytes that the guest can touch; behind them all is closed. */
  #open: number;

  /** `region` has the content of the image. */
  constructor(region: MemoryRegion, image: MappedImage, content: Content) {
    this.#region = region;
    this.#content = content;
    this.#first = image.size;
    this.#real = image.size;
    this.#open = image.size;
  }

  get privateBytes(): number {
    return this.#content.privateBytes;
  }

  grown(pages: number): void {
    const end = pages * WASM_PAGE_BYTES;
    const { size } = this.#region;
    if (!Number.isInteger(pages) || end < this.#first || end > size) {
      throw new RangeError(`a memory of ${size} bytes cannot have ${pages} pages`);
    }
    const closed = this.#open;
    this.#noteRealSize(size);
    // After growth by V8 too: that it opens everything up to the new size is nothing it promises.
    if (end > closed) {
      if (!this.#region.protect({ start: closed, end }, 'read-write')) {
        throw new Error('grown memory cannot be made accessible');
      }
      this.#open = Math.max(this.#open, end);
    }
  }

  reset(): boolean {
    try {
      return this.#reset();
    } catch {
      // expected: the slot is dropped, and V8 frees the memory whatever is mapped or closed in it.
      return false;
    }
  }

  release(): void {
    this.#content.discard();
  }

  drop(): void {
    this.#content.discard();
  }

  #reset(): boolean {
    this.#noteRealSize(this.#region.size);
    if (!this.#content.restore(this.#open)) {
      return false;
    }
    if (this.#open > this.#first) {
      if (!this.#region.protect({ start: this.#first, end: this.#open }, 'none')) {
        return false;
      }
      this.#open = this.#first;
    }
    return true;
  }

  #noteRealSize(size: number): void {
    if (size === this.#real) {
      return;
    }
    this.#real = size;
    // V8 made everything up to its new size accessible.
    this.#open = size;
    const tail = { start: this.#first, end: size };
    this.#region.advise(tail, 'small-pages');
    // Not for the dumps: an attribute that V8's guard region does not have keeps the two apart. When they join and
    // split with each change of protection, that takes half as long again (measured: 3.4 and 2.3 us for two changes).
    this.#region.advise(tail, 'no-dump');
  }
}
