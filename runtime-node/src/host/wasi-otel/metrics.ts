// wasi:otel/metrics (spin-contract.md §4.12): what a guest has counted, sent on as it is. The guest does not wait for the
// collector, which may be away: it is told that all is well.
import { ok, plain, type HostInterface } from '../../component/index.ts';
import type {
  GuestExponentialHistogram,
  GuestHistogram,
  GuestMetric,
  GuestMetrics,
  GuestPoint,
  GuestSignals,
} from '../../telemetry/guest-signals.ts';
import type { Guest } from '../guest.ts';
import type {
  Datetime,
  ExponentialBucket,
  ExponentialHistogramPoint,
  HistogramPoint,
  KeyValue,
  MetricData,
  MetricNumber,
  ResourceMetrics,
  Temporality,
} from './types.ts';
import { Kept, timeOf } from './values.ts';

export const metrics = ({ metrics: take }: GuestSignals): HostInterface<Guest> => ({
  functions: {
    export: plain((_guest: Guest, given: ResourceMetrics) => {
      take?.(metricsOf(given));
      return ok(undefined);
    }),
  },
  resources: {},
});

/** Of each kind in one export: scopes, metrics, series, buckets. */
const MAX_SERIES = 2000;

function metricsOf({ resource, scopeMetrics }: ResourceMetrics): GuestMetrics {
  const kept = new Kept();
  const { schemaUrl } = resource;
  const whose = {
    attributes: kept.attributes(resource.attributes),
    ...(schemaUrl === undefined ? {} : { schemaUrl: kept.text(schemaUrl) }),
  };
  const scopes = kept.some(scopeMetrics, (entry) => ({
    scope: kept.scope(entry.scope),
    metrics: kept.some(
      entry.metrics,
      ({ name, description, unit, data }) => ({
        name: kept.text(name),
        description: kept.text(description),
        unit: kept.text(unit),
        whole: !data.tag.startsWith('f64-'),
        temporality: 'temporality' in data.val ? temporalityOf(data.val.temporality) : 'cumulative',
        data: dataOf(kept, data),
      }),
      MAX_SERIES,
    ),
  }));
  return { resource: whose, scopes, bytes: kept.bytes };
}

/** OTLP knows two; Spin's exporter makes the third cumulative. */
const temporalityOf = (given: Temporality): GuestMetric['temporality'] => (given === 'delta' ? given : 'cumulative');

function dataOf(kept: Kept, data: MetricData): GuestMetric['data'] {
  switch (data.tag) {
    case 'f64-gauge':
    case 's64-gauge':
    case 'u64-gauge':
      return { kind: 'gauge', points: points(kept, data.val, ({ value }) => numberOf(value)) };
    case 'f64-sum':
    case 's64-sum':
    case 'u64-sum':
      return {
        kind: 'sum',
        monotonic: data.val.isMonotonic,
        points: points(kept, data.val, ({ value }) => numberOf(value)),
      };
    case 'f64-histogram':
    case 's64-histogram':
    case 'u64-histogram':
      return { kind: 'histogram', points: points(kept, data.val, (point) => histogramOf(kept, point)) };
    case 'f64-exponential-histogram':
    case 's64-exponential-histogram':
    case 'u64-exponential-histogram':
      return { kind: 'exponential-histogram', points: points(kept, data.val, (point) => exponentialOf(kept, point)) };
  }
}

interface Series<Point> {
  readonly dataPoints: readonly Point[];
  readonly startTime: Datetime | undefined;
  readonly time: Datetime;
}

function points<Point extends { readonly attributes: readonly KeyValue[] }, Value>(
  kept: Kept,
  { dataPoints, startTime, time }: Series<Point>,
  value: (point: Point) => Value,
): GuestPoint<Value>[] {
  const [start, end] = [timeOf(startTime ?? time), timeOf(time)];
  return kept.some(
    dataPoints,
    (point) => ({ start, end, attributes: kept.attributes(point.attributes), value: value(point) }),
    MAX_SERIES,
  );
}

const numberOf = ({ val }: MetricNumber): number => Number(val);

const distribution = ({ count, sum, min, max }: HistogramPoint | ExponentialHistogramPoint) => ({
  count: Number(count),
  sum: numberOf(sum),
  ...(min === undefined ? {} : { min: numberOf(min) }),
  ...(max === undefined ? {} : { max: numberOf(max) }),
});

const histogramOf = (kept: Kept, point: HistogramPoint): GuestHistogram => ({
  ...distribution(point),
  buckets: {
    boundaries: kept.some(point.bounds, (bound) => bound, MAX_SERIES),
    counts: kept.some(point.bucketCounts, Number, MAX_SERIES),
  },
});

const exponentialOf = (kept: Kept, point: ExponentialHistogramPoint): GuestExponentialHistogram => ({
  ...distribution(point),
  scale: point.scale,
  zeroCount: Number(point.zeroCount),
  positive: bucketOf(kept, point.positiveBucket),
  negative: bucketOf(kept, point.negativeBucket),
});

const bucketOf = (kept: Kept, { offset, counts }: ExponentialBucket) => ({
  offset,
  bucketCounts: kept.some(counts, Number, MAX_SERIES),
});
