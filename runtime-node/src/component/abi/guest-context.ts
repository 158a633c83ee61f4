// One set of canonical options of a component instance: its memory, realloc, string encoding and handle table, for the
// compiled codecs and for host functions at the core ABI.
import type { CoreBinding } from '../host-interface.ts';
import { Trap } from '../host-interface.ts';
import type { CanonicalOptions, CoreRef } from '../plan.ts';
import type { GuestResourceOwner } from './guest-resource.ts';
import type { InstanceState } from './instance-state.ts';
import type { LiftLowerContext } from './lift-lower-context.ts';
import type { ResourceIdentity } from './resource-identity.ts';
import type { MemoryViews } from './memory-views.ts';
import { readString, writeString } from './strings.ts';

/**
 * Bytes that one call may make the host copy out of a guest: wasmtime's DEFAULT_HOSTCALL_FUEL. Without it a list of
 * a million strings that all point to the same megabyte would take a terabyte.
 */
export const LIFT_BUDGET = 128 * 2 ** 20;

/** What the context needs of the instance around it. */
export interface ContextHome {
  readonly owner: GuestResourceOwner;
  /** A core definition, once the core instance that it belongs to has been made. */
  resolve(ref: CoreRef): WebAssembly.ExportValue | undefined;
  /** Views of what of the memory belongs to the guest: it may be larger (a slot that served a larger guest). */
  viewsOf(memory: WebAssembly.Memory): MemoryViews;
  /** The type of a host object, by its class. */
  identify(object: object): ResourceIdentity;
}

type Realloc = (oldPointer: number, oldSize: number, alignment: number, newSize: number) => number;

const NO_BYTES = new Uint8Array(0);
const NO_VIEW = new DataView(NO_BYTES.buffer);
const NO_TEXT = Buffer.alloc(0);

export class GuestContext implements CoreBinding, LiftLowerContext {
  readonly instance: InstanceState;
  readonly encoding: CanonicalOptions['encoding'];
  readonly owner: GuestResourceOwner;
  readonly #home: ContextHome;
  readonly #options: CanonicalOptions;
  #memory: WebAssembly.Memory | undefined;
  #realloc: Realloc | undefined;
  #bytes: Uint8Array = NO_BYTES;
  #view: DataView = NO_VIEW;
  #text: Buffer = NO_TEXT;
  #budget = LIFT_BUDGET;

  constructor(instance: InstanceState, options: CanonicalOptions, home: ContextHome) {
    this.instance = instance;
    this.encoding = options.encoding;
    this.owner = home.owner;
    this.#home = home;
    this.#options = options;
  }

  // Real growth detaches the old buffer, which makes every view of it empty: one comparison tells.
  get bytes(): Uint8Array {
    if (this.#bytes.length === 0) {
      this.#refresh();
    }
    return this.#bytes;
  }

  get view(): DataView {
    if (this.#bytes.length === 0) {
      this.#refresh();
    }
    return this.#view;
  }

  get text(): Buffer {
    if (this.#bytes.length === 0) {
      this.#refresh();
    }
    return this.#text;
  }

  #refresh(): void {
    this.#memory ??= this.#resolveMemory();
    const { bytes, view, text } = this.#home.viewsOf(this.#memory);
    this.#bytes = bytes;
    this.#view = view;
    this.#text = text;
  }

  forgetViews(): void {
    this.#bytes = NO_BYTES;
  }

  #resolveMemory(): WebAssembly.Memory {
    const memory = this.#options.memory === null ? undefined : this.#home.resolve(this.#options.memory);
    if (!(memory instanceof WebAssembly.Memory)) {
      throw new Trap('a function that passes values through memory was called before the memory was there');
    }
    return memory;
  }

  beginLift(): void {
    this.#budget = LIFT_BUDGET;
  }

  charge(bytes: number): void {
    this.#budget -= bytes;
    if (this.#budget < 0) {
      throw new Trap(`the guest passed more than ${LIFT_BUDGET} bytes of strings and lists in one call`);
    }
  }

  checkRange(pointer: number, size: number, alignment: number, what: string): void {
    if ((pointer & (alignment - 1)) !== 0) {
      throw new Trap(`${what} pointer not aligned to ${alignment}`);
    }
    if (pointer + size > this.bytes.length) {
      throw new Trap(`${what} pointer/length out of bounds of memory`);
    }
  }

  allocate(size: number, alignment: number): number {
    return this.reallocate(0, 0, alignment, size);
  }

  reallocate(oldPointer: number, oldSize: number, alignment: number, newSize: number): number {
    this.#realloc ??= this.#resolveRealloc();
    if (!this.instance.mayLeave) {
      // A late answer to a call that has been aborted meanwhile.
      throw new Trap('cannot enter component instance');
    }
    this.instance.mayLeave = false;
    const pointer = this.#realloc(oldPointer, oldSize, alignment, newSize) >>> 0;
    // Not in a `finally`: after a trap the instance must stay closed.
    this.instance.mayLeave = true;
    this.checkRange(pointer, newSize, alignment, 'realloc return:');
    return pointer;
  }

  #resolveRealloc(): Realloc {
    const realloc = this.#options.realloc === null ? undefined : this.#home.resolve(this.#options.realloc);
    if (typeof realloc !== 'function') {
      throw new Trap('a function that needs realloc was called before realloc was there');
    }
    return realloc as Realloc;
  }

  resource<T extends object>(handle: number, type: abstract new (...args: never[]) => T): T {
    return this.instance.handles.object(handle, type);
  }

  insert(value: object): number {
    return this.instance.handles.insertOwn(this.#home.identify(value), value);
  }

  readString(pointer: number, length: number): string {
    this.beginLift();
    return readString(this, pointer >>> 0, length >>> 0);
  }

  writeString(value: string, at: number): void {
    const [pointer, length] = writeString(this, value);
    this.view.setUint32(at, pointer, true);
    this.view.setUint32(at + 4, length, true);
  }
}
