// Which of OpenTelemetry's exporters sends a signal: loaded only for the protocol that is spoken.
import type { LogRecordExporter } from '@opentelemetry/sdk-logs';
import type { PushMetricExporter } from '@opentelemetry/sdk-metrics';
import type { SpanExporter } from '@opentelemetry/sdk-trace';
import type { Env, Protocol } from '../settings.ts';

export async function traceExporter(protocol: Protocol, env: Env): Promise<SpanExporter> {
  if (protocol === 'grpc') {
    const { grpcExporter } = await import('./grpc.ts');
    const { ProtobufTraceSerializer, TraceExporterMetricsHelper } = await import('@opentelemetry/otlp-transformer');
    return grpcExporter('traces', env, ProtobufTraceSerializer, TraceExporterMetricsHelper);
  }
  const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-proto');
  return new OTLPTraceExporter();
}

export async function logExporter(protocol: Protocol, env: Env): Promise<LogRecordExporter> {
  if (protocol === 'grpc') {
    const { grpcExporter } = await import('./grpc.ts');
    const { ProtobufLogsSerializer, LogsExporterMetricsHelper } = await import('@opentelemetry/otlp-transformer');
    return grpcExporter('logs', env, ProtobufLogsSerializer, LogsExporterMetricsHelper);
  }
  const { OTLPLogExporter } = await import('@opentelemetry/exporter-logs-otlp-proto');
  return new OTLPLogExporter();
}

export async function metricExporter(protocol: Protocol, env: Env): Promise<PushMetricExporter> {
  if (protocol === 'grpc') {
    const { grpcExporter } = await import('./grpc.ts');
    const { MetricsExporterMetricsHelper, ProtobufMetricsSerializer } = await import('@opentelemetry/otlp-transformer');
    return grpcExporter('metrics', env, ProtobufMetricsSerializer, MetricsExporterMetricsHelper);
  }
  const { OTLPMetricExporter } = await import('@opentelemetry/exporter-metrics-otlp-proto');
  return new OTLPMetricExporter();
}
