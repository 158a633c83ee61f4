// What a core module imports: a function made once per component that is bound to each store, plainly or, where it may
// wait, so that the guest's stack is suspended until its promise settles.
import { Trap } from '../host-interface.ts';
import { MustSuspend } from './must-suspend.ts';
import type { CoreFunction, Store } from './store.ts';

export interface CompiledTrampoline {
  /** For messages: `wasi:io/poll@0.2.0#poll`. */
  readonly name: string;
  readonly waits: boolean;
  /** The function; it gives a promise only where `waits`, and only while `suspend` is true. */
  bind(store: Store, suspend: boolean): CoreFunction;
}

export function importOf(store: Store, trampoline: CompiledTrampoline): WebAssembly.ImportValue {
  const suspend = trampoline.waits && store.mode === 'suspending';
  const bound = trampoline.bind(store, suspend);
  return suspend ? new WebAssembly.Suspending(bound) : bound;
}

/** The host answered with a promise where nothing can be suspended. */
export function refusePromise(store: Store, promise: Promise<unknown>, name: string, waits: boolean): unknown {
  promise.catch(() => {
    // expected: the call ends here, whatever comes of the promise.
  });
  if (!waits) {
    return new TypeError(`${name} answered with a promise, but is declared never to wait`);
  }
  return store.mode === 'plain'
    ? new MustSuspend(name)
    : new Trap(`${name} has to wait, which is not possible while the component is being instantiated`);
}
