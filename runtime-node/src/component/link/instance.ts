// One guest's use of a slot: calls of exported functions, one at a time, until one of them fails.
import { classifyFailure, LimitExceeded } from '../../limits/index.ts';
import { Trap } from '../host-interface.ts';
import type { ComponentInstance } from '../api.ts';
import type { ExportedFunction } from './exports.ts';
import type { Slot } from './slot.ts';
import type { Store } from './store.ts';

export class LinkedInstance implements ComponentInstance {
  /** Undefined once released: the store may serve another guest then. */
  #slot: Slot | undefined;
  readonly #find: (interfaceName: string, functionName: string) => ExportedFunction;
  readonly #recycle: (slot: Slot) => void;
  #finished: Promise<void> = Promise.resolve();

  constructor(
    slot: Slot,
    find: (interfaceName: string, functionName: string) => ExportedFunction,
    recycle: (slot: Slot) => void,
  ) {
    this.#slot = slot;
    this.#find = find;
    this.#recycle = recycle;
  }

  call(interfaceName: string, functionName: string, args: readonly unknown[]): unknown {
    const { store } = this;
    const find = (): ExportedFunction => this.#find(interfaceName, functionName);
    return store.mode === 'suspending' ? this.#callSuspending(store, find, args) : callPlain(store, find(), args);
  }

  async #callSuspending(store: Store, find: () => ExportedFunction, args: readonly unknown[]): Promise<unknown> {
    const target = find();
    if (target.start === undefined) {
      return callSuspending(store, target, args);
    }
    const { result, finished } = callTask(store, target.start, args);
    this.#finished = finished;
    return result;
  }

  finished(): Promise<void> {
    return this.#finished;
  }

  abort(reason: Error): void {
    this.#slot?.store.abort(reason);
  }

  dispose(): void {
    this.#slot?.store.dispose();
  }

  release(): void {
    const slot = this.#slot;
    if (slot !== undefined) {
      this.#slot = undefined;
      slot.store.dispose();
      this.#recycle(slot);
    }
  }

  private get store(): Store {
    if (this.#slot === undefined) {
      throw new Trap('the instance was released');
    }
    return this.#slot.store;
  }
}

function callPlain(store: Store, target: ExportedFunction, args: readonly unknown[]): unknown {
  store.begin();
  try {
    const result = target.call(store, args);
    store.arrived();
    return result;
  } catch (error) {
    throw store.fail(failure(store, error), target.name);
  } finally {
    store.end();
  }
}

async function callSuspending(store: Store, target: ExportedFunction, args: readonly unknown[]): Promise<unknown> {
  store.begin();
  try {
    const result = await target.callSuspending(store, args);
    store.arrived();
    return result;
  } catch (error) {
    throw store.fail(failure(store, error), target.name);
  } finally {
    store.end();
  }
}

/** A call whose result may come before its end. */
function callTask(
  store: Store,
  start: NonNullable<ExportedFunction['start']>,
  args: readonly unknown[],
): { readonly result: Promise<unknown>; readonly finished: Promise<void> } {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  store.beginTasks();
  start(store, args, (outcome) => {
    store.arrived();
    resolve(outcome.tag === 'returned' ? outcome.val : undefined);
  });
  const end = async (): Promise<void> => {
    await store.idle();
    try {
      store.throwIfFailed();
    } catch (error) {
      const told = failure(store, error);
      reject(told);
      throw told;
    } finally {
      store.end();
    }
  };
  const finished = end();
  finished.catch(() => {
    // expected: the result rejects with it, or whoever waits for the end hears of it.
  });
  return { result: promise, finished };
}

/** A guest that gives up after it was refused memory has run into that limit, whatever it says. */
function failure(store: Store, error: unknown): unknown {
  if (!store.growthRefused || classifyFailure(error, { growthRefused: true }).limit !== 'memory') {
    return error;
  }
  const { instanceMemory } = store;
  return new LimitExceeded('memory', {
    cause: error,
    ...(instanceMemory === undefined ? {} : { value: instanceMemory }),
  });
}
