// Gathers in a serving thread what is to be sent to a collector, until the thread that sends it takes it. Never waits and
// never grows: while nobody takes it, what comes is dropped and counted.
import type { GuestLog, GuestMetrics } from './guest-signals.ts';
import type { SpanRecord } from './span.ts';

export interface TelemetryBatch {
  readonly spans: readonly SpanRecord[];
  /** What guests send by themselves. */
  readonly logs: readonly GuestLog[];
  readonly metrics: readonly GuestMetrics[];
  /** Since the last batch and not in any. */
  readonly dropped: number;
}

export interface OutgoingEffects {
  /** The batch is on its way; `taken` is to be called when the next may follow. */
  readonly send: (batch: TelemetryBatch) => void;
  /** Calls `then` after a while. */
  readonly later: (then: () => void) => void;
}

/** As OTEL_BSP_MAX_QUEUE_SIZE is by default, for all kinds together. */
export const MAX_ITEMS = 2048;

/** Of what guests say: many of their items may be large. */
const MAX_GUEST_BYTES = 16 * 1024 * 1024;

export class Outgoing {
  readonly #effects: OutgoingEffects;
  #spans: SpanRecord[] = [];
  #logs: GuestLog[] = [];
  #metrics: GuestMetrics[] = [];
  #bytes = 0;
  #dropped = 0;
  #due = false;
  #underWay = false;

  constructor(effects: OutgoingEffects) {
    this.#effects = effects;
  }

  readonly span = (span: SpanRecord): void => {
    if (this.#takes(span.guest?.bytes ?? 0)) {
      this.#spans.push(span);
    }
  };

  log(log: GuestLog): void {
    if (this.#takes(log.bytes)) {
      this.#logs.push(log);
    }
  }

  metrics(metrics: GuestMetrics): void {
    if (this.#takes(metrics.bytes)) {
      this.#metrics.push(metrics);
    }
  }

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
    if ((this.#underWay && !atOnce) || (this.#items === 0 && this.#dropped === 0)) {
      return;
    }
    const batch = { spans: this.#spans, logs: this.#logs, metrics: this.#metrics, dropped: this.#dropped };
    this.#spans = [];
    this.#logs = [];
    this.#metrics = [];
    this.#bytes = 0;
    this.#dropped = 0;
    this.#underWay = true;
    this.#effects.send(batch);
  }

  get #items(): number {
    return this.#spans.length + this.#logs.length + this.#metrics.length;
  }

  #takes(bytes: number): boolean {
    if (this.#items >= MAX_ITEMS || this.#bytes + bytes > MAX_GUEST_BYTES) {
      this.#dropped += 1;
      return false;
    }
    this.#bytes += bytes;
    if (!this.#due) {
      this.#due = true;
      this.#effects.later(() => this.flush());
    }
    return true;
  }
}
