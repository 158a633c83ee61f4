// Spin's metrics to a collector, out of what all threads have counted.
import { ValueType } from '@opentelemetry/api';
import { resourceFromAttributes, type Resource } from '@opentelemetry/resources';
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { GuestMetric, GuestMetrics } from '../guest-signals.ts';
import { countFrom, type Env, type Protocol } from '../settings.ts';
import { metricExporter } from './exporters.ts';
import type { Attributes } from '../span.ts';
import type { Sender } from './sender.ts';
import { attributesOf, given, SCOPE, scopeOf, timeOf } from './spans.ts';

/** A sum since the start of the process, by its attributes. */
export interface Counted {
  readonly value: number;
  readonly attributes: Attributes;
}

/** By name, as Spin has them; asked before each export. */
export type MetricSource = () => Promise<ReadonlyMap<MetricName, readonly Counted[]>>;

/** Names of Spin's counters (spin-contract.md §8.1). */
export const METRIC_NAMES = ['spin.request_count', 'spin.llm_infer'] as const;
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
  const reader = new PeriodicExportingMetricReader({
    exporter,
    ...given('exportIntervalMillis', interval),
    ...given('exportTimeoutMillis', timeout),
  });
  const provider = new MeterProvider({ resource, readers: [reader] });
  const meter = provider.getMeter(SCOPE, version);
  const counters = new Map(METRIC_NAMES.map((name) => [name, meter.createObservableCounter(name)]));
  meter.addBatchObservableCallback(
    async (result) => {
      for (const [name, values] of await source()) {
        const counter = counters.get(name);
        if (counter !== undefined) {
          values.forEach(({ value, attributes }) => result.observe(counter, value, attributes));
        }
      }
    },
    [...counters.values()],
  );
  const kinds: MetricKinds = {
    temporality: { delta: AggregationTemporality.DELTA, cumulative: AggregationTemporality.CUMULATIVE },
    data: {
      gauge: DataPointType.GAUGE,
      sum: DataPointType.SUM,
      histogram: DataPointType.HISTOGRAM,
      'exponential-histogram': DataPointType.EXPONENTIAL_HISTOGRAM,
    },
  };
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
