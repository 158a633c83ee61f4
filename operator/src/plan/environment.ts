// Environment of the container, in upstream's order: another order is another pod template (control-plane contract §2.5).
import { quantityValue, variableEnvironmentName, type SpinAppSpec } from '@spindle/api';
import type { EnvironmentVariable } from './objects.ts';
import type { PodConfig } from './executor.ts';

/** Where the app listens. */
export const LISTEN_ADDRESS = '0.0.0.0:80';

export function environmentOf(spec: SpinAppSpec, { otel }: PodConfig): EnvironmentVariable[] {
  const endpoints = {
    OTEL_EXPORTER_OTLP_ENDPOINT: otel.exporter_otlp_endpoint,
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: otel.exporter_otlp_traces_endpoint,
    OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: otel.exporter_otlp_metrics_endpoint,
    OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: otel.exporter_otlp_logs_endpoint,
  };
  const memory = spec.invocationLimits?.['memory'];
  return [
    ...(spec.variables ?? []).map(({ name, value, valueFrom }) => ({
      name: variableEnvironmentName(name),
      ...(value === undefined || value === '' ? {} : { value }),
      ...(valueFrom === undefined ? {} : { valueFrom }),
    })),
    { name: 'SPIN_HTTP_LISTEN_ADDR', value: LISTEN_ADDRESS },
    ...Object.entries(endpoints).flatMap(([name, value]) => (value ? [{ name, value }] : [])),
    ...(memory === undefined ? [] : [{ name: 'SPIN_MAX_INSTANCE_MEMORY', value: String(quantityValue(memory)) }]),
    ...(spec.components === undefined ? [] : [{ name: 'SPIN_COMPONENTS_TO_RETAIN', value: spec.components.join(',') }]),
  ];
}
