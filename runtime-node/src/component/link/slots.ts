// Gives out slots in their first state: a free one that has been put back, or a new one. Decides whether the instances
// of a component can be put back at all.
import type { CallMode, InstanceCounts, ResetInfo } from '../api.ts';
import type { MemoryImage } from '../reset/types.ts';
import type { EngineOptions } from './engine.ts';
import { instantiateSteps, type CompiledStep, type ResettableParts } from './instantiate.ts';
import { Slot } from './slot.ts';
import { SlotCensus } from './slot-census.ts';
import { SlotPool } from './slot-pool.ts';
import { Store, type StoreShape } from './store.ts';

export class Slots {
  readonly #shape: StoreShape;
  readonly #steps: readonly CompiledStep[];
  readonly #engine: EngineOptions;
  readonly #pool: SlotPool<Slot>;
  readonly #census: SlotCensus | undefined;
  /** Of the memories in the order in which they are made; taken from the first slot. */
  #images: readonly MemoryImage[] | undefined;
  #reset: ResetInfo;
  #closed = false;
  #failed = 0;
  #notReset = 0;
  #resets = 0;

  constructor(shape: StoreShape, steps: readonly CompiledStep[], engine: EngineOptions) {
    this.#shape = shape;
    this.#steps = steps;
    this.#engine = engine;
    this.#pool = new SlotPool(engine.underPressure ?? (() => false));
    this.#reset = resetInfo(steps, engine);
    const isMapped = this.#reset.mode === 'pagemap' || this.#reset.mode === 'madvise';
    this.#census = isMapped ? new SlotCensus() : undefined;
  }

  /** Final once there has been a slot. */
  get reset(): ResetInfo {
    return this.#reset;
  }

  get counts(): InstanceCounts {
    return { free: this.#pool.free, failed: this.#failed, notReset: this.#notReset, resets: this.#resets };
  }

  /**
   * Makes the first slot, so that the first guest need not wait for it. Where slots are not kept it is made too, to see
   * whether that is possible at all.
   */
  warm(): void {
    if (this.#reset.mode === 'fresh') {
      const store = new Store(this.#shape);
      this.#instantiate(store, () => store.withoutImports(() => this.#runSteps(store)));
    } else if (this.#pool.free === 0) {
      const slot = this.#makeResettable();
      if (slot !== undefined) {
        this.#pool.give(slot);
      }
    }
  }

  take(guest: unknown, mode: CallMode): Slot {
    const slot = this.#pool.take() ?? (this.#reset.mode === 'fresh' ? undefined : this.#makeResettable());
    if (slot === undefined) {
      return this.#makeFresh(guest, mode);
    }
    slot.assign(guest, mode);
    return slot;
  }

  /** Back from a guest. Dropped when its call has failed, and when it cannot be put back. */
  give(slot: Slot): void {
    if (this.#closed || this.#reset.mode === 'fresh') {
      return;
    }
    if (!slot.store.healthy) {
      this.#failed += 1;
      slot.drop();
    } else if (!slot.reset()) {
      this.#notReset += 1;
    } else {
      this.#resets += 1;
      this.#pool.give(slot);
    }
  }

  close(): void {
    this.#closed = true;
    this.#pool.close();
    for (const image of this.#images ?? []) {
      image.dispose();
    }
    this.#images = undefined;
  }

  /**
   * Instantiated without a guest, so that nothing of the world around is in its first state: one that calls imports
   * while it is instantiated (as a start function does) could not be shared, and the component is served fresh.
   */
  #makeResettable(): Slot | undefined {
    const store = new Store(this.#shape);
    const parts = this.#instantiate(store, () => store.withoutImports(() => this.#runSteps(store)));
    if (parts === undefined) {
      this.#reset = { mode: 'fresh', reason: 'it calls imports while it is instantiated' };
      return undefined;
    }
    if (!this.#attach(parts)) {
      return undefined;
    }
    for (const save of parts.saves) {
      save();
    }
    const slot = new Slot(store, parts);
    this.#census?.made(slot);
    return slot;
  }

  /** False when the system refuses, as it does without memory or file descriptors. */
  #attach({ memories }: ResettableParts): boolean {
    const { resetter } = this.#engine;
    try {
      this.#images = resetter && memories.map((memory, index) => memory.attach(resetter, this.#images?.[index]));
      return true;
    } catch (error) {
      // expected: this guest gets an instance of its own. Without a first image there will be none.
      if (this.#images === undefined) {
        this.#reset = { mode: 'fresh', reason: error instanceof Error ? error.message : String(error) };
      }
      return false;
    }
  }

  #makeFresh(guest: unknown, mode: CallMode): Slot {
    const store = new Store(this.#shape);
    store.assign(guest, mode);
    // There is no stack to suspend before there is a call.
    store.suspendable = false;
    const parts = this.#instantiate(store, () => this.#runSteps(store));
    store.assign(guest, mode);
    return new Slot(store, parts);
  }

  #runSteps(store: Store): ResettableParts {
    return instantiateSteps(store, this.#steps, this.#engine);
  }

  #instantiate<T>(store: Store, run: () => T): T {
    try {
      const result = run();
      store.throwIfFailed();
      return result;
    } catch (error) {
      const first = store.fail(error);
      try {
        store.dispose();
      } catch {
        // expected: what failed first is what is reported.
      }
      throw first;
    }
  }
}

function resetInfo(steps: readonly CompiledStep[], { resetter }: EngineOptions): ResetInfo {
  if (resetter === undefined) {
    return { mode: 'fresh', reason: 'nothing else was asked for' };
  }
  const obstacles = new Set(steps.flatMap(({ facts }) => facts.obstacles));
  if (obstacles.size > 0) {
    return { mode: 'fresh', reason: `it uses ${[...obstacles].join(', ')}` };
  }
  return { mode: resetter.mode, reason: resetter.reason };
}
