// Whose turn it is to run core code of a component instance. Only asynchronous components wait for one: elsewhere a second
// call that comes in is an error.
import type { InstanceState } from '../abi/instance-state.ts';
import type { Store } from './store.ts';

/** Undefined when the instance was free. `entering`: a call that comes in, behind those that go on. */
export function takeTurn(store: Store, state: InstanceState, entering: boolean): Promise<void> | undefined {
  const { tasks } = state;
  if (!state.entered && !(entering && (tasks.backpressure > 0 || tasks.waiting))) {
    state.entered = true;
    return undefined;
  }
  return store.pause((wake) => {
    tasks.queue(wake, entering);
    return undefined;
  });
}

/** The instance is free, for whoever is next. */
export function giveTurn(state: InstanceState): void {
  const next = state.tasks.waiting ? state.tasks.next() : undefined;
  if (next === undefined) {
    state.entered = false;
  } else {
    next();
  }
}
