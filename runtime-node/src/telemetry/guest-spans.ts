// Spans that a guest records by itself: those that it has begun and not ended, in the order in which it did. What the host
// does meanwhile belongs below the last of them, as in Spin (spin-contract.md §4.12, §8.1).
import type { SpanRecord } from './span.ts';
import { SAMPLED, type TraceContext } from './trace-context.ts';

/** More at one time are a mistake, or mean harm. */
export const MAX_OPEN_SPANS = 1000;

export class GuestSpans {
  readonly #take: (span: SpanRecord) => void;
  readonly #open = new Map<string, TraceContext>();

  constructor(take: (span: SpanRecord) => void) {
    this.#take = take;
  }

  /** Of the last one begun that has not ended. */
  get innermost(): TraceContext | undefined {
    return [...this.#open.values()].at(-1);
  }

  /** False when there are too many. */
  begin(context: TraceContext): boolean {
    if (this.#open.size >= MAX_OPEN_SPANS && !this.#open.has(context.spanId)) {
      return false;
    }
    this.#open.set(context.spanId, context);
    return true;
  }

  /** False when it was not begun, or has ended already. */
  end(span: SpanRecord): boolean {
    if (!this.#open.delete(span.context.spanId)) {
      return false;
    }
    if ((span.context.flags & SAMPLED) !== 0) {
      this.#take(span);
    }
    return true;
  }
}
