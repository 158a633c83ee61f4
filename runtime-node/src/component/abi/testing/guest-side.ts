// A guest for tests of lifting and lowering without any wasm code: a memory, a realloc and a handle table.
import { viewsOf } from '../memory-views.ts';
import type { HostClasses } from '../host-classes.ts';
import type { CanonicalOptions, CoreRef } from '../../plan.ts';
import { GuestContext } from '../guest-context.ts';
import { sharedHandles } from '../handles.ts';
import { InstanceState } from '../instance-state.ts';

const PAGE = 65_536;
const MEMORY: CoreRef = { from: 'instance', instance: 0, name: 'memory' };
const REALLOC: CoreRef = { from: 'instance', instance: 0, name: 'realloc' };

export interface GuestSideOptions {
  readonly encoding?: CanonicalOptions['encoding'];
  readonly pages?: number;
  /** Grows the memory at each allocation, so that every view of it is detached. */
  readonly alwaysGrow?: boolean;
  readonly realloc?: (oldPointer: number, oldSize: number, alignment: number, size: number) => number;
  readonly hostClasses?: HostClasses;
  /** Index of the component instance. */
  readonly instance?: number;
}

export class GuestSide {
  readonly memory: WebAssembly.Memory;
  readonly cx: GuestContext;
  readonly allocator: Allocator;

  constructor(options: GuestSideOptions = {}) {
    this.memory = new WebAssembly.Memory({ initial: options.pages ?? 1 });
    this.allocator = new Allocator(this.memory, options.alwaysGrow === true);
    const realloc =
      options.realloc ??
      ((_old: number, _size: number, alignment: number, size: number) => this.allocator.allocate(size, alignment));
    const canonical: CanonicalOptions = {
      memory: MEMORY,
      realloc: REALLOC,
      postReturn: null,
      encoding: options.encoding ?? 'utf8',
    };
    this.cx = new GuestContext(new InstanceState(options.instance ?? 0, sharedHandles()), canonical, {
      owner: { generation: 0, destroy: () => undefined, arrived: () => undefined, failed: () => undefined },
      viewsOf: ({ buffer }) => viewsOf(buffer, buffer.byteLength),
      resolve: (ref) => (ref === MEMORY ? this.memory : realloc),
      identify: (object) => {
        if (options.hostClasses === undefined) {
          throw new Error('this guest has no host resources');
        }
        return options.hostClasses.identify(object);
      },
    });
  }

  get bytes(): Uint8Array {
    return new Uint8Array(this.memory.buffer);
  }

  /** Puts bytes at an address of the test's choice. */
  put(pointer: number, ...bytes: readonly number[]): void {
    this.bytes.set(bytes, pointer);
  }
}

/** Hands out addresses one after the other; never takes any back. */
export class Allocator {
  readonly #memory: WebAssembly.Memory;
  readonly #alwaysGrow: boolean;
  /** No allocation is at address 0. */
  #top = 16;

  constructor(memory: WebAssembly.Memory, alwaysGrow = false) {
    this.#memory = memory;
    this.#alwaysGrow = alwaysGrow;
  }

  allocate(size: number, alignment: number): number {
    const start = Math.ceil(this.#top / alignment) * alignment;
    this.#top = start + size;
    const missing = Math.ceil((this.#top - this.#memory.buffer.byteLength) / PAGE);
    if (missing > 0 || this.#alwaysGrow) {
      this.#memory.grow(Math.max(missing, 1));
    }
    return start;
  }
}
