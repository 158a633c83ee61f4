// Makes the imports that may wait cost nothing while they do not. A `Suspending` import suspends the stack even for a
// plain answer, and cannot be called at all where there is no stack to suspend (start functions). So the guest gets a
// small wasm function instead, which calls the host plainly and goes on to a `Suspending` import only when the host
// says that there is a promise to wait for.
import type { CoreType, CoreValue } from '../abi/core-types.ts';
import { zeroOf } from '../abi/core-types.ts';
import { encodeThunks, type ThunkSignature } from './thunk-module.ts';

export interface StackWatch {
  /** The guest waits, and the thread is free for others. */
  suspended(): void;
  /** The guest runs on. */
  resumed(): void;
}

const UNWATCHED: StackWatch = { suspended: () => {}, resumed: () => {} };

/** The thunks of one linked component, by index of the trampoline; compiled once. */
export class ThunkModule {
  readonly #module: WebAssembly.Module;
  readonly #signatures: ReadonlyMap<number, ThunkSignature>;

  constructor(signatures: ReadonlyMap<number, ThunkSignature>) {
    this.#signatures = signatures;
    this.#module = new WebAssembly.Module(encodeThunks(signatures));
  }

  /** The wasm functions over the given ones, by index of the trampoline; `stack` hears of each suspension. */
  instantiate(
    call: (trampoline: number) => (...flat: CoreValue[]) => unknown,
    stack: StackWatch = UNWATCHED,
  ): WebAssembly.Exports {
    let promise: Promise<unknown> | undefined;
    const plain = (target: (...flat: CoreValue[]) => unknown, result: CoreType | null) => {
      const none = result === null ? undefined : zeroOf(result);
      return (...flat: CoreValue[]): unknown => {
        const answer = target(...flat);
        if (answer instanceof Promise) {
          promise = answer;
          return none;
        }
        return answer;
      };
    };
    // A function and not a global: making a WebAssembly.Global costs more than a thousand calls.
    const pending = (): number => (promise === undefined ? 0 : 1);
    const wait = new WebAssembly.Suspending((): unknown => {
      const waited = promise;
      promise = undefined;
      stack.suspended();
      return waited;
    });
    const calls: Record<string, WebAssembly.ImportValue> = {};
    for (const [trampoline, { result }] of this.#signatures) {
      calls[trampoline] = plain(call(trampoline), result);
    }
    const waits = { none: wait, i32: wait, i64: wait, f32: wait, f64: wait };
    return new WebAssembly.Instance(this.#module, {
      host: { pending, resumed: () => stack.resumed() },
      call: calls,
      wait: waits,
    }).exports;
  }
}
