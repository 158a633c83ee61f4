// `canon lower` of a function that another component instance lifted: values pass from guest to guest.
import type { CoreValue } from '../abi/core-types.ts';
import type { FunctionAbi } from '../abi/function.ts';
import { callLifted, callLiftedSuspending, type LiftedFunction } from './lift.ts';
import type { CompiledTrampoline } from './trampoline.ts';

export interface GuestCall {
  readonly name: string;
  readonly callee: LiftedFunction;
  /** The function's type as the caller has it. */
  readonly abi: FunctionAbi;
  readonly instance: number;
  /** Slot of the caller's canonical options. */
  readonly options: number;
}

export function lowerGuestFunction({ name, callee, abi, instance, options }: GuestCall): CompiledTrampoline {
  return {
    name,
    waits: callee.waits,
    signature: abi.lowered,
    bind(store) {
      const state = store.instance(instance);
      const { handles } = state;
      const cx = store.context(options);

      return function callGuest(...flat: CoreValue[]): unknown {
        if (!state.mayLeave) {
          throw store.refusal();
        }
        const lends = handles.beginLends();
        const answer = (result: unknown): unknown => {
          const lowered = abi.lowerResult(cx, result, flat);
          store.arrived();
          handles.endLends(lends);
          return lowered;
        };
        try {
          const args = abi.liftParams(cx, flat);
          if (!callee.waits || !store.suspendable) {
            return answer(callLifted(store, callee, args));
          }
          // The callee runs on a stack of its own, so that no JavaScript stands between it and what it waits for.
          return callLiftedSuspending(store, callee, args)
            .then(answer)
            .catch((error: unknown) => {
              throw store.fail(error, name);
            });
        } catch (error) {
          throw store.fail(error, name);
        }
      };
    },
  };
}
