// The tasks of one component instance: which of them runs, and who waits for a turn. Core code of an instance runs for
// one task at a time, until that answers or waits for an event (CanonicalABI.md "Task State": exclusive tasks, which
// all are without stackful lifts).
import type { BorrowScope } from '../abi/handles.ts';

/** What the built-ins need of the task that calls them. */
export interface RunningTask {
  /** `context.get` and `context.set`. */
  readonly context: [number, number];
  readonly borrows: BorrowScope;
  /** `task.return`, of a value whose type has this key. */
  return(value: unknown, typeKey: string): void;
  /** `task.cancel`. */
  cancel(): void;
  /** True when it was asked to end; it is told once. */
  takeCancellation(): boolean;
  /** Calls `wake` when it is asked to end; undefined stops that. */
  onCancellation(wake: (() => void) | undefined): void;
}

export class InstanceTasks {
  /** Undefined while none runs, and in calls of components that are not asynchronous. */
  current: RunningTask | undefined;
  /** Above 0 no call comes in. */
  backpressure = 0;
  /** Context of what runs without a task, such as the start function. */
  readonly context: [number, number] = [0, 0];
  readonly #resuming: (() => void)[] = [];
  readonly #entering: (() => void)[] = [];

  get waiting(): boolean {
    return this.#resuming.length > 0 || this.#entering.length > 0;
  }

  /** Calls `turn` when the instance is free: for a task that goes on, before those that come in. */
  queue(turn: () => void, entering: boolean): void {
    (entering ? this.#entering : this.#resuming).push(turn);
  }

  /** Who is next, if the instance is free for it. */
  next(): (() => void) | undefined {
    return this.#resuming.shift() ?? (this.backpressure === 0 ? this.#entering.shift() : undefined);
  }

  reset(): void {
    this.current = undefined;
    this.backpressure = 0;
    this.context[0] = 0;
    this.context[1] = 0;
    this.#resuming.length = 0;
    this.#entering.length = 0;
  }
}
