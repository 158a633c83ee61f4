// The sum of what all threads have counted, the replaced ones included, kept by the supervisor.
import { InstrumentCounts } from '../telemetry/instruments.ts';
import {
  keyOf,
  type ComponentEngine,
  type Gauges,
  type HostCallCount,
  type MessageCount,
  type MeterReading,
} from './meters.ts';

/** By component, then by name. */
export type CountedBy = ReadonlyMap<string, ReadonlyMap<string, number>>;

interface Requests {
  readonly classes: readonly number[];
  readonly buckets: readonly number[];
  readonly seconds: number;
}

export class MeterTotals {
  /** As the first thread told it; the others find the same. */
  engine: readonly ComponentEngine[] = [];
  readonly requests = new Map<string, Requests>();
  /** By component, trigger and outcome. */
  readonly messages = new Map<string, MessageCount>();
  /** By component, call, outcome and model. */
  readonly hostCalls = new Map<string, HostCallCount>();
  /** Of outbound connections. */
  readonly instruments = new InstrumentCounts();
  /** By component. */
  readonly resets = new Map<string, number>();
  readonly limits = new Map<string, Map<string, number>>();
  readonly dropped = new Map<string, Map<string, number>>();
  /** By reason. */
  readonly restarts = new Map<string, number>();
  /** By thread. */
  readonly #gauges = new Map<number, Gauges>();
  readonly #threads = new Set<number>();

  get threads(): number {
    return this.#threads.size;
  }

  get queue(): number {
    return [...this.#gauges.values()].reduce((sum, { queue }) => sum + queue, 0);
  }

  /** Of all threads; equal labels are summed up when they are shown. */
  get instances(): Gauges['instances'] {
    return [...this.#gauges.values()].flatMap(({ instances }) => instances);
  }

  add(thread: number, reading: MeterReading): void {
    const { requests, messages, hostCalls, limits, dropped, resets, gauges } = reading;
    for (const { component, ...more } of requests) {
      this.requests.set(component, sumOf(this.requests.get(component), more));
    }
    for (const message of messages) {
      const key = JSON.stringify([message.component, message.trigger, message.outcome]);
      const { count, seconds } = this.messages.get(key) ?? { count: 0, seconds: 0 };
      this.messages.set(key, { ...message, count: count + message.count, seconds: seconds + message.seconds });
    }
    for (const call of hostCalls) {
      const key = keyOf(call);
      this.hostCalls.set(key, { ...call, count: call.count + (this.hostCalls.get(key)?.count ?? 0) });
    }
    for (const { name, attributes, count } of reading.counters) {
      this.instruments.add(name, attributes, count);
    }
    for (const histogram of reading.histograms) {
      this.instruments.merge(histogram);
    }
    for (const { component, count } of resets) {
      this.resets.set(component, (this.resets.get(component) ?? 0) + count);
    }
    for (const { component, limit, count } of limits) {
      addTo(this.limits, component, limit, count);
    }
    for (const { component, reason, count } of dropped) {
      addTo(this.dropped, component, reason, count);
    }
    if (this.#threads.has(thread)) {
      this.#gauges.set(thread, gauges);
    }
  }

  limitExceeded(component: string, limit: string): void {
    addTo(this.limits, component, limit, 1);
  }

  threadServes(thread: number): void {
    this.#threads.add(thread);
  }

  /** It holds nothing any more; what it has counted stays. */
  threadEnded(thread: number): void {
    this.#threads.delete(thread);
    this.#gauges.delete(thread);
  }

  threadReplaced(reason: string): void {
    this.restarts.set(reason, (this.restarts.get(reason) ?? 0) + 1);
  }
}

const sumOf = (known: Requests | undefined, more: Requests): Requests =>
  known === undefined
    ? more
    : {
        classes: known.classes.map((count, index) => count + (more.classes[index] ?? 0)),
        buckets: known.buckets.map((count, index) => count + (more.buckets[index] ?? 0)),
        seconds: known.seconds + more.seconds,
      };

function addTo(counts: Map<string, Map<string, number>>, component: string, name: string, count: number): void {
  const byName = counts.get(component) ?? new Map<string, number>();
  counts.set(component, byName.set(name, (byName.get(name) ?? 0) + count));
}
