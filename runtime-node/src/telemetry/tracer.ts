// Begins spans in a serving thread: a child of its parent, or a trace of its own.
import { randomBytes } from 'node:crypto';
import { OpenSpan, type SpanRecord, type SpanStart } from './span.ts';
import type { Sampler } from './sampler.ts';
import { SAMPLED, type TraceContext } from './trace-context.ts';

const TRACE_BYTES = 16;
const SPAN_BYTES = 8;

export class Tracer {
  readonly #sampler: Sampler;
  /** Where a span goes that has ended. */
  readonly take: (span: SpanRecord) => void;

  constructor(sampler: Sampler, take: (span: SpanRecord) => void) {
    this.#sampler = sampler;
    this.take = take;
  }

  /** `take` gets the span when it has ended. */
  begin(start: SpanStart, parent: TraceContext | undefined, take = this.take): OpenSpan {
    const traceId = parent?.traceId ?? randomBytes(TRACE_BYTES).toString('hex');
    const flags = this.#sampler(traceId, parent) ? SAMPLED : 0;
    const spanId = randomBytes(SPAN_BYTES).toString('hex');
    return new OpenSpan(start, { traceId, spanId, flags, state: parent?.state ?? '' }, parent?.spanId, take);
  }
}
