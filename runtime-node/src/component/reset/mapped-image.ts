// An image in a file that slots map copy-on-write: all of them share its pages until they write. Holds one descriptor
// until it is disposed of; what is mapped by then stays valid without it.
import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import type { Libc } from '../../ffi/index.ts';
import { extentsOf, nonZeroPages, runsOf, type Extent } from './extents.ts';
import type { Pagemap } from './pagemap.ts';
import { MemoryRegion, WASM_PAGE_BYTES } from './region.ts';
import type { MemoryImage } from './types.ts';

/** Bytes of the file stand where they stand in the memory; outside of `extents` the memory is zero. */
export interface ImageFile {
  /** Opened by Node for reading, so that it is closed when the thread ends, however it ends. */
  readonly fd: number;
  readonly pages: number;
  readonly extents: readonly Extent[];
  /** Bytes in pages of the system that are not all zero. */
  readonly bytes: number;
}

export class MappedImage implements MemoryImage {
  readonly #libc: Libc;
  readonly #file: ImageFile;
  #source: Uint8Array<ArrayBuffer> | undefined;
  #open = true;

  constructor(libc: Libc, file: ImageFile) {
    this.#libc = libc;
    this.#file = file;
  }

  get pages(): number {
    return this.#file.pages;
  }

  get bytes(): number {
    return this.#file.bytes;
  }

  get size(): number {
    return this.pages * WASM_PAGE_BYTES;
  }

  /**
   * The content, `size` bytes, shared with what the slots map. It is the buffer of a memory of its own, with the file
   * mapped over it: V8 then unmaps it once nobody can reach it any more, also when the thread is terminated.
   */
  get source(): Uint8Array<ArrayBuffer> {
    if (this.#source === undefined) {
      const memory = new WebAssembly.Memory({ initial: this.pages, maximum: this.pages });
      const region = new MemoryRegion(this.#libc, memory);
      this.mapOver(region);
      this.#source = region.bytes;
    }
    return this.#source;
  }

  /** Makes the content of the region's first `size` bytes that of the image. Throws with the content undefined. */
  mapOver(region: MemoryRegion): void {
    if (!this.#open) {
      throw new Error('the image has been disposed of');
    }
    if (this.size === 0) {
      return;
    }
    const whole = { start: 0, end: this.size };
    if (!region.advise(whole, 'discard')) {
      throw new Error('madvise has failed');
    }
    for (const extent of this.#file.extents) {
      if (!region.mapPrivate(extent, this.#file.fd)) {
        throw new Error('mmap has failed');
      }
    }
    // After the mapping, which makes new areas. Huge pages would make one written byte 2 MiB of private memory. Kernels
    // without them do not know the advice.
    region.advise(whole, 'small-pages');
  }

  dispose(): void {
    if (this.#open) {
      this.#open = false;
      closeSync(this.#file.fd);
    }
  }
}

/** Copies what is not zero into a new file in memory. */
export function captureFile(libc: Libc, memory: WebAssembly.Memory, pagemap?: Pagemap): ImageFile {
  const region = new MemoryRegion(libc, memory);
  const { bytes } = region;
  const count = bytes.length / libc.pageSize;
  // Only pages that were written can be other than zero; to read the others would make the kernel map each of them.
  const pages = nonZeroPages(bytes, libc.pageSize, pagemap?.privatePages(region.firstPage, count, count));
  const extents = extentsOf(pages, libc.pageSize);
  const fd = libc.createMemoryFile('spindle-image');
  if (fd === undefined) {
    throw new Error('memfd_create has failed');
  }
  try {
    ftruncateSync(fd, bytes.length);
    for (const { start, end } of runsOf(pages, libc.pageSize)) {
      writeWhole(fd, bytes.subarray(start, end), start);
    }
    return {
      fd: openSync(`/proc/self/fd/${fd}`, 'r'),
      pages: bytes.length / WASM_PAGE_BYTES,
      extents,
      bytes: pages.length * libc.pageSize,
    };
  } finally {
    libc.close(fd);
  }
}

function writeWhole(fd: number, bytes: Uint8Array, position: number): void {
  for (let written = 0; written < bytes.length;) {
    written += writeSync(fd, bytes, written, bytes.length - written, position + written);
  }
}
