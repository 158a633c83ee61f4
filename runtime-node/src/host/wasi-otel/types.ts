// The WIT types of wasi:otel@0.2.0-rc.2 as TypeScript sees them (see component/host-interface.ts).

export interface Datetime {
  readonly seconds: bigint;
  readonly nanoseconds: number;
}

/** The value is JSON, since WIT has no recursive types. */
export interface KeyValue {
  readonly key: string;
  readonly value: string;
}

export interface InstrumentationScope {
  readonly name: string;
  readonly version: string | undefined;
  readonly schemaUrl: string | undefined;
  readonly attributes: readonly KeyValue[];
}

export interface OtelResource {
  readonly attributes: readonly KeyValue[];
  readonly schemaUrl: string | undefined;
}

export interface TraceFlags {
  readonly sampled: boolean;
}

export interface SpanContext {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags: TraceFlags;
  readonly isRemote: boolean;
  readonly traceState: readonly (readonly [string, string])[];
}

export interface SpanData {
  readonly spanContext: SpanContext;
  readonly parentSpanId: string;
  readonly spanKind: 'client' | 'server' | 'producer' | 'consumer' | 'internal';
  readonly name: string;
  readonly startTime: Datetime;
  readonly endTime: Datetime;
  readonly attributes: readonly KeyValue[];
  readonly events: readonly {
    readonly name: string;
    readonly time: Datetime;
    readonly attributes: readonly KeyValue[];
  }[];
  readonly links: readonly { readonly spanContext: SpanContext; readonly attributes: readonly KeyValue[] }[];
  readonly status: { readonly tag: 'unset' | 'ok' } | { readonly tag: 'error'; readonly val: string };
  readonly instrumentationScope: InstrumentationScope;
  readonly droppedAttributes: number;
  readonly droppedEvents: number;
  readonly droppedLinks: number;
}

export interface LogRecord {
  readonly timestamp: Datetime | undefined;
  readonly observedTimestamp: Datetime | undefined;
  readonly severityText: string | undefined;
  readonly severityNumber: number | undefined;
  readonly body: string | undefined;
  readonly attributes: readonly KeyValue[] | undefined;
  readonly eventName: string | undefined;
  readonly resource: OtelResource | undefined;
  readonly instrumentationScope: InstrumentationScope | undefined;
  readonly traceId: string | undefined;
  readonly spanId: string | undefined;
  readonly traceFlags: TraceFlags | undefined;
}

export type MetricNumber =
  | { readonly tag: 'f64'; readonly val: number }
  | { readonly tag: 's64' | 'u64'; readonly val: bigint };

interface NumberPoint {
  readonly attributes: readonly KeyValue[];
  readonly value: MetricNumber;
}

interface DistributionPoint {
  readonly attributes: readonly KeyValue[];
  readonly count: bigint;
  readonly min: MetricNumber | undefined;
  readonly max: MetricNumber | undefined;
  readonly sum: MetricNumber;
}

export interface HistogramPoint extends DistributionPoint {
  readonly bounds: readonly number[];
  readonly bucketCounts: readonly bigint[];
}

export interface ExponentialBucket {
  readonly offset: number;
  readonly counts: readonly bigint[];
}

export interface ExponentialHistogramPoint extends DistributionPoint {
  readonly scale: number;
  readonly zeroCount: bigint;
  readonly positiveBucket: ExponentialBucket;
  readonly negativeBucket: ExponentialBucket;
  readonly zeroThreshold: number;
}

export type Temporality = 'cumulative' | 'delta' | 'low-memory';

interface Series<Point> {
  readonly dataPoints: readonly Point[];
  readonly time: Datetime;
}

type NumberType = 'f64' | 'u64' | 's64';

export type MetricData =
  | {
      readonly tag: `${NumberType}-gauge`;
      readonly val: Series<NumberPoint> & { readonly startTime: Datetime | undefined };
    }
  | {
      readonly tag: `${NumberType}-sum`;
      readonly val: Series<NumberPoint> & {
        readonly startTime: Datetime;
        readonly temporality: Temporality;
        readonly isMonotonic: boolean;
      };
    }
  | {
      readonly tag: `${NumberType}-histogram`;
      readonly val: Series<HistogramPoint> & { readonly startTime: Datetime; readonly temporality: Temporality };
    }
  | {
      readonly tag: `${NumberType}-exponential-histogram`;
      readonly val: Series<ExponentialHistogramPoint> & {
        readonly startTime: Datetime;
        readonly temporality: Temporality;
      };
    };

export interface ResourceMetrics {
  readonly resource: OtelResource;
  readonly scopeMetrics: readonly {
    readonly scope: InstrumentationScope;
    readonly metrics: readonly {
      readonly name: string;
      readonly description: string;
      readonly unit: string;
      readonly data: MetricData;
    }[];
  }[];
}
