// The pages of one slot that are private to it, ready to be copied back: views of the memory and of its source, made
// once per run of pages, because making them takes longer than copying.
import { runsOf } from './extents.ts';

interface Run {
  readonly target: Uint8Array;
  readonly source: Uint8Array;
}

/** Behind the image, where the content is zero. */
interface TailRun {
  readonly start: number;
  readonly target: Uint8Array;
}

export class HotPages {
  readonly #source: Uint8Array<ArrayBuffer>;
  readonly #pageSize: number;
  #memory: Uint8Array<ArrayBuffer> | undefined;
  #pages: readonly number[] = [];
  #runs: Run[] = [];
  #tail: TailRun[] = [];

  constructor(source: Uint8Array<ArrayBuffer>, pageSize: number) {
    this.#source = source;
    this.#pageSize = pageSize;
  }

  get bytes(): number {
    return this.#pages.length * this.#pageSize;
  }

  /** Whether the views are of this view's buffer, which growth replaces. */
  isOf(memory: Uint8Array): boolean {
    return this.#memory === memory;
  }

  /** All private pages of the memory, ascending. */
  learn(memory: Uint8Array<ArrayBuffer>, pages: readonly number[]): void {
    if (this.isOf(memory) && equal(pages, this.#pages)) {
      return;
    }
    this.#memory = memory;
    this.#pages = pages;
    const size = this.#source.length;
    const firstOfTail = size / this.#pageSize;
    const split = pages.findIndex((page) => page >= firstOfTail);
    const inside = split < 0 ? pages : pages.slice(0, split);
    const behind = split < 0 ? [] : pages.slice(split);
    this.#runs = runsOf(inside, this.#pageSize).map(({ start, end }) => ({
      target: memory.subarray(start, end),
      source: this.#source.subarray(start, end),
    }));
    this.#tail = runsOf(behind, this.#pageSize).map(({ start, end }) => ({
      start,
      target: memory.subarray(start, end),
    }));
  }

  /** Only below `open`. */
  putBack(open: number): void {
    for (const { target, source } of this.#runs) {
      target.set(source);
    }
    for (const { start, target } of this.#tail) {
      if (start >= open) {
        return;
      }
      target.fill(0, 0, Math.min(target.length, open - start));
    }
  }

  /** Nothing is private any more. */
  clear(): void {
    this.#pages = [];
    this.#runs = [];
    this.#tail = [];
  }
}

const equal = (some: readonly number[], others: readonly number[]): boolean =>
  some.length === others.length && some.every((page, index) => page === others[index]);
