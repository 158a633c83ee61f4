// The addresses of one WebAssembly memory. The only place from which an address or a length reaches the system: both
// come from the memory's own buffer and are checked here against its size; never from a value that a guest gave.
import type { Access, Advice, Libc } from '../../ffi/index.ts';
import type { Extent } from './extents.ts';

/** WebAssembly core specification, "Memory Instances". */
export const WASM_PAGE_BYTES = 65_536;

export class MemoryRegion {
  readonly #libc: Libc;
  readonly #memory: WebAssembly.Memory;
  readonly #address: bigint;
  #bytes: Uint8Array<ArrayBuffer>;

  constructor(libc: Libc, memory: WebAssembly.Memory) {
    const { buffer } = memory;
    if (!(buffer instanceof ArrayBuffer)) {
      throw new TypeError('a shared memory cannot be put back');
    }
    this.#libc = libc;
    this.#memory = memory;
    this.#address = libc.addressOf(buffer);
    this.#bytes = new Uint8Array(buffer);
    if (this.#address === 0n || this.#address % BigInt(libc.pageSize) !== 0n) {
      throw new Error('the memory does not begin at a page border');
    }
  }

  get pageSize(): number {
    return this.#libc.pageSize;
  }

  /** All bytes that V8 has for the memory now. A new view after each growth, which detaches the one before. */
  get bytes(): Uint8Array<ArrayBuffer> {
    // A detached view is empty, and so is that of an empty memory.
    if (this.#bytes.length === 0) {
      const { buffer } = this.#memory;
      // V8 reserves addresses for the largest memory at once, so that growth never moves one.
      if (this.#libc.addressOf(buffer) !== this.#address) {
        throw new Error('the memory has moved');
      }
      this.#bytes = new Uint8Array(buffer);
    }
    return this.#bytes;
  }

  get size(): number {
    return this.bytes.length;
  }

  /** Of the first page, in pages of the system. */
  get firstPage(): number {
    return Number(this.#address / BigInt(this.pageSize));
  }

  mapPrivate(extent: Extent, fd: number): boolean {
    const address = this.#check(extent);
    return this.#libc.mapPrivate(address, extent.end - extent.start, fd, extent.start);
  }

  protect(extent: Extent, access: Access): boolean {
    const address = this.#check(extent);
    return this.#libc.protect(address, extent.end - extent.start, access);
  }

  advise(extent: Extent, advice: Advice): boolean {
    const address = this.#check(extent);
    return this.#libc.advise(address, extent.end - extent.start, advice);
  }

  #check({ start, end }: Extent): bigint {
    const { size, pageSize } = this;
    if (!(start >= 0 && start < end && end <= size) || start % pageSize !== 0 || end % pageSize !== 0) {
      throw new RangeError(`bytes ${start} to ${end} of a memory of ${size}`);
    }
    return this.#address + BigInt(start);
  }
}
