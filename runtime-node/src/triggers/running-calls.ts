// The calls of guests in one serving thread, whichever triggers make them: admitted or turned away, given up when their
// time is over, counted and told of when they fail, and let end before a stop. What is called, and what becomes of an
// answer, is the triggers'.
import type { Meters } from '../metrics/meters.ts';
import type { Tracing } from '../telemetry/tracing.ts';
import { classifyFailure, Deadlines, LimitExceeded, type Limits } from '../limits/index.ts';
import { Admission, type Entrant, type Entry } from './admission.ts';
import type { TriggerCall } from './trigger-call.ts';

/** What of the limits this thread enforces by itself; its share of those that are the process's. */
export type CallLimits = Pick<Limits, 'requestMs' | 'concurrency' | 'queue' | 'instanceMemory'>;

export interface CallOptions {
  readonly limits?: CallLimits;
  /** Hears of each call that failed, for the log; `error` is what the guest or the host threw. */
  readonly onError: (message: string, error: unknown) => void;
  /** Absent where nobody asks for what is counted. */
  readonly meters?: Meters;
  /** Absent where nothing is recorded. */
  readonly tracing?: Tracing;
  /** Takes lines of the access log; absent where there is none. */
  readonly access?: (line: string) => void;
}

const UNLIMITED: CallLimits = {
  requestMs: undefined,
  concurrency: undefined,
  queue: 0,
  instanceMemory: undefined,
};

export class RunningCalls {
  readonly onError: CallOptions['onError'];
  readonly meters: Meters | undefined;
  readonly tracing: Tracing | undefined;
  readonly access: CallOptions['access'];
  readonly #limits: CallLimits;
  readonly #admission: Admission | undefined;
  readonly #deadlines: Deadlines | undefined;
  /** Those whose guest is suspended, with the component's id. */
  readonly #suspended = new Map<TriggerCall, string>();
  /** Called each time a call has ended. */
  #onIdle: (() => void) | undefined;

  constructor({ limits = UNLIMITED, onError, meters, tracing, access }: CallOptions) {
    this.onError = onError;
    this.meters = meters;
    this.tracing = tracing;
    this.access = access;
    this.#limits = limits;
    this.#admission = limits.concurrency === undefined ? undefined : new Admission(limits);
    this.#deadlines = limits.requestMs === undefined ? undefined : new Deadlines(limits.requestMs);
  }

  /** Calls that have not ended, those in the queue included. */
  get running(): number {
    return this.#suspended.size + this.waiting;
  }

  /** Calls that wait for their turn. */
  get waiting(): number {
    return this.#admission?.waiting ?? 0;
  }

  /** How many guests of each component are suspended. */
  suspended(): ReadonlyMap<string, number> {
    return new Map([...Map.groupBy(this.#suspended.values(), (id) => id)].map(([id, calls]) => [id, calls.length]));
  }

  /** `ended` is owed by who runs. `patient` as Admission has it. */
  enter(entrant: Entrant, patient = false): Entry {
    return this.#admission?.enter(entrant, patient) ?? 'running';
  }

  /** Nobody waits any more for what the entrant would have begun. */
  withdraw(entrant: Entrant): void {
    if (this.#admission?.withdraw(entrant) === true) {
      this.#onIdle?.();
    }
  }

  /** A call that was admitted has ended. */
  ended(): void {
    this.#admission?.leave();
    this.#onIdle?.();
  }

  suspend(call: TriggerCall, component: string): void {
    this.#suspended.set(call, component);
  }

  /** The guest has ended; of a call that was admitted `ended` is still owed. */
  resume(call: TriggerCall): void {
    this.#suspended.delete(call);
  }

  /** A call without a place of its own has ended. */
  endedNested(): void {
    this.#onIdle?.();
  }

  /** Aborts the call when its time is over; the answer calls that off. */
  limitTime(call: TriggerCall, component: string): (() => void) | undefined {
    const value = this.#limits.requestMs;
    return this.#deadlines?.add(() =>
      call.abort(new LimitExceeded('request time', value === undefined ? { component } : { component, value })),
    );
  }

  /** Counts and tells what a guest has failed with; gives the HTTP status that says it best. */
  failed(component: string, error: unknown, message: string): number {
    const { instanceMemory } = this.#limits;
    const failure = classifyFailure(error, instanceMemory === undefined ? {} : { instanceMemory });
    if (failure.limit !== undefined) {
      this.meters?.limit(component, failure.limit);
    }
    this.onError(message, failure.limit === undefined ? error : new Error(failure.message, { cause: error }));
    return failure.status;
  }

  /**
   * Lets calls finish for `deadlineMs`, then ends what is left; nothing new may begin meanwhile. Resolves to the number
   * of calls that had to be ended.
   */
  async drain(deadlineMs: number): Promise<number> {
    this.#admission?.drain();
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#onIdle = () => {
        if (this.running === 0) {
          resolve();
        }
      };
      this.#onIdle();
      timer = setTimeout(resolve, deadlineMs);
    });
    clearTimeout(timer);
    return this.#abort(new Error('the runtime is stopping'));
  }

  /** Nothing more will be run. */
  close(): void {
    this.#deadlines?.close();
  }

  #abort(reason: Error): number {
    const refused = this.#admission?.refuseWaiting() ?? 0;
    const ended = refused + this.#suspended.size;
    for (const call of this.#suspended.keys()) {
      call.abort(reason);
    }
    return ended;
  }
}
