// Spin's metrics of outbound connections (spin-contract.md §8.1), by Spin's names: counters, and histograms with their
// bounds.
export type Attributes = Readonly<Record<string, string | boolean>>;

export const COUNTERS = ['outbound_connection_permits_acquired', 'outbound_connection_permits_rejected'] as const;
export type CounterName = (typeof COUNTERS)[number];

/** Shares of a limit: bounds where operators wish to be warned. */
const SHARES = [0.25, 0.5, 0.75, 0.9, 0.95, 0.99];

/** OpenTelemetry's default, made for milliseconds. */
const MILLISECONDS = [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10_000];

/** Upper bounds of all buckets but the last. */
export const HISTOGRAMS = {
  outbound_connection_permit_wait_duration_ms: MILLISECONDS,
  outbound_connection_factor_utilization: SHARES,
  outbound_connection_global_utilization: SHARES,
} as const satisfies Readonly<Record<string, readonly number[]>>;
export type HistogramName = keyof typeof HISTOGRAMS;

/** Who counts. */
export interface Instruments {
  add(name: CounterName, attributes: Attributes): void;
  record(name: HistogramName, attributes: Attributes, value: number): void;
}

export interface CounterReading {
  readonly name: CounterName;
  readonly attributes: Attributes;
  readonly count: number;
}

export interface HistogramReading {
  readonly name: HistogramName;
  readonly attributes: Attributes;
  /** By bucket, each without those below it. */
  readonly buckets: readonly number[];
  readonly sum: number;
}

/** What was counted since it was last asked for, or in all. */
export class InstrumentCounts implements Instruments {
  #counters = new Map<string, { -readonly [Key in keyof CounterReading]: CounterReading[Key] }>();
  #histograms = new Map<string, { name: HistogramName; attributes: Attributes; buckets: number[]; sum: number }>();

  get counters(): readonly CounterReading[] {
    return [...this.#counters.values()];
  }

  get histograms(): readonly HistogramReading[] {
    return [...this.#histograms.values()];
  }

  add(name: CounterName, attributes: Attributes, count = 1): void {
    const key = keyOf(name, attributes);
    const known = this.#counters.get(key) ?? { name, attributes, count: 0 };
    known.count += count;
    this.#counters.set(key, known);
  }

  record(name: HistogramName, attributes: Attributes, value: number): void {
    const bounds: readonly number[] = HISTOGRAMS[name];
    const bucket = bounds.findIndex((bound) => value <= bound);
    const buckets = Array.from({ length: bounds.length + 1 }, () => 0);
    buckets[bucket === -1 ? bounds.length : bucket] = 1;
    this.merge({ name, attributes, buckets, sum: value });
  }

  merge({ name, attributes, buckets, sum }: HistogramReading): void {
    const key = keyOf(name, attributes);
    const known = this.#histograms.get(key) ?? { name, attributes, buckets: buckets.map(() => 0), sum: 0 };
    known.buckets = known.buckets.map((count, index) => count + (buckets[index] ?? 0));
    known.sum += sum;
    this.#histograms.set(key, known);
  }

  clear(): void {
    this.#counters = new Map();
    this.#histograms = new Map();
  }
}

const keyOf = (name: string, attributes: Attributes): string => JSON.stringify([name, attributes]);
