// Begins spans in a serving thread and gathers those that have ended, until the thread that sends them takes them. Never
// waits and never grows: while nobody takes them, spans are dropped and counted.
import { randomBytes } from 'node:crypto';
import { OpenSpan, type SpanRecord, type SpanStart } from './span.ts';
import type { Sampler } from './sampler.ts';
import { SAMPLED, type TraceContext } from './trace-context.ts';

export interface SpanBatch {
  readonly spans: readonly SpanRecord[];
  /** Ended since the last batch and not in any. */
  readonly dropped: number;
}

export interface TracerEffects {
  readonly sampler: Sampler;
  /** The batch is on its way; `taken` is to be called when the next may follow. */
  readonly send: (batch: SpanBatch) => void;
  /** Calls `then` after a while. */
  readonly later: (then: () => void) => void;
}

/** As OTEL_BSP_MAX_QUEUE_SIZE is by default. */
export const MAX_SPANS = 2048;

const TRACE_BYTES = 16;
const SPAN_BYTES = 8;

export class Tracer {
  readonly #effects: TracerEffects;
  #ended: SpanRecord[] = [];
  #dropped = 0;
  #due = false;
  #underWay = false;

  constructor(effects: TracerEffects) {
    this.#effects = effects;
  }

  /** `take` gets the span when it has ended; by default it is sent. */
  begin(start: SpanStart, parent: TraceContext | undefined, take = this.take): OpenSpan {
    const traceId = parent?.traceId ?? randomBytes(TRACE_BYTES).toString('hex');
    const flags = this.#effects.sampler(traceId, parent) ? SAMPLED : 0;
    const spanId = randomBytes(SPAN_BYTES).toString('hex');
    return new OpenSpan(start, { traceId, spanId, flags, state: parent?.state ?? '' }, parent?.spanId, take);
  }

  readonly take = (span: SpanRecord): void => {
    if (this.#ended.length >= MAX_SPANS) {
      this.#dropped += 1;
      return;
    }
    this.#ended.push(span);
    if (!this.#due) {
      this.#due = true;
      this.#effects.later(() => this.flush());
    }
  };

  /** The batch that was sent has been taken. */
  taken(): void {
    this.#underWay = false;
    if (!this.#due) {
      this.flush();
    }
  }

  /** Now, for a thread that ends. One batch is under way at a time, so that the receiver's queue is bounded too. */
  flush(atOnce = false): void {
    this.#due = false;
    if ((this.#underWay && !atOnce) || (this.#ended.length === 0 && this.#dropped === 0)) {
      return;
    }
    const batch = { spans: this.#ended, dropped: this.#dropped };
    this.#ended = [];
    this.#dropped = 0;
    this.#underWay = true;
    this.#effects.send(batch);
  }
}
