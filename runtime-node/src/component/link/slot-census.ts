// How many slots of a component are alive in this thread. V8 counts every linear memory with its whole size, though what is
// mapped from an image takes next to nothing, and collects garbage each time that 64 MB have been added: a burst of a thousand
// instances was 17 collections of a heap that grew all the while, half of all its CPU time. While many slots are alive, V8
// counts memories with the rest of the heap instead, which may double before it looks again.
import { setFlagsFromString } from 'node:v8';

/** Fewer are less than 64 MB, with the 1.1 MB that a Rust guest begins with. */
const MANY = 50;

/** Of the process: threads and components switch it for each other, and whoever has many again does so again. */
export type CountWithHeap = (on: boolean) => void;

const countWithHeap: CountWithHeap = (on) => {
  setFlagsFromString('--external-memory-max-growing-factor=2');
  setFlagsFromString(`--${on ? '' : 'no-'}external-memory-accounted-in-global-limit`);
};

export class SlotCensus {
  readonly #countWithHeap: CountWithHeap;
  readonly #gone = new FinalizationRegistry<void>(() => this.dropped());
  #alive = 0;

  constructor(count: CountWithHeap = countWithHeap) {
    this.#countWithHeap = count;
  }

  /** It is alive until the collector has found that nobody has it. */
  made(slot: object): void {
    this.#gone.register(slot, undefined);
    this.#alive += 1;
    if (this.#alive >= MANY && this.#alive % MANY === 0) {
      this.#countWithHeap(true);
    }
  }

  dropped(): void {
    this.#alive -= 1;
    if (this.#alive === MANY - 1) {
      this.#countWithHeap(false);
    }
  }
}
