// Spans as plain data, which crosses threads, and how one comes about. Knows nothing of OpenTelemetry's packages: those are
// loaded in one thread only, where spans are sent from.
import type { GuestSpanFacts } from './guest-signals.ts';
import { SAMPLED, type TraceContext } from './trace-context.ts';

export type AttributeValue = string | number | boolean;
export type Attributes = Readonly<Record<string, AttributeValue>>;

/** The words of OpenTelemetry's kinds, in the order of its numbers. */
export const SPAN_KINDS = ['internal', 'server', 'client', 'producer', 'consumer'] as const;
export type SpanKind = (typeof SPAN_KINDS)[number];

export interface SpanEvent {
  readonly name: string;
  readonly time: number;
  readonly attributes: Attributes;
}

/** Times are milliseconds since 1970, with fractions. */
export interface SpanRecord {
  readonly context: TraceContext;
  readonly parentSpanId: string | undefined;
  readonly name: string;
  readonly kind: SpanKind;
  readonly start: number;
  readonly end: number;
  readonly attributes: Attributes;
  readonly events: readonly SpanEvent[];
  /** Undefined: nothing has failed. */
  readonly error: string | undefined;
  /** Of a span that the guest has recorded; comes before the fields above. */
  readonly guest?: GuestSpanFacts;
}

/** OpenTelemetry's own limit (OTEL_SPAN_EVENT_COUNT_LIMIT). */
const MAX_EVENTS = 128;

/** Of one text: a guest may print, or ask for, what it likes. */
const MAX_TEXT = 4096;

export const now = (): number => performance.timeOrigin + performance.now();

export class OpenSpan {
  readonly context: TraceContext;
  readonly #parentSpanId: string | undefined;
  readonly #name: string;
  readonly #kind: SpanKind;
  readonly #start = now();
  readonly #take: (record: SpanRecord) => void;
  readonly #events: SpanEvent[] = [];
  #attributes: Record<string, AttributeValue>;
  #open = true;

  constructor(
    { name, kind, attributes = {} }: SpanStart,
    context: TraceContext,
    parentSpanId: string | undefined,
    take: (record: SpanRecord) => void,
  ) {
    this.context = context;
    this.#parentSpanId = parentSpanId;
    this.#name = name;
    this.#kind = kind;
    this.#attributes = { ...attributes };
    this.#take = take;
  }

  set(attributes: Attributes): void {
    this.#attributes = { ...this.#attributes, ...attributes };
  }

  event(name: string, attributes: Attributes): void {
    if (this.#events.length < MAX_EVENTS) {
      this.#events.push({ name, time: now(), attributes: shortened(attributes) });
    }
  }

  /** Once; `error` says what has failed. */
  end(error?: string): void {
    if (!this.#open) {
      return;
    }
    this.#open = false;
    if ((this.context.flags & SAMPLED) !== 0) {
      this.#take({
        context: this.context,
        parentSpanId: this.#parentSpanId,
        name: short(this.#name),
        kind: this.#kind,
        start: this.#start,
        end: now(),
        attributes: shortened(this.#attributes),
        events: this.#events,
        error: error === undefined ? undefined : short(error),
      });
    }
  }
}

export interface SpanStart {
  readonly name: string;
  readonly kind: SpanKind;
  readonly attributes?: Attributes;
}

const short = (text: string): string => (text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text);

const shortened = (attributes: Attributes): Attributes =>
  Object.fromEntries(
    Object.entries(attributes).map(([key, value]) => [key, typeof value === 'string' ? short(value) : value]),
  );
