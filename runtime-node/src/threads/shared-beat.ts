// What a serving thread and its supervisor share without messages: which guest runs, until when it may, whether the
// event loop still turns, and the flag that asks a guest to stop. The thread writes with plain stores, since it does
// so for every guest; what the supervisor reads may therefore be a moment old, or of two moments, and nothing here
// depends on more: the thread itself decides whether the guest that runs now is over its time.

export interface SharedBeat {
  readonly buffer: SharedArrayBuffer;
  /** The memory that rewritten modules import as `interrupt`. */
  readonly interrupt: WebAssembly.Memory;
}

/** Indices of 32-bit numbers. */
const RUN = 0;
const COMPONENT = 1;
const TURN = 2;
/** Indices of 64-bit numbers. */
const DEADLINE = 2;
const TAKEN = 3;
const BYTES = 32;

export const NO_COMPONENT = -1;

/** Only from the supervisor: the memory takes part of the address space. */
export const createSharedBeat = (): SharedBeat => ({
  buffer: new SharedArrayBuffer(BYTES),
  interrupt: new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }),
});

/** The moments that a thread tells, as both sides have them. */
export class BeatView {
  readonly #words: Int32Array;
  readonly #numbers: Float64Array;
  readonly #flag: Int32Array;

  constructor({ buffer, interrupt }: SharedBeat) {
    this.#words = new Int32Array(buffer);
    this.#numbers = new Float64Array(buffer);
    this.#flag = new Int32Array(interrupt.buffer);
  }

  /** Odd while a guest runs; another number for each run. */
  get run(): number {
    return this.#words[RUN] as number;
  }

  set run(run: number) {
    this.#words[RUN] = run;
  }

  /** Index of the component whose guest entered last. */
  get component(): number {
    return this.#words[COMPONENT] as number;
  }

  set component(index: number) {
    this.#words[COMPONENT] = index;
  }

  /** Number of the last ping that the event loop has answered. */
  get turn(): number {
    return this.#words[TURN] as number;
  }

  set turn(ping: number) {
    this.#words[TURN] = ping;
  }

  /** When the guest that entered last will be over its time, by `monotonicMs`. */
  get deadline(): number {
    return this.#numbers[DEADLINE] as number;
  }

  set deadline(at: number) {
    this.#numbers[DEADLINE] = at;
  }

  /** Bytes of output that the supervisor has taken so far. */
  get taken(): number {
    return this.#numbers[TAKEN] as number;
  }

  set taken(bytes: number) {
    this.#numbers[TAKEN] = bytes;
  }

  /** The run that the supervisor asks to stop; 0 for none. */
  get asked(): number {
    return Atomics.load(this.#flag, 0);
  }

  askToStop(run: number): void {
    Atomics.store(this.#flag, 0, run);
  }

  /** Unless the supervisor has asked another meanwhile. */
  clearAsked(run: number): void {
    Atomics.compareExchange(this.#flag, 0, run, 0);
  }
}

/** Milliseconds of a clock that all threads of the machine share, which `performance.now()` is not. */
export const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6;
