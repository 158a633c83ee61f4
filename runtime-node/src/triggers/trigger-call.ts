// One call of a guest by a trigger, as the guest's host functions and those who may end it see it.
import type { CommandWorld, GuestCall } from '../host/guest.ts';
import type { CallTrace } from '../telemetry/call-trace.ts';

/** Aborts when asked to; the signal is only made when somebody looks at it. */
export class TriggerCall implements GuestCall {
  readonly depth: number;
  declare readonly command?: CommandWorld;
  declare readonly trace?: CallTrace;
  #controller: AbortController | undefined;
  #reason: Error | undefined;
  #onAbort: ((reason: Error) => void) | undefined;

  /** `depth`: how many components have called each other to get here. */
  constructor(depth = 0, command?: CommandWorld, trace?: CallTrace) {
    this.depth = depth;
    if (trace !== undefined) {
      this.trace = trace;
    }
    if (command !== undefined) {
      this.command = command;
    }
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#reason !== undefined) {
        this.#controller.abort(this.#reason);
      }
    }
    return this.#controller.signal;
  }

  /** `listener` hears of an abort that comes while the guest runs. */
  onAbort(listener: (reason: Error) => void): void {
    this.#onAbort = listener;
    if (this.#reason !== undefined) {
      listener(this.#reason);
    }
  }

  abort(reason: Error): void {
    if (this.#reason === undefined) {
      this.#reason = reason;
      this.#controller?.abort(reason);
      this.#onAbort?.(reason);
    }
  }
}
