// A caller's memory for tests of functions at the core ABI: a small linear memory that grows at every allocation, so
// that a view kept too long shows, and a table of handles.
import { Trap, type CoreBinding } from '../../component/index.ts';

/** Below this nothing is allocated, as in a real module. */
const FIRST_ADDRESS = 16;
const PAGE = 65_536;

export class GuestMemory implements CoreBinding {
  readonly #memory = new WebAssembly.Memory({ initial: 1 });
  #next = FIRST_ADDRESS;
  readonly #table: (object | undefined)[] = [];
  /** Sizes that were asked for. */
  readonly allocations: number[] = [];

  get bytes(): Uint8Array {
    return new Uint8Array(this.#memory.buffer);
  }

  get view(): DataView {
    return new DataView(this.#memory.buffer);
  }

  allocate(size: number, align: number): number {
    this.allocations.push(size);
    return this.reserve(size, align);
  }

  /** As the guest's own code allocates. */
  reserve(size: number, align = 1): number {
    const at = Math.ceil(this.#next / align) * align;
    this.#next = at + size;
    // Whoever still holds a view sees it empty from now on.
    this.#memory.grow(Math.ceil((size + 1) / PAGE));
    return at;
  }

  resource<T extends object>(handle: number, type: abstract new (...args: never[]) => T): T {
    const value = this.#table[handle];
    if (!(value instanceof type)) {
      throw new Trap(`no such handle ${handle}`);
    }
    return value;
  }

  readString(pointer: number, length: number): string {
    if ((pointer >>> 0) + (length >>> 0) > this.#memory.buffer.byteLength) {
      throw new Trap('a string is out of bounds');
    }
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
        this.bytes.subarray(pointer, pointer + length),
      );
    } catch {
      // expected: what a guest must not pass
      throw new Trap('a string is not UTF-8');
    }
  }

  writeString(value: string, at: number): void {
    const bytes = Buffer.from(value);
    const pointer = this.allocate(bytes.length, 1);
    this.bytes.set(bytes, pointer);
    this.view.setUint32(at, pointer, true);
    this.view.setUint32(at + 4, bytes.length, true);
  }

  insert(value: object): number {
    return this.#table.push(value) - 1;
  }

  /** The object of a handle that a function gave back. */
  object(handle: number): object | undefined {
    return this.#table[handle];
  }

  /** Puts bytes into memory; pointer and length, ready to be passed. */
  put(bytes: Uint8Array): [pointer: number, length: number] {
    const pointer = this.reserve(bytes.length);
    this.bytes.set(bytes, pointer);
    return [pointer, bytes.length];
  }

  /** Puts a list of pairs of pointer and length into memory. */
  putPairs(pairs: readonly (readonly [number, number])[]): number {
    const pointer = this.reserve(pairs.length * 8, 4);
    for (const [index, [address, length]] of pairs.entries()) {
      this.view.setUint32(pointer + index * 8, address, true);
      this.view.setUint32(pointer + index * 8 + 4, length, true);
    }
    return pointer;
  }

  /** The bytes of a `string` or `list<u8>` whose pointer and length stand at `at`. */
  bytesAt(at: number): Uint8Array {
    const pointer = this.view.getUint32(at, true);
    return this.bytes.slice(pointer, pointer + this.view.getUint32(at + 4, true));
  }
}
