// What guests send to the collector by themselves (wasi:otel), as plain data, which crosses threads. Knows nothing of WIT
// nor of OpenTelemetry's packages.
import type { TraceContext } from './trace-context.ts';

/** Seconds and nanoseconds since 1970. */
export type GuestTime = readonly [seconds: number, nanoseconds: number];

/** OpenTelemetry's AnyValue. */
export type AnyValue =
  | string
  | number
  | boolean
  | null
  | Uint8Array
  | readonly AnyValue[]
  | { readonly [key: string]: AnyValue };

export type AnyAttributes = Readonly<Record<string, AnyValue>>;

export interface GuestScope {
  readonly name: string;
  readonly version?: string;
  readonly schemaUrl?: string;
  readonly attributes: AnyAttributes;
}

/** What a guest's span has besides what those of the host have. */
export interface GuestSpanFacts {
  readonly scope: GuestScope;
  readonly links: readonly { readonly context: TraceContext; readonly attributes: AnyAttributes }[];
  readonly attributes: AnyAttributes;
  readonly events: readonly { readonly name: string; readonly time: GuestTime; readonly attributes: AnyAttributes }[];
  readonly start: GuestTime;
  readonly end: GuestTime;
  /** It was said to have succeeded. */
  readonly succeeded: boolean;
  readonly dropped: { readonly attributes: number; readonly events: number; readonly links: number };
  /** About what it takes to keep it. */
  readonly bytes: number;
}

export interface GuestLog {
  readonly time: GuestTime | undefined;
  readonly observed: GuestTime | undefined;
  readonly severityText: string | undefined;
  readonly severityNumber: number | undefined;
  readonly eventName: string | undefined;
  readonly body: AnyValue | undefined;
  readonly attributes: AnyAttributes;
  readonly scope: GuestScope | undefined;
  readonly context: TraceContext | undefined;
  readonly bytes: number;
}

export interface GuestMetrics {
  readonly resource: { readonly attributes: AnyAttributes; readonly schemaUrl?: string };
  readonly scopes: readonly { readonly scope: GuestScope; readonly metrics: readonly GuestMetric[] }[];
  readonly bytes: number;
}

export interface GuestMetric {
  readonly name: string;
  readonly description: string;
  readonly unit: string;
  /** Whether the values are whole numbers. */
  readonly whole: boolean;
  readonly temporality: 'cumulative' | 'delta';
  readonly data:
    | { readonly kind: 'gauge'; readonly points: readonly GuestPoint<number>[] }
    | { readonly kind: 'sum'; readonly monotonic: boolean; readonly points: readonly GuestPoint<number>[] }
    | { readonly kind: 'histogram'; readonly points: readonly GuestPoint<GuestHistogram>[] }
    | { readonly kind: 'exponential-histogram'; readonly points: readonly GuestPoint<GuestExponentialHistogram>[] };
}

export interface GuestPoint<Value> {
  readonly start: GuestTime;
  readonly end: GuestTime;
  readonly attributes: AnyAttributes;
  readonly value: Value;
}

interface Distribution {
  readonly count: number;
  readonly sum: number;
  readonly min?: number;
  readonly max?: number;
}

export interface GuestHistogram extends Distribution {
  readonly buckets: { readonly boundaries: readonly number[]; readonly counts: readonly number[] };
}

export interface GuestExponentialHistogram extends Distribution {
  readonly scale: number;
  readonly zeroCount: number;
  readonly positive: { readonly offset: number; readonly bucketCounts: readonly number[] };
  readonly negative: { readonly offset: number; readonly bucketCounts: readonly number[] };
}

/** Where they go; absent for a signal that is not sent anywhere. */
export interface GuestSignals {
  readonly log?: (log: GuestLog) => void;
  readonly metrics?: (metrics: GuestMetrics) => void;
}
