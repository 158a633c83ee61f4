// Calls of guests for what is no request: messages and events, each with a fresh guest, in the limits of all calls of the
// thread. Says what became of each; what that means for the message is its trigger's.
import type { Result } from '../component/index.ts';
import type { AppComponent } from '../app/app.ts';
import { Guest } from '../host/guest.ts';
import type { Attributes } from '../telemetry/span.ts';
import type { Entrant } from './admission.ts';
import type { RunningCalls } from './running-calls.ts';
import { TriggerCall } from './trigger-call.ts';

/** The function of a component that a trigger calls. */
export interface MessageHandler {
  readonly component: AppComponent;
  /** '' for a function of the world itself. */
  readonly interface: string;
  readonly function: string;
}

/** `refused`: no guest was called. What has failed has been told and counted. */
export type Outcome =
  | { readonly tag: 'handled'; readonly val: unknown }
  | { readonly tag: 'failed' }
  | { readonly tag: 'refused' };

export interface MessageOptions {
  /** As Admission has it. */
  readonly patient: boolean;
  /** What the message's span is called, and what is said of it. */
  readonly name: string;
  readonly attributes?: Attributes;
}

export class MessageCalls {
  readonly #calls: RunningCalls;
  readonly #trigger: string;

  /** `trigger` is its type. */
  constructor(calls: RunningCalls, trigger: string) {
    this.#calls = calls;
    this.#trigger = trigger;
  }

  /** Never rejects. */
  async call(handler: MessageHandler, args: readonly unknown[], options: MessageOptions): Promise<Outcome> {
    const { id } = handler.component.context;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const entrant: Entrant = { start: () => resolve(true), refuse: () => resolve(false) };
    const entry = this.#calls.enter(entrant, options.patient);
    if (entry === 'full' || (entry === 'waiting' && !(await promise))) {
      this.#calls.onError(
        `Message not handled, component ${id}`,
        new Error('the runtime stops, or has too much to do'),
      );
      this.#count(id, 'refused', 0);
      return { tag: 'refused' };
    }
    const began = performance.now();
    const outcome = await this.#run(handler, args, options);
    this.#count(id, outcome.tag, (performance.now() - began) / 1000);
    this.#calls.ended();
    return outcome;
  }

  async #run(
    { component, ...handler }: MessageHandler,
    args: readonly unknown[],
    { name, attributes = {} }: MessageOptions,
  ): Promise<Outcome> {
    const { context, linked } = component;
    const { tracing } = this.#calls;
    const span = tracing?.received({ name, kind: 'consumer', attributes }, []);
    const trace = tracing?.call(context.id, [], span);
    const call = new TriggerCall(0, undefined, trace);
    const inTime = this.#calls.limitTime(call, context.id);
    this.#calls.suspend(call, context.id);
    try {
      const instance = linked.instantiate(new Guest(context, call), linked.neverWaits ? 'plain' : 'suspending');
      call.onAbort((reason) => instance.abort(reason));
      try {
        const result = (await instance.call(handler.interface, handler.function, args)) as Result<unknown, unknown>;
        await instance.finished();
        if (result.tag === 'err') {
          throw new Error(`the handler returned an error: ${errorText(result.val)}`);
        }
        trace?.executed();
        span?.end();
        return { tag: 'handled', val: result.val };
      } finally {
        instance.dispose();
        instance.release();
      }
    } catch (error) {
      // expected: whatever the guest did
      trace?.executed(error);
      span?.end(error instanceof Error ? error.message : String(error));
      this.#calls.failed(context.id, error, `Error handling message, component ${context.id}`);
      return { tag: 'failed' };
    } finally {
      inTime?.();
      this.#calls.resume(call);
    }
  }

  #count(component: string, outcome: Outcome['tag'], seconds: number): void {
    this.#calls.meters?.message(component, { trigger: this.#trigger, outcome }, seconds);
  }
}

/** The interfaces have enums, and variants with a text. */
function errorText(error: unknown): string {
  const { tag, val } = (typeof error === 'object' && error !== null ? error : {}) as { tag?: unknown; val?: unknown };
  return String(val ?? tag ?? error);
}
