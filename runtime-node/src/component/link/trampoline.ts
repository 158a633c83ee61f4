// What a core module imports: a function made once per component, then bound to each store. Where it may wait and the
// store can suspend, it gives a promise, which the thunk around it waits for.
import type { CoreSignature } from '../abi/function.ts';
import { Trap } from '../host-interface.ts';
import { MustSuspend } from './must-suspend.ts';
import type { CoreFunction, Store } from './store.ts';

export interface CompiledTrampoline {
  /** For messages: `wasi:io/poll@0.2.0#poll`. */
  readonly name: string;
  readonly waits: boolean;
  readonly signature: CoreSignature;
  /** The function gives a promise only where `waits`, and only while the store is `suspendable`. */
  bind(store: Store): CoreFunction;
}

/** The host answered with a promise where nothing can be suspended. */
export function refusePromise(store: Store, promise: Promise<unknown>, name: string, waits: boolean): unknown {
  promise.catch(() => {
    // expected: the call ends here, whatever comes of the promise.
  });
  if (!waits) {
    return new TypeError(`${name} answered with a promise, but is declared never to wait`);
  }
  return store.mode !== 'suspending'
    ? new MustSuspend(name)
    : new Trap(`${name} has to wait, which is only possible in a call, not while the component is being instantiated`);
}
