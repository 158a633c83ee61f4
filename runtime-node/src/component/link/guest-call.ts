// `canon lower` of a function that another component instance lifted: values pass from guest to guest.
import type { CoreValue } from '../abi/core-types.ts';
import type { FunctionAbi } from '../abi/function.ts';
import { callLifted, callLiftedSuspending, isAsync, type AsyncLifted, type LiftedFunction } from './lift.ts';
import type { Store } from './store.ts';
import { startTask, type Outcome } from './task.ts';
import { refusePromise, type CompiledTrampoline } from './trampoline.ts';

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
    waits: callee.waits || isAsync(callee),
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
        // Other calls of this instance may begin meanwhile, and end later.
        const answerLater = async (promised: Promise<unknown>): Promise<unknown> => {
          const lent = handles.takeLends(lends);
          const result = await promised;
          const lowered = abi.lowerResult(cx, result, flat);
          store.arrived();
          handles.returnLends(lent);
          return lowered;
        };
        try {
          const args = abi.liftParams(cx, flat);
          if (isAsync(callee)) {
            const result = callTask(store, callee, args, name);
            return result instanceof Promise ? answerLater(result) : answer(result.val);
          }
          if (!callee.waits || !store.suspendable) {
            return answer(callLifted(store, callee, args));
          }
          // The callee runs on a stack of its own, so that no JavaScript stands between it and what it waits for.
          return answerLater(callLiftedSuspending(store, callee, args)).catch((error: unknown) => {
            throw store.fail(error, name);
          });
        } catch (error) {
          throw store.fail(error, name);
        }
      };
    },
  };
}

/** The caller waits for the result, and the callee may go on after it. */
function callTask(
  store: Store,
  callee: AsyncLifted,
  args: readonly unknown[],
  name: string,
): { readonly val: unknown } | Promise<unknown> {
  let outcome: Outcome | undefined;
  let wake: (() => void) | undefined;
  startTask(store, callee, args, (given) => {
    outcome = given;
    wake?.();
  });
  const result = (): { readonly val: unknown } => ({ val: outcome?.tag === 'returned' ? outcome.val : undefined });
  if (outcome !== undefined) {
    return result();
  }
  if (!store.suspendable) {
    throw refusePromise(store, Promise.resolve(), name, true);
  }
  return store
    .pause((resume) => {
      wake = resume;
      return undefined;
    })
    .then(() => result().val);
}
