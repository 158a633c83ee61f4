// Which pages of this process are private to it, from /proc/self/pagemap (Linux Documentation/admin-guide/mm/pagemap).
import { openSync, readSync } from 'node:fs';

/** `read` as in `readSync`: bytes at `position` into `target`; the number of bytes read. */
export type ReadAt = (target: Uint8Array, position: number) => number;

const ENTRY_BYTES = 8;

/** Entries read at once: 32 MiB of memory in pages of 4 KiB, in a buffer of 64 KiB. */
const CHUNK = 8192;

// Bits 61 to 63 of an entry, in its high word; x86-64 and arm64 are little-endian.
const PRESENT = 0x8000_0000;
const SWAPPED = 0x4000_0000;
const FILE = 0x2000_0000;

export class Pagemap {
  readonly #read: ReadAt;
  readonly #words = new Uint32Array((CHUNK * ENTRY_BYTES) / Uint32Array.BYTES_PER_ELEMENT);
  readonly #bytes = new Uint8Array(this.#words.buffer);

  constructor(read: ReadAt) {
    this.#read = read;
  }

  /**
   * Of `count` pages from page `first` of the address space those that are no longer the mapped file's, relative to
   * `first`, ascending; no more than `limit` + 1 of them. A page of zeroes that was only read may be among them.
   */
  privatePages(first: number, count: number, limit: number): number[] {
    const pages: number[] = [];
    for (let from = 0; from < count && pages.length <= limit; from += CHUNK) {
      this.#scan(first, from, Math.min(CHUNK, count - from), pages);
    }
    return pages;
  }

  #scan(first: number, from: number, count: number, pages: number[]): void {
    const bytes = this.#bytes.subarray(0, count * ENTRY_BYTES);
    if (this.#read(bytes, (first + from) * ENTRY_BYTES) !== bytes.length) {
      throw new Error('the page map ends early');
    }
    const words = this.#words;
    for (let page = 0; page < count; page++) {
      const flags = words[page * 2 + 1] ?? 0;
      if ((flags & (PRESENT | SWAPPED)) !== 0 && (flags & FILE) === 0) {
        pages.push(from + page);
      }
    }
  }
}

/** Stays open as long as the thread. */
export function openPagemap(): Pagemap {
  const fd = openSync('/proc/self/pagemap', 'r');
  return new Pagemap((target, position) => readSync(fd, target, 0, target.length, position));
}
