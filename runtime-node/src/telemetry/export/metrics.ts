// Spin's metrics to a collector, out of what all threads have counted.
import type { Resource } from '@opentelemetry/resources';
import { countFrom, type Env } from '../settings.ts';
import type { Attributes } from '../span.ts';
import type { Sender } from './sender.ts';
import { given, SCOPE } from './spans.ts';

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

export async function metrics(resource: Resource, version: string, env: Env, source: MetricSource): Promise<Sender> {
  const { MeterProvider, PeriodicExportingMetricReader } = await import('@opentelemetry/sdk-metrics');
  const { OTLPMetricExporter } = await import('@opentelemetry/exporter-metrics-otlp-proto');
  const interval = countFrom(env, 'OTEL_METRIC_EXPORT_INTERVAL');
  const timeout = countFrom(env, 'OTEL_METRIC_EXPORT_TIMEOUT') ?? (interval === undefined ? undefined : interval);
  const reader = new PeriodicExportingMetricReader({
    exporter: new OTLPMetricExporter(),
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
  return { close: () => provider.shutdown() };
}
