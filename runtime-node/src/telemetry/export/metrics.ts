// Spin's metrics to a collector, out of what all threads have counted.
import { ValueType, type HrTime } from '@opentelemetry/api';
import { resourceFromAttributes, type Resource } from '@opentelemetry/resources';
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { GuestMetric, GuestMetrics } from '../guest-signals.ts';
import { COUNTERS } from '../instruments.ts';
import { countFrom, type Env, type Protocol } from '../settings.ts';
import { metricExporter } from './exporters.ts';
import type { Attributes } from '../span.ts';
import type { Sender } from './sender.ts';
import { attributesOf, given, hrTime, SCOPE, scopeOf, timeOf } from './spans.ts';

/** A sum since the start of the process, by its attributes. */
export interface Counted {
  readonly value: number;
  readonly attributes: Attributes;
}

/** A distribution since the start of the process. */
export interface Distributed {
  readonly name: string;
  readonly attributes: Attributes;
  /** Upper bounds of all buckets but the last. */
  readonly bounds: readonly number[];
  readonly buckets: readonly number[];
  readonly sum: number;
}

export interface Measured {
  /** By name, as Spin has them. */
  readonly counters: ReadonlyMap<MetricName, readonly Counted[]>;
  readonly histograms: readonly Distributed[];
}

/** Asked before each export. */
export type MetricSource = () => Promise<Measured>;

/** Names of Spin's counters (spin-contract.md §8.1). */
export const METRIC_NAMES = ['spin.request_count', 'spin.llm_infer', ...COUNTERS] as const;
export type MetricName = (typeof METRIC_NAMES)[number];

export interface MetricSender extends Sender {
  takeOwn(metrics: GuestMetrics): void;
}

export async function metrics(
  resource: Resource,
  version: string,
  env: Env,
  { protocol, source, failed }: MetricOptions,
): Promise<MetricSender> {
  const { AggregationTemporality, DataPointType, MeterProvider, PeriodicExportingMetricReader } =
    await import('@opentelemetry/sdk-metrics');
  const exporter = await metricExporter(protocol, env);
  const interval = countFrom(env, 'OTEL_METRIC_EXPORT_INTERVAL');
  const timeout = countFrom(env, 'OTEL_METRIC_EXPORT_TIMEOUT') ?? (interval === undefined ? undefined : interval);
  const kinds: MetricKinds = {
    temporality: { delta: AggregationTemporality.DELTA, cumulative: AggregationTemporality.CUMULATIVE },
    data: {
      gauge: DataPointType.GAUGE,
      sum: DataPointType.SUM,
      histogram: DataPointType.HISTOGRAM,
      'exponential-histogram': DataPointType.EXPONENTIAL_HISTOGRAM,
    },
  };
  const start = hrTime(Date.now());
  const reader = new PeriodicExportingMetricReader({
    exporter,
    metricProducers: [
      {
        // Of what was counted elsewhere OpenTelemetry's instruments make no histograms.
        collect: async () => ({
          resourceMetrics: histogramsOf((await source()).histograms, kinds, { resource, version, start }),
          errors: [],
        }),
      },
    ],
    ...given('exportIntervalMillis', interval),
    ...given('exportTimeoutMillis', timeout),
  });
  const provider = new MeterProvider({ resource, readers: [reader] });
  const meter = provider.getMeter(SCOPE, version);
  const counters = new Map(METRIC_NAMES.map((name) => [name, meter.createObservableCounter(name)]));
  meter.addBatchObservableCallback(
    async (result) => {
      for (const [name, values] of (await source()).counters) {
        const counter = counters.get(name);
        if (counter !== undefined) {
          values.forEach(({ value, attributes }) => result.observe(counter, value, attributes));
        }
      }
    },
    [...counters.values()],
  );
  return {
    takeOwn: (own) =>
      exporter.export(resourceMetrics(own, kinds), ({ error }) => {
        if (error !== undefined) {
          failed(error.message);
        }
      }),
    close: () => provider.shutdown(),
  };
}

export interface MetricOptions {
  readonly protocol: Protocol;
  readonly source: MetricSource;
  /** Hears why what a guest has sent did not get through. */
  readonly failed: (reason: string) => void;
}

/** OpenTelemetry's numbers for what guests say in words; its packages are loaded only here. */
interface MetricKinds {
  readonly temporality: Readonly<Record<GuestMetric['temporality'], number>>;
  readonly data: Readonly<Record<GuestMetric['data']['kind'], number>>;
}

interface Origin {
  readonly resource: Resource;
  readonly version: string;
  readonly start: HrTime;
}

function histogramsOf(
  histograms: readonly Distributed[],
  kinds: MetricKinds,
  { resource, version, start }: Origin,
): ResourceMetrics {
  const end = hrTime(Date.now());
  const measured = [...Map.groupBy(histograms, ({ name }) => name)].map(([name, equal]) => ({
    descriptor: { name, description: '', unit: '', valueType: ValueType.DOUBLE },
    aggregationTemporality: kinds.temporality.cumulative,
    dataPointType: kinds.data.histogram,
    dataPoints: equal.map(({ attributes, bounds, buckets, sum }) => ({
      startTime: start,
      endTime: end,
      attributes,
      value: {
        count: buckets.reduce((all, count) => all + count, 0),
        sum,
        buckets: { boundaries: bounds, counts: buckets },
      },
    })),
  }));
  const scopeMetrics = measured.length === 0 ? [] : [{ scope: { name: SCOPE, version }, metrics: measured }];
  return { resource, scopeMetrics } as unknown as ResourceMetrics;
}

/** What a guest exports, of which it says itself whose it is. */
export function resourceMetrics({ resource, scopes }: GuestMetrics, kinds: MetricKinds): ResourceMetrics {
  const metricData = ({ name, description, unit, whole, temporality, data }: GuestMetric) => ({
    descriptor: { name, description, unit, valueType: whole ? ValueType.INT : ValueType.DOUBLE },
    aggregationTemporality: kinds.temporality[temporality],
    dataPointType: kinds.data[data.kind],
    dataPoints: data.points.map(({ start, end, attributes, value }) => ({
      startTime: timeOf(start),
      endTime: timeOf(end),
      attributes: attributesOf(attributes),
      value,
    })),
    ...(data.kind === 'sum' ? { isMonotonic: data.monotonic } : {}),
  });
  return {
    resource: resourceFromAttributes(
      attributesOf(resource.attributes),
      resource.schemaUrl === undefined ? {} : { schemaUrl: resource.schemaUrl },
    ),
    scopeMetrics: scopes.map(({ scope, metrics: own }) => ({ scope: scopeOf(scope), metrics: own.map(metricData) })),
  } as ResourceMetrics;
}
