// Spans of the serving threads to a collector.
import { SpanStatusCode, type HrTime, type SpanContext } from '@opentelemetry/api';
import { TraceState } from '@opentelemetry/core';
import type { Resource } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { countFrom, type Env } from '../settings.ts';
import { SPAN_KINDS, type SpanRecord } from '../span.ts';
import type { TraceContext } from '../trace-context.ts';
import type { SpanBatch } from '../tracer.ts';
import type { Sender } from './sender.ts';

export const SCOPE = 'spin';

export interface SpanSender extends Sender {
  take(batch: SpanBatch): void;
}

export async function spans(resource: Resource, version: string, env: Env): Promise<SpanSender> {
  const { BatchSpanProcessor } = await import('@opentelemetry/sdk-trace');
  const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-proto');
  const processor = new BatchSpanProcessor({
    exporter: new OTLPTraceExporter(),
    ...given('scheduledDelayMillis', countFrom(env, 'OTEL_BSP_SCHEDULE_DELAY')),
    ...given('maxQueueSize', countFrom(env, 'OTEL_BSP_MAX_QUEUE_SIZE')),
    ...given('maxExportBatchSize', countFrom(env, 'OTEL_BSP_MAX_EXPORT_BATCH_SIZE')),
    ...given('exportTimeoutMillis', countFrom(env, 'OTEL_BSP_EXPORT_TIMEOUT')),
  });
  return {
    take: (batch) => {
      for (const span of batch.spans) {
        processor.onEnd(readable(span, resource, version));
      }
    },
    close: () => processor.shutdown(),
  };
}

export const given = (name: string, value: number | undefined): Record<string, number> =>
  value === undefined ? {} : { [name]: value };

export function readable(span: SpanRecord, resource: Resource, version: string): ReadableSpan {
  const context = spanContext(span.context);
  return {
    name: span.name,
    // Numbered as SpanKind is.
    kind: SPAN_KINDS.indexOf(span.kind),
    spanContext: () => context,
    ...(span.parentSpanId === undefined
      ? {}
      : { parentSpanContext: { ...context, spanId: span.parentSpanId, isRemote: span.kind === 'server' } }),
    startTime: hrTime(span.start),
    endTime: hrTime(span.end),
    duration: hrTime(span.end - span.start),
    ended: true,
    status:
      span.error === undefined ? { code: SpanStatusCode.UNSET } : { code: SpanStatusCode.ERROR, message: span.error },
    attributes: span.attributes,
    events: span.events.map(({ name, time, attributes }) => ({ name, time: hrTime(time), attributes })),
    links: [],
    resource,
    instrumentationScope: { name: SCOPE, version },
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

const spanContext = ({ traceId, spanId, flags, state }: TraceContext): SpanContext => ({
  traceId,
  spanId,
  traceFlags: flags,
  ...(state === '' ? {} : { traceState: new TraceState(state) }),
});

/** Seconds and nanoseconds. */
export const hrTime = (ms: number): HrTime => [Math.floor(ms / 1000), Math.round((ms % 1000) * 1e6)];
