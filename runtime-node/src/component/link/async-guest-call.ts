// `canon lower` with `async` of a function of another component instance, and without of one that was lifted with it.
import type { CoreValue } from '../abi/core-types.ts';
import type { AsyncLowerAbi } from '../abi/function.ts';
import { SUBTASK } from '../async/events.ts';
import { callLifted, callLiftedSuspending, isAsync, type LiftedFunction } from './lift.ts';
import type { Store } from './store.ts';
import { Subtask } from './subtask.ts';
import { startTask, type Outcome, type Task } from './task.ts';
import type { CompiledTrampoline } from './trampoline.ts';
import { takeTurn } from './turns.ts';

export interface AsyncGuestCall {
  readonly name: string;
  readonly callee: LiftedFunction;
  /** The function's type as the caller has it. */
  readonly abi: AsyncLowerAbi;
  readonly instance: number;
  /** Slot of the caller's canonical options. */
  readonly options: number;
}

export function lowerAsyncGuestFunction({ name, callee, abi, instance, options }: AsyncGuestCall): CompiledTrampoline {
  return {
    name,
    waits: false,
    signature: abi.lowered,
    bind(store) {
      const state = store.instance(instance);
      const { handles } = state;
      const cx = store.context(options);

      return function callGuestAsync(...flat: CoreValue[]): number {
        if (!state.mayLeave) {
          throw store.refusal();
        }
        const mark = handles.beginLends();
        try {
          const args = abi.liftParams(cx, flat);
          let subtask: Subtask | undefined;
          let outcome: Outcome | undefined;
          const task = callGuest(store, callee, args, (given) => {
            if (given.tag === 'returned') {
              abi.storeResult(cx, given.val, flat);
              store.arrived();
            }
            outcome = given;
            subtask?.end(given.tag === 'returned' ? SUBTASK.returned : SUBTASK.cancelled);
          });
          if (outcome !== undefined) {
            handles.endLends(mark);
            return SUBTASK.returned;
          }
          subtask = new Subtask(state, handles.takeLends(mark));
          subtask.onCancel(() => {
            task?.requestCancellation();
            return false;
          });
          return subtask.answer;
        } catch (error) {
          throw store.fail(error, name);
        }
      };
    },
  };
}

/** `settle` may be called before this returns. Gives what can be called off. */
function callGuest(
  store: Store,
  callee: LiftedFunction,
  args: readonly unknown[],
  settle: (outcome: Outcome) => void,
): Task | undefined {
  if (isAsync(callee)) {
    return startTask(store, callee, args, settle);
  }
  if (store.suspendable && (callee.waits || store.instance(callee.instance).entered)) {
    store.taskBegan();
    callInTurn(store, callee, args)
      .then((val) => settle({ tag: 'returned', val }))
      .catch((error: unknown) => store.failed(error))
      .finally(() => store.taskEnded());
  } else {
    settle({ tag: 'returned', val: callLifted(store, callee, args) });
  }
  return undefined;
}

async function callInTurn(store: Store, callee: LiftedFunction, args: readonly unknown[]): Promise<unknown> {
  const state = store.instance(callee.instance);
  const turn = takeTurn(store, state, true);
  if (turn !== undefined) {
    await turn;
  }
  // The call takes it from here.
  state.entered = false;
  return callLiftedSuspending(store, callee, args);
}
