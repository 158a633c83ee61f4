// Watches another resetter: after each reset, every byte of the memory is compared with what it was when it was bound.
import type {
  MemoryImage,
  MemoryResetter,
  ResettableMemory,
  ResetMode,
} from '../../runtime-node/src/component/reset/types.ts';

/** 64 MiB: more than any real guest begins with. Of a larger memory only the beginning is watched. */
const MOST_PAGES = 1024;

export class WatchingResetter implements MemoryResetter {
  readonly #inner: MemoryResetter;
  resets = 0;
  /** Resets after which the memory was not what it had been. */
  differences = 0;
  /** Memories bound so far: each slot binds its own. */
  attached = 0;

  constructor(inner: MemoryResetter) {
    this.#inner = inner;
  }

  get mode(): ResetMode {
    return this.#inner.mode;
  }

  get reason(): string | undefined {
    return this.#inner.reason;
  }

  capture(memory: WebAssembly.Memory): MemoryImage {
    return this.#inner.capture(memory);
  }

  attach(memory: WebAssembly.Memory, image: MemoryImage): ResettableMemory {
    this.attached += 1;
    // Only up to the first size: JavaScript must not touch what lies beyond the guest's own.
    const expected = Buffer.from(new Uint8Array(memory.buffer, 0, Math.min(image.pages, MOST_PAGES) * 65_536));
    const inner = this.#inner.attach(memory, image);
    const check = (): void => {
      this.resets += 1;
      if (!Buffer.from(memory.buffer, 0, expected.length).equals(expected)) {
        this.differences += 1;
      }
    };
    return {
      grown: (pages) => inner.grown(pages),
      reset: () => {
        const put = inner.reset();
        if (put) {
          check();
        }
        return put;
      },
      release: () => {
        inner.release();
        check();
      },
      drop: () => inner.drop(),
      get privateBytes() {
        return inner.privateBytes;
      },
    };
  }
}
