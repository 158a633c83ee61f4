// A memory and its guest for tests: the guest reaches all that V8 has, the test's own views end at the guest's size.
import { probe, type Probe } from '../probe.ts';
import { WASM_PAGE_BYTES } from '../region.ts';
import type { MemoryImage, MemoryResetter, ResettableMemory } from '../types.ts';

export class TestGuest {
  readonly memory: WebAssembly.Memory;
  readonly resettable: ResettableMemory;
  readonly probe: Probe;
  readonly image: MemoryImage;
  /** In pages. */
  size: number;

  constructor(resetter: MemoryResetter, content: Uint8Array, image?: MemoryImage) {
    const initial = content.length / WASM_PAGE_BYTES;
    this.memory = new WebAssembly.Memory({ initial });
    this.size = initial;
    this.view.set(content);
    this.image = image ?? resetter.capture(this.memory);
    this.resettable = resetter.attach(this.memory, this.image);
    this.probe = probe(this.memory);
  }

  get view(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.memory.buffer, 0, this.size * WASM_PAGE_BYTES);
  }

  /** As `memory.grow` of a rewritten module does it. */
  grow(delta: number): void {
    const missing = this.size + delta - this.memory.buffer.byteLength / WASM_PAGE_BYTES;
    if (missing > 0) {
      this.memory.grow(missing);
    }
    this.size += delta;
    this.resettable.grown(this.size);
  }

  reset(): boolean {
    const done = this.resettable.reset();
    this.size = this.image.pages;
    return done;
  }
}

/** Random-looking, with runs of zeroes of some pages. */
export function contentOf(pages: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(pages * WASM_PAGE_BYTES);
  let state = seed;
  for (let at = 0; at < bytes.length; at += 512) {
    // Numerical Recipes' linear congruential generator.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    if (state % 8 < 3) {
      bytes.fill(state >>> 24, at, at + 100);
    }
    if (state % 97 === 0) {
      at += 20_480;
      at -= at % 512;
    }
  }
  return bytes;
}
