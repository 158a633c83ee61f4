// A call of a function that was lifted with `async`: it runs until it has to wait, is called back with what has happened,
// and so on until it says that it is over. Its result comes in between, through `task.return`. No stack is kept while it
// waits (CanonicalABI.md "canon lift", the branch with a callback).
import type { CoreValue } from '../abi/core-types.ts';
import type { BorrowScope } from '../abi/handles.ts';
import type { InstanceState } from '../abi/instance-state.ts';
import { CALLBACK, CODE_BITS, CODE_MASK, NO_EVENT, TASK_CANCELLED, type Event } from '../async/events.ts';
import type { RunningTask } from '../async/instance-tasks.ts';
import { WaitableSet } from '../async/waitable.ts';
import { Trap } from '../host-interface.ts';
import type { CoreRef } from '../plan.ts';
import type { AsyncLifted } from './lift.ts';
import type { Store } from './store.ts';
import { giveTurn, takeTurn } from './turns.ts';

/** What a call has come to. */
export type Outcome = { readonly tag: 'returned'; readonly val: unknown } | { readonly tag: 'cancelled' };

export class Task implements RunningTask {
  readonly context: [number, number] = [0, 0];
  readonly borrows: BorrowScope = { count: 0 };
  readonly #resultKey: string;
  readonly #settle: (outcome: Outcome) => void;
  #settled = false;
  #cancellation: 'none' | 'asked' | 'told' = 'none';
  #wake: (() => void) | undefined;

  constructor(resultKey: string, settle: (outcome: Outcome) => void) {
    this.#resultKey = resultKey;
    this.#settle = settle;
  }

  get settled(): boolean {
    return this.#settled;
  }

  return(value: unknown, typeKey: string): void {
    if (typeKey !== this.#resultKey) {
      throw new Trap('invalid `task.return` signature and/or options for current task');
    }
    this.#end({ tag: 'returned', val: value });
  }

  cancel(): void {
    if (this.#cancellation !== 'told') {
      throw new Trap('`task.cancel` called by task which has not been cancelled');
    }
    this.#end({ tag: 'cancelled' });
  }

  #end(outcome: Outcome): void {
    if (this.#settled) {
      throw new Trap('`task.return` or `task.cancel` called more than once for current task');
    }
    if (this.borrows.count > 0) {
      throw new Trap('borrow handles still remain at the end of the call');
    }
    this.#settled = true;
    this.#settle(outcome);
  }

  /** The caller is not interested any more. */
  requestCancellation(): void {
    if (!this.#settled && this.#cancellation === 'none') {
      this.#cancellation = 'asked';
      this.#wake?.();
    }
  }

  /** Before it has begun nobody need be asked. */
  cancelledBeforeStart(): boolean {
    if (this.#cancellation === 'none') {
      return false;
    }
    this.#end({ tag: 'cancelled' });
    return true;
  }

  takeCancellation(): boolean {
    if (this.#cancellation !== 'asked') {
      return false;
    }
    this.#cancellation = 'told';
    return true;
  }

  onCancellation(wake: (() => void) | undefined): void {
    this.#wake = wake;
    if (this.#cancellation === 'asked') {
      wake?.();
    }
  }
}

/** Begins at once if it can; `settle` hears what the call has come to. A failure ends the store. */
export function startTask(
  store: Store,
  lifted: AsyncLifted,
  args: readonly unknown[],
  settle: (outcome: Outcome) => void,
): Task {
  const task = new Task(lifted.resultKey, settle);
  store.taskBegan();
  run(store, lifted, task, args)
    .catch((error: unknown) => store.failed(error))
    .finally(() => store.taskEnded());
  return task;
}

/** Ready events that are delivered in a row before others of the process have their turn. */
const MOST_IN_A_ROW = 64;

async function run(store: Store, lifted: AsyncLifted, task: Task, args: readonly unknown[]): Promise<void> {
  const state = store.instance(lifted.instance);
  const cx = store.context(lifted.options);
  const entry = takeTurn(store, state, true);
  if (entry !== undefined) {
    await entry;
  }
  if (task.cancelledBeforeStart()) {
    giveTurn(state);
    return;
  }
  let inARow = 0;
  let code = await runCore(store, lifted, task, lifted.core, () => {
    const params = lifted.abi.lowerParams(cx, args);
    store.arrived();
    return params;
  });
  for (;;) {
    const kind = code & CODE_MASK;
    if (kind === CALLBACK.exit) {
      if (!task.settled) {
        throw new Trap('async-lifted export failed to produce a result');
      }
      return;
    }
    let event: Event;
    if (kind === CALLBACK.yield) {
      inARow = 0;
      await nextTurnOfLoop(store);
      await takeTurn(store, state, false);
      event = task.takeCancellation() ? TASK_CANCELLED : NO_EVENT;
    } else if (kind === CALLBACK.wait) {
      const set = state.handles.object(code >>> CODE_BITS, WaitableSet);
      if (set.ready && ++inARow >= MOST_IN_A_ROW) {
        inARow = 0;
        await nextTurnOfLoop(store);
      }
      event = await nextEvent(store, state, task, set);
    } else {
      throw new Trap(`unsupported callback code ${kind}`);
    }
    code = await runCore(store, lifted, task, lifted.callback, () => event);
  }
}

/** The next event of the set, with the turn to tell the guest. */
async function nextEvent(store: Store, state: InstanceState, task: Task, set: WaitableSet): Promise<Event> {
  for (;;) {
    if (!set.ready) {
      await eventOrCancellation(store, task, set);
    }
    const turn = takeTurn(store, state, false);
    if (turn !== undefined) {
      await turn;
    }
    const event = task.takeCancellation() ? TASK_CANCELLED : set.take();
    if (event !== undefined) {
      return event;
    }
    // Another task waits for the same set, and was first.
    giveTurn(state);
  }
}

export function eventOrCancellation(store: Store, task: RunningTask | undefined, set: WaitableSet): Promise<void> {
  return store.pause((wake) => {
    const forget = set.onReady(wake);
    task?.onCancellation(wake);
    return () => {
      forget();
      task?.onCancellation(undefined);
    };
  });
}

export const nextTurnOfLoop = (store: Store): Promise<void> =>
  store.pause((wake) => {
    const immediate = setImmediate(wake);
    return () => clearImmediate(immediate);
  });

/** Runs core code of the task, whose turn it is, until it answers; gives the turn away then. */
function runCore(
  store: Store,
  lifted: AsyncLifted,
  task: Task,
  ref: CoreRef,
  params: () => readonly CoreValue[],
): number | Promise<number> {
  const state = store.instance(lifted.instance);
  const { handles, tasks } = state;
  const before = handles.borrows;
  tasks.current = task;
  handles.borrows = task.borrows;
  const finish = (code: unknown): number => {
    // What failed inside has failed, even if the guest caught the exception.
    store.throwIfFailed();
    tasks.current = undefined;
    handles.borrows = before;
    giveTurn(state);
    return Number(code);
  };
  // Called by another guest, which runs on when this one waits.
  const nested = store.inside;
  if (!nested) {
    store.enter();
  }
  if (!lifted.waits || !store.suspendable) {
    try {
      return finish(store.coreFunction(ref)(...params()));
    } finally {
      if (!nested) {
        store.leave();
      }
    }
  }
  const answer = store.promisingFunction(ref)(...params());
  if (nested && !store.inside) {
    store.enter();
  } else if (!nested) {
    store.leave();
  }
  return answer.then(finish).finally(() => store.leave());
}
