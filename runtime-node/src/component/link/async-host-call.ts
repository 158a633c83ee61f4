// `canon lower` with `async` of a function of the host: an answer that is there is given at once, a promise becomes a
// subtask. Nothing is suspended.
import type { CoreValue } from '../abi/core-types.ts';
import type { AsyncLowerAbi } from '../abi/function.ts';
import { SUBTASK } from '../async/events.ts';
import { cancelOf } from '../cancellable.ts';
import type { HostFunction } from '../host-interface.ts';
import { apply, refuseTrials, type Implementation } from './host-call.ts';
import type { Store } from './store.ts';
import { Subtask } from './subtask.ts';
import type { CompiledTrampoline } from './trampoline.ts';

export interface AsyncHostCall {
  readonly name: string;
  readonly host: HostFunction<never>;
  /** May run in a call on trial. */
  readonly repeatable: boolean;
  readonly abi: AsyncLowerAbi;
  readonly instance: number;
  /** Slot of the canonical options. */
  readonly options: number;
}

export function lowerAsyncHostFunction(call: AsyncHostCall): CompiledTrampoline {
  const { name, abi, repeatable } = call;
  return {
    name,
    waits: false,
    signature: abi.lowered,
    bind: (store) => (repeatable ? bind(store, call) : refuseTrials(store, name, bind(store, call))),
  };
}

function bind(store: Store, { name, host, abi, instance, options }: AsyncHostCall) {
  const state = store.instance(instance);
  const { handles } = state;
  const cx = store.context(options);
  const implementation = host.call as Implementation;

  const lower = (result: unknown, flat: readonly CoreValue[]): void => {
    try {
      abi.storeResult(cx, result, flat);
    } catch (error) {
      store.abandon(result);
      throw error;
    }
  };

  return function callHostAsync(...flat: CoreValue[]): number {
    if (!state.mayLeave) {
      throw store.refusal();
    }
    const mark = handles.beginLends();
    try {
      const args = abi.liftParams(cx, flat);
      store.arrived();
      const result = apply(implementation, store.guest, args);
      if (!(result instanceof Promise)) {
        lower(result, flat);
        handles.endLends(mark);
        return SUBTASK.returned;
      }
      const subtask = new Subtask(state, handles.takeLends(mark));
      subtask.onCancel(() => {
        cancelOf(result)?.();
        return true;
      });
      result.then(
        (value) => {
          if (!subtask.running) {
            store.discard(value);
          } else if (store.closed) {
            store.abandon(value);
          } else {
            try {
              lower(value, flat);
              subtask.end(SUBTASK.returned);
            } catch (error) {
              store.failed(error, name);
            }
          }
        },
        (error: unknown) => {
          if (subtask.running && !store.closed) {
            store.failed(error, name);
          }
        },
      );
      return subtask.answer;
    } catch (error) {
      throw store.fail(error, name);
    }
  };
}
