// One instance as the embedder sees it: calls of exported functions, one at a time, until one of them fails.
import type { ComponentInstance } from '../api.ts';
import type { ExportedFunction } from './exports.ts';
import type { Store } from './store.ts';

export class LinkedInstance implements ComponentInstance {
  readonly #store: Store;
  readonly #find: (interfaceName: string, functionName: string) => ExportedFunction;

  constructor(store: Store, find: (interfaceName: string, functionName: string) => ExportedFunction) {
    this.#store = store;
    this.#find = find;
  }

  call(interfaceName: string, functionName: string, args: readonly unknown[]): unknown {
    return this.#store.mode === 'suspending'
      ? this.#callSuspending(interfaceName, functionName, args)
      : this.#callPlain(this.#find(interfaceName, functionName), args);
  }

  #callPlain(target: ExportedFunction, args: readonly unknown[]): unknown {
    const store = this.#store;
    store.begin();
    try {
      const result = target.call(store, args);
      store.arrived();
      return result;
    } catch (error) {
      throw store.fail(error, target.name);
    } finally {
      store.running = false;
    }
  }

  async #callSuspending(interfaceName: string, functionName: string, args: readonly unknown[]): Promise<unknown> {
    const target = this.#find(interfaceName, functionName);
    const store = this.#store;
    store.begin();
    try {
      const result = await target.callSuspending(store, args);
      store.arrived();
      return result;
    } catch (error) {
      throw store.fail(error, target.name);
    } finally {
      store.running = false;
    }
  }

  abort(reason: Error): void {
    this.#store.abort(reason);
  }

  dispose(): void {
    this.#store.dispose();
  }
}
