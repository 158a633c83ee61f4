// `canon lift`: a call into a component instance, from the embedder or from another component instance.
import type { CoreValue } from '../abi/core-types.ts';
import type { FunctionAbi } from '../abi/function.ts';
import type { InstanceState } from '../abi/instance-state.ts';
import { Trap } from '../host-interface.ts';
import type { CoreRef } from '../plan.ts';
import type { Store } from './store.ts';
import { giveTurn } from './turns.ts';

export interface LiftedFunction {
  readonly abi: FunctionAbi;
  readonly core: CoreRef;
  readonly postReturn: CoreRef | null;
  readonly instance: number;
  /** Slot of the canonical options. */
  readonly options: number;
  /** True when the callee may call an import that waits, itself or through others. */
  readonly waits: boolean;
  /** Of a function that was lifted with `async`. */
  readonly callback: CoreRef | undefined;
  /** The same for results of one type. */
  readonly resultKey: string;
}

export interface AsyncLifted extends LiftedFunction {
  readonly callback: CoreRef;
}

export const isAsync = (lifted: LiftedFunction): lifted is AsyncLifted => lifted.callback !== undefined;

/** Calls on the stack of the caller. */
export function callLifted(store: Store, lifted: LiftedFunction, args: readonly unknown[]): unknown {
  const instance = enter(store, lifted.instance);
  const core = store.coreFunction(lifted.core);
  const params = lifted.abi.lowerParams(store.context(lifted.options), args);
  store.arrived();
  return finish(store, lifted, instance, core(...params));
}

/** Calls on a stack of its own, which may be suspended. */
export async function callLiftedSuspending(
  store: Store,
  lifted: LiftedFunction,
  args: readonly unknown[],
): Promise<unknown> {
  const instance = enter(store, lifted.instance);
  const core = store.promisingFunction(lifted.core);
  const params = lifted.abi.lowerParams(store.context(lifted.options), args);
  store.arrived();
  return finish(store, lifted, instance, await core(...params));
}

export function enter(store: Store, index: number): InstanceState {
  const instance = store.instance(index);
  if (instance.entered) {
    throw new Trap('cannot enter component instance: it is waiting for the call that it makes');
  }
  instance.entered = true;
  return instance;
}

function finish(store: Store, lifted: LiftedFunction, instance: InstanceState, flat: unknown): unknown {
  // What failed inside has failed, even if the guest caught the exception.
  store.throwIfFailed();
  const result = lifted.abi.liftResult(store.context(lifted.options), flat as CoreValue | undefined);
  if (instance.handles.borrowed > 0) {
    throw new Trap('borrow handles still remain at the end of the call');
  }
  if (lifted.postReturn !== null) {
    callPostReturn(store, lifted.postReturn, instance, flat);
  }
  giveTurn(instance);
  return result;
}

function callPostReturn(store: Store, ref: CoreRef, instance: InstanceState, flat: unknown): void {
  const postReturn = store.coreFunction(ref);
  instance.mayLeave = false;
  if (flat === undefined) {
    postReturn();
  } else {
    postReturn(flat as CoreValue);
  }
  store.throwIfFailed();
  instance.mayLeave = true;
}
