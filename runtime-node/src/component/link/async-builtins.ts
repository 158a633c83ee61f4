// The built-ins of asynchronous components but for streams and futures (CanonicalABI.md "canon task.return" and those that
// follow): what the running task says of itself, its subtasks, and the sets in which it waits.
import type { CoreType, CoreValue } from '../abi/core-types.ts';
import type { CoreSignature, TaskReturnAbi } from '../abi/function.ts';
import type { HostResource } from '../abi/resource-identity.ts';
import { BLOCKED, NO_EVENT, TASK_CANCELLED, type Event } from '../async/events.ts';
import type { RunningTask } from '../async/instance-tasks.ts';
import { Waitable, WaitableSet } from '../async/waitable.ts';
import { Trap } from '../host-interface.ts';
import type { SimpleBuiltin } from '../plan.ts';
import type { CoreFunction, Store } from './store.ts';
import { Subtask, SUBTASK_HANDLE } from './subtask.ts';
import { eventOrCancellation, nextTurnOfLoop } from './task.ts';
import { refusePromise, type CompiledTrampoline } from './trampoline.ts';

const WAITABLE_SET: HostResource = { origin: 'host', name: 'a waitable set', hostClass: WaitableSet };

const i32s = (count: number, result: CoreType | null): CoreSignature => ({
  params: Array.from({ length: count }, () => 'i32' as const),
  result,
});

interface Shape {
  readonly name: string;
  readonly instance: number;
  readonly signature: CoreSignature;
  readonly waits?: boolean;
}

/** A built-in whose function is made once per store. */
export function asyncBuiltin(
  { name, instance, signature, waits = false }: Shape,
  make: (store: Store) => (...flat: CoreValue[]) => unknown,
): CompiledTrampoline {
  return {
    name,
    waits,
    signature,
    bind(store) {
      const state = store.instance(instance);
      const run = make(store);
      return function callAsyncBuiltin(...flat: CoreValue[]): unknown {
        if (!state.mayLeave) {
          throw store.refusal();
        }
        try {
          return run(...flat);
        } catch (error) {
          throw store.fail(error, name);
        }
      } as CoreFunction;
    },
  };
}

/** A wait of the guest's own stack. */
export function suspend(store: Store, name: string, wait: () => Promise<unknown>): Promise<unknown> {
  if (!store.suspendable) {
    throw refusePromise(store, Promise.resolve(), name, true);
  }
  return wait();
}

const runningTask = (store: Store, instance: number): RunningTask | undefined => store.instance(instance).tasks.current;

function currentTask(store: Store, instance: number, name: string): RunningTask {
  const task = runningTask(store, instance);
  if (task === undefined) {
    throw new Trap(`\`${name}\` is called outside of an asynchronous task`);
  }
  return task;
}

export function taskReturn(instance: number, options: number, abi: TaskReturnAbi, key: string): CompiledTrampoline {
  const name = 'task.return';
  return asyncBuiltin({ name, instance, signature: abi.signature }, (store) => {
    const cx = store.context(options);
    return (...flat) => {
      const task = currentTask(store, instance, name);
      const value = abi.lift(cx, flat);
      task.return(value, key);
      store.arrived();
    };
  });
}

export const contextGet = (instance: number, slot: number): CompiledTrampoline =>
  asyncBuiltin({ name: 'context.get', instance, signature: i32s(0, 'i32') }, (store) => {
    const { tasks } = store.instance(instance);
    return () => (tasks.current ?? tasks).context[slot as 0 | 1];
  });

export const contextSet = (instance: number, slot: number): CompiledTrampoline =>
  asyncBuiltin({ name: 'context.set', instance, signature: i32s(1, null) }, (store) => {
    const { tasks } = store.instance(instance);
    return (value) => {
      (tasks.current ?? tasks).context[slot as 0 | 1] = Number(value);
    };
  });

export const threadYield = (instance: number, cancellable: boolean): CompiledTrampoline =>
  asyncBuiltin({ name: 'thread.yield', instance, signature: i32s(0, 'i32'), waits: true }, (store) => {
    const cancelled = (): number => (cancellable && runningTask(store, instance)?.takeCancellation() === true ? 1 : 0);
    // Where nothing can be suspended there is nobody to yield to either.
    return () => (store.suspendable ? nextTurnOfLoop(store).then(cancelled) : cancelled());
  });

/** Waits for an event of the set, or with `poll` says that there is none. */
export function waitableSetWait(
  instance: number,
  options: number,
  { poll, cancellable }: { readonly poll: boolean; readonly cancellable: boolean },
): CompiledTrampoline {
  const name = poll ? 'waitable-set.poll' : 'waitable-set.wait';
  return asyncBuiltin({ name, instance, signature: i32s(2, 'i32'), waits: !poll }, (store) => {
    const { handles } = store.instance(instance);
    const cx = store.context(options);
    const next = (set: WaitableSet): Event | undefined => {
      const task = cancellable ? runningTask(store, instance) : undefined;
      return task?.takeCancellation() === true ? TASK_CANCELLED : set.take();
    };
    const give = ([code, handle, payload]: Event, pointer: number): number => {
      cx.checkRange(pointer, 8, 4, 'event');
      cx.view.setUint32(pointer, handle, true);
      cx.view.setUint32(pointer + 4, payload, true);
      return code;
    };
    const waitFor = async (set: WaitableSet, pointer: number): Promise<number> => {
      for (;;) {
        await eventOrCancellation(store, cancellable ? runningTask(store, instance) : undefined, set);
        const event = next(set);
        if (event !== undefined) {
          return give(event, pointer);
        }
      }
    };
    return (handle, at) => {
      const set = handles.object(Number(handle), WaitableSet);
      const pointer = Number(at) >>> 0;
      const event = next(set) ?? (poll ? NO_EVENT : undefined);
      return event === undefined ? suspend(store, name, () => waitFor(set, pointer)) : give(event, pointer);
    };
  });
}

export const subtaskCancel = (instance: number, async: boolean): CompiledTrampoline =>
  asyncBuiltin({ name: 'subtask.cancel', instance, signature: i32s(1, 'i32'), waits: !async }, (store) => (handle) => {
    const subtask = store.instance(instance).handles.object(Number(handle), Subtask);
    const answer = subtask.requestCancellation();
    return async || answer !== BLOCKED ? answer | 0 : suspend(store, 'subtask.cancel', () => ended(store, subtask));
  });

/** What has become of it, once there is an event. */
export async function ended(store: Store, waitable: Waitable): Promise<number> {
  await store.pause((wake) => {
    waitable.onEvent(wake);
    return undefined;
  });
  return waitable.takeEvent()[2] | 0;
}

type Run = (store: Store, instance: number) => (...flat: CoreValue[]) => unknown;

const SIMPLE: Readonly<Record<SimpleBuiltin, { readonly params: number; readonly result: CoreType | null; run: Run }>> =
  {
    'task.cancel': {
      params: 0,
      result: null,
      run: (store, instance) => () => currentTask(store, instance, 'task.cancel').cancel(),
    },
    'subtask.drop': {
      params: 1,
      result: null,
      run: (store, instance) => (handle) => {
        const { handles } = store.instance(instance);
        handles.object(Number(handle), Subtask).drop();
        handles.drop(Number(handle), SUBTASK_HANDLE);
      },
    },
    'backpressure.inc': { params: 0, result: null, run: (store, instance) => () => changePressure(store, instance, 1) },
    'backpressure.dec': {
      params: 0,
      result: null,
      run: (store, instance) => () => changePressure(store, instance, -1),
    },
    'waitable-set.new': {
      params: 0,
      result: 'i32',
      run: (store, instance) => () => store.instance(instance).handles.insertOwn(WAITABLE_SET, new WaitableSet()),
    },
    'waitable-set.drop': {
      params: 1,
      result: null,
      run: (store, instance) => (handle) => {
        const { handles } = store.instance(instance);
        handles.object(Number(handle), WaitableSet).drop();
        handles.drop(Number(handle), WAITABLE_SET);
      },
    },
    'waitable.join': {
      params: 2,
      result: null,
      run: (store, instance) => (waitable, set) => {
        const { handles } = store.instance(instance);
        const into = Number(set) === 0 ? undefined : handles.object(Number(set), WaitableSet);
        handles.object(Number(waitable), Waitable).join(into);
      },
    },
  };

/** CanonicalABI.md: the counter has 16 bits. */
const MOST_PRESSURE = 2 ** 16 - 1;

function changePressure(store: Store, instance: number, by: number): void {
  const { tasks } = store.instance(instance);
  tasks.backpressure += by;
  if (tasks.backpressure < 0 || tasks.backpressure > MOST_PRESSURE) {
    throw new Trap('backpressure counter overflow');
  }
}

export function simpleBuiltin(kind: SimpleBuiltin, instance: number): CompiledTrampoline {
  const { params, result, run } = SIMPLE[kind];
  return asyncBuiltin({ name: kind, instance, signature: i32s(params, result) }, (store) => run(store, instance));
}
