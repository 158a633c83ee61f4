// Memories that are put back by copying all of them: without system calls, and without a way to make one smaller.
import { nonZeroPages } from './extents.ts';
import { WASM_PAGE_BYTES } from './region.ts';
import type { MemoryImage, ResettableMemory } from './types.ts';

/** Beyond it a new instance costs less: about 50 us per MB are copied here, and a large instance takes a few ms. */
const MAX_BYTES = 32 * 1024 * 1024;

/** Zeroes are looked for in blocks of this size. */
const BLOCK_BYTES = 4096;

const endOfContent = (bytes: Uint8Array): number => ((nonZeroPages(bytes, BLOCK_BYTES).at(-1) ?? -1) + 1) * BLOCK_BYTES;

export class CopiedImage implements MemoryImage {
  readonly pages: number;
  /** Without the zeroes at the end; undefined when the memory is too large. */
  readonly content: Uint8Array | undefined;

  constructor(memory: WebAssembly.Memory) {
    const bytes = new Uint8Array(memory.buffer);
    this.pages = bytes.length / WASM_PAGE_BYTES;
    this.content = bytes.length > MAX_BYTES ? undefined : bytes.slice(0, endOfContent(bytes));
  }

  get bytes(): number {
    return this.content?.length ?? 0;
  }

  dispose(): void {
    // Nothing but memory of JavaScript.
  }
}

export class CopiedMemory implements ResettableMemory {
  readonly #memory: WebAssembly.Memory;
  readonly #image: CopiedImage;

  constructor(memory: WebAssembly.Memory, image: CopiedImage) {
    this.#memory = memory;
    this.#image = image;
  }

  get privateBytes(): number {
    return this.#memory.buffer.byteLength;
  }

  grown(): void {
    // V8 has made it accessible.
  }

  reset(): boolean {
    const { content, pages } = this.#image;
    const bytes = new Uint8Array(this.#memory.buffer);
    if (content === undefined || bytes.length !== pages * WASM_PAGE_BYTES) {
      return false;
    }
    bytes.set(content);
    bytes.fill(0, content.length);
    return true;
  }

  release(): void {
    // What V8 has been given it keeps.
  }

  drop(): void {
    // As above.
  }
}
