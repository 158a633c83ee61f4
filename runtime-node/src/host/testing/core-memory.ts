// A guest's side of the core ABI for tests: a memory, an allocator and a handle table, with no component behind them.
import { Trap, type CoreBinding } from '../../component/index.ts';

const PAGE = 65_536;

export class CoreMemory implements CoreBinding {
  readonly #memory = new WebAssembly.Memory({ initial: 1 });
  readonly #resources = new Map<number, object>();
  #nextHandle = 1;
  /** Below it lies what an earlier call was given; 16 so that no address is null. */
  #top = 16;

  get bytes(): Uint8Array {
    return new Uint8Array(this.#memory.buffer);
  }

  get view(): DataView {
    return new DataView(this.#memory.buffer);
  }

  allocate(size: number, align: number): number {
    const start = Math.ceil(this.#top / align) * align;
    this.#top = start + size;
    const missing = this.#top - this.#memory.buffer.byteLength;
    if (missing > 0) {
      this.#memory.grow(Math.ceil(missing / PAGE));
    }
    return start;
  }

  resource<T extends object>(handle: number, type: abstract new (...args: never[]) => T): T {
    const value = this.#resources.get(handle);
    if (!(value instanceof type)) {
      throw new Trap(`unknown handle ${handle}`);
    }
    return value;
  }

  insert(value: object): number {
    const handle = this.#nextHandle++;
    this.#resources.set(handle, value);
    return handle;
  }

  /** Puts bytes where a guest would have them. */
  store(bytes: Uint8Array): number {
    const pointer = this.allocate(bytes.length, 1);
    this.bytes.set(bytes, pointer);
    return pointer;
  }

  readString(pointer: number, length: number): string {
    return new TextDecoder('utf-8', { fatal: true }).decode(this.bytes.slice(pointer, pointer + length));
  }

  writeString(value: string, at: number): void {
    const bytes = new TextEncoder().encode(value);
    const pointer = this.store(bytes);
    this.view.setUint32(at, pointer, true);
    this.view.setUint32(at + 4, bytes.length, true);
  }
}
