// What a trigger needs to record its calls: the thread's tracer, and what the environment says of events.
import { RecordedCall } from './call-trace.ts';
import type { OpenSpan, SpanStart } from './span.ts';
import { readTraceContext, type Fields } from './trace-context.ts';
import type { Tracer } from './tracer.ts';

export class Tracing {
  readonly tracer: Tracer;
  readonly #printsEvents: boolean;

  constructor(tracer: Tracer, printsEvents: boolean) {
    this.tracer = tracer;
    this.#printsEvents = printsEvents;
  }

  /** The span of what a trigger has received; `fields` are those that came with it. */
  received(start: SpanStart, fields: Fields): OpenSpan {
    return this.tracer.begin(start, readTraceContext(fields));
  }

  /** One guest's call, within `received` where the trigger has a span, else in the context of `fields`. */
  call(component: string, fields: Fields, received?: OpenSpan): RecordedCall {
    const inbound = readTraceContext(fields);
    return new RecordedCall(this.tracer, {
      component,
      inbound,
      parent: received?.context ?? inbound,
      printsEvents: this.#printsEvents,
    });
  }
}
