// `canon lower` of a function of the host: from core values to the host's answer and back.
import type { CoreValue } from '../abi/core-types.ts';
import type { FunctionAbi } from '../abi/function.ts';
import type { CoreBinding, HostFunction } from '../host-interface.ts';
import { MustSuspend } from './must-suspend.ts';
import type { CoreFunction, Store } from './store.ts';
import { refusePromise, type CompiledTrampoline } from './trampoline.ts';

export interface HostCall {
  readonly name: string;
  readonly host: HostFunction<never>;
  /** May run in a call on trial. */
  readonly repeatable: boolean;
  readonly abi: FunctionAbi;
  readonly instance: number;
  /** Slot of the canonical options. */
  readonly options: number;
}

export type Implementation = (guest: unknown, ...args: readonly unknown[]) => unknown;
type CoreImplementation = (guest: () => unknown, binding: CoreBinding) => CoreFunction;

export function lowerHostFunction(call: HostCall): CompiledTrampoline {
  const { name, host, abi, repeatable } = call;
  const bind = host.core === undefined ? bindTyped : bindCore;
  return {
    name,
    waits: host.waits,
    signature: abi.lowered,
    bind: (store) => (repeatable ? bind(store, call) : refuseTrials(store, name, bind(store, call))),
  };
}

/** Ends a call on trial before the function does what could not be undone. */
export const refuseTrials = (store: Store, name: string, called: CoreFunction): CoreFunction =>
  function callOnce(...flat: CoreValue[]): unknown {
    if (store.mode === 'trial') {
      throw store.fail(new MustSuspend(name));
    }
    return called(...flat);
  };

function bindTyped(store: Store, { name, host, abi, instance, options }: HostCall) {
  const state = store.instance(instance);
  const { handles } = state;
  const cx = store.context(options);
  const implementation = host.call as Implementation;

  const answer = (result: unknown, flat: readonly CoreValue[], lends: number): unknown => {
    try {
      const lowered = abi.lowerResult(cx, result, flat);
      handles.endLends(lends);
      return lowered;
    } catch (error) {
      store.abandon(result);
      throw error;
    }
  };

  return function callHost(...flat: CoreValue[]): unknown {
    if (!state.mayLeave) {
      throw store.refusal();
    }
    const lends = handles.beginLends();
    try {
      const args = abi.liftParams(cx, flat);
      store.arrived();
      const result = apply(implementation, store.guest, args);
      if (!(result instanceof Promise)) {
        return answer(result, flat, lends);
      }
      if (host.waits && store.suspendable) {
        // Other calls of this instance may begin meanwhile, and end later.
        const lent = handles.takeLends(lends);
        return store.wait(result, name, (value) => {
          const lowered = answer(value, flat, handles.beginLends());
          handles.returnLends(lent);
          return lowered;
        });
      }
      throw refusePromise(store, result, name, host.waits);
    } catch (error) {
      throw store.fail(error, name);
    }
  };
}

/** Most functions have few parameters, and named ones are much cheaper than spread ones. */
export function apply(implementation: Implementation, guest: unknown, args: readonly unknown[]): unknown {
  switch (args.length) {
    case 0:
      return implementation(guest);
    case 1:
      return implementation(guest, args[0]);
    case 2:
      return implementation(guest, args[0], args[1]);
    case 3:
      return implementation(guest, args[0], args[1], args[2]);
    default:
      return implementation(guest, ...args);
  }
}

/** Most functions have no more core parameters than this; fixed ones are much cheaper than a rest parameter. */
const FIXED_PARAMS = 8;

function bindCore(store: Store, { name, host, abi, instance, options }: HostCall) {
  const state = store.instance(instance);
  const implementation = (host.core as unknown as CoreImplementation)(() => store.guest, store.context(options));

  const answer = (result: unknown): unknown => {
    if (!(result instanceof Promise)) {
      return result;
    }
    if (host.waits && store.suspendable) {
      return store.wait(result, name, (value) => value);
    }
    throw refusePromise(store, result, name, host.waits);
  };

  if (abi.lowered.params.length > FIXED_PARAMS) {
    return function callCore(...flat: CoreValue[]): unknown {
      if (!state.mayLeave) {
        throw store.refusal();
      }
      try {
        return answer(implementation(...flat));
      } catch (error) {
        throw store.fail(error, name);
      }
    };
  }
  type V = CoreValue;
  return function callCore(a?: V, b?: V, c?: V, d?: V, e?: V, f?: V, g?: V, h?: V): unknown {
    if (!state.mayLeave) {
      throw store.refusal();
    }
    try {
      return answer((implementation as (...args: unknown[]) => unknown)(a, b, c, d, e, f, g, h));
    } catch (error) {
      throw store.fail(error, name);
    }
  } as CoreFunction;
}
