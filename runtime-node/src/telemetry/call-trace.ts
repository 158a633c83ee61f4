// What one call of a guest has to do with traces: which one it is part of, and what is recorded of it. Without an exporter
// nothing is recorded, and what the guest sends carries on the trace that it was called in (spin-contract.md §8.1).
import { GuestSpans } from './guest-spans.ts';
import type { Attributes, OpenSpan, SpanRecord, SpanStart } from './span.ts';
import { readTraceContext, withTraceContext, type Fields, type TraceContext } from './trace-context.ts';
import type { Tracer } from './tracer.ts';

/** For host functions and triggers. */
export interface CallTrace {
  /** Whether anything is recorded. */
  readonly records: boolean;
  /** Of something that is done for the guest; undefined when nothing is recorded. `parent` in place of the guest's span. */
  begin(start: SpanStart, parent?: TraceContext): OpenSpan | undefined;
  /** The fields of a request that the guest makes; `span` is that of the request. */
  outgoing(fields: Fields, span: OpenSpan | undefined): Fields;
  /** What `fields` say of a span of the guest's own, which it records by itself; undefined when they hand on others'. */
  ownContext(fields: Fields): TraceContext | undefined;
  /** The context that a request would be made in, for the guest's own spans. */
  readonly context: TraceContext | undefined;
  /** Those that the guest records by itself; undefined when nothing is recorded. */
  readonly guestSpans: GuestSpans | undefined;
  /** The guest has printed. */
  printed(bytes: Uint8Array): void;
  /** What has been recorded of the guest was of a call that is thrown away, and begins anew. */
  restart(): void;
  /** The guest has ended. */
  executed(error?: unknown): void;
}

/** Hands on what the request came with; reads it only if there is somebody to hand it to. */
export class PassedOn implements CallTrace {
  readonly records = false;
  readonly guestSpans = undefined;
  readonly #fields: Fields;

  constructor(fields: Fields) {
    this.#fields = fields;
  }

  get context(): TraceContext | undefined {
    return readTraceContext(this.#fields);
  }

  begin(): undefined {
    return undefined;
  }

  ownContext(): undefined {
    return undefined;
  }

  /** A guest that traces by itself knows better. */
  outgoing(fields: Fields): Fields {
    const { context } = this;
    return context === undefined || readTraceContext(fields) !== undefined ? fields : withTraceContext(fields, context);
  }

  printed(): void {}
  restart(): void {}
  executed(): void {}
}

/** Of one guest; more are dropped. */
const MAX_SPANS = 1000;

export class RecordedCall implements CallTrace {
  readonly records = true;
  readonly #tracer: Tracer;
  readonly #inbound: TraceContext | undefined;
  readonly #execution: OpenSpan;
  readonly #printsEvents: boolean;
  /** Until the guest has ended: before, the call may be thrown away. */
  #held: SpanRecord[] | undefined = [];
  #printed: Attributes[] = [];
  #guestSpans: GuestSpans | undefined;

  /** `inbound`: of the request; `parent` of the guest's span. */
  constructor(tracer: Tracer, { component, inbound, parent, printsEvents }: RecordedCallStart) {
    this.#tracer = tracer;
    this.#inbound = inbound;
    this.#printsEvents = printsEvents;
    const attributes = { component_id: component };
    this.#execution = tracer.begin(
      { name: `execute_wasm_component ${component}`, kind: 'internal', attributes },
      parent,
    );
  }

  get context(): TraceContext {
    return this.#execution.context;
  }

  get guestSpans(): GuestSpans {
    return (this.#guestSpans ??= new GuestSpans((record) => this.#take(record)));
  }

  begin(start: SpanStart, parent: TraceContext = this.#guestSpans?.innermost ?? this.context): OpenSpan {
    return this.#tracer.begin(start, parent, (record) => this.#take(record));
  }

  /** The span of the request is the parent of whatever comes of it, whoever the guest said it was. */
  outgoing(fields: Fields, span: OpenSpan | undefined): Fields {
    return span === undefined ? fields : withTraceContext(fields, span.context);
  }

  ownContext(fields: Fields): TraceContext | undefined {
    const own = readTraceContext(fields);
    const handedOn = own !== undefined && own.spanId === this.#inbound?.spanId;
    return own?.traceId === this.context.traceId && !handedOn ? own : undefined;
  }

  printed(bytes: Uint8Array): void {
    if (this.#printsEvents && this.#printed.length < MAX_SPANS) {
      this.#printed.push({ app_log: Buffer.from(bytes).toString('utf8') });
    }
  }

  restart(): void {
    this.#held = [];
    this.#printed = [];
    this.#guestSpans = undefined;
  }

  executed(error?: unknown): void {
    for (const attributes of this.#printed) {
      this.#execution.event('app_log', attributes);
    }
    if (error !== undefined) {
      this.#execution.set({ 'error.blame': 'guest' });
    }
    this.#execution.end(error === undefined ? undefined : textOf(error));
    for (const record of this.#held ?? []) {
      this.#tracer.take(record);
    }
    this.#held = undefined;
  }

  #take(record: SpanRecord): void {
    if (this.#held === undefined) {
      this.#tracer.take(record);
    } else if (this.#held.length < MAX_SPANS) {
      this.#held.push(record);
    }
  }
}

export interface RecordedCallStart {
  readonly component: string;
  readonly inbound: TraceContext | undefined;
  readonly parent: TraceContext | undefined;
  /** Whether what the guest prints becomes events of its span. */
  readonly printsEvents: boolean;
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
