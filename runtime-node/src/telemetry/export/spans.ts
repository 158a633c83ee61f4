// Spans of the serving threads to a collector.
import { SpanStatusCode, type Attributes, type HrTime, type SpanContext } from '@opentelemetry/api';
import { hrTimeDuration, TraceState } from '@opentelemetry/core';
import type { Resource } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { AnyAttributes, GuestScope, GuestTime } from '../guest-signals.ts';
import { countFrom, type Env, type Protocol } from '../settings.ts';
import { SPAN_KINDS, type SpanRecord } from '../span.ts';
import type { TraceContext } from '../trace-context.ts';
import { traceExporter } from './exporters.ts';
import type { Sender } from './sender.ts';

export const SCOPE = 'spin';

export interface SpanSender extends Sender {
  take(spans: readonly SpanRecord[]): void;
}

export async function spans(resource: Resource, version: string, env: Env, protocol: Protocol): Promise<SpanSender> {
  const { BatchSpanProcessor } = await import('@opentelemetry/sdk-trace');
  const processor = new BatchSpanProcessor({
    exporter: await traceExporter(protocol, env),
    ...given('scheduledDelayMillis', countFrom(env, 'OTEL_BSP_SCHEDULE_DELAY')),
    ...given('maxQueueSize', countFrom(env, 'OTEL_BSP_MAX_QUEUE_SIZE')),
    ...given('maxExportBatchSize', countFrom(env, 'OTEL_BSP_MAX_EXPORT_BATCH_SIZE')),
    ...given('exportTimeoutMillis', countFrom(env, 'OTEL_BSP_EXPORT_TIMEOUT')),
  });
  return {
    take: (ended) => {
      for (const span of ended) {
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
  const { guest } = span;
  const [start, end] =
    guest === undefined ? [hrTime(span.start), hrTime(span.end)] : [timeOf(guest.start), timeOf(guest.end)];
  return {
    name: span.name,
    // Numbered as SpanKind is.
    kind: SPAN_KINDS.indexOf(span.kind),
    spanContext: () => context,
    ...(span.parentSpanId === undefined
      ? {}
      : { parentSpanContext: { ...context, spanId: span.parentSpanId, isRemote: span.kind === 'server' } }),
    startTime: start,
    endTime: end,
    duration: hrTimeDuration(start, end),
    ended: true,
    status:
      span.error === undefined
        ? { code: guest?.succeeded === true ? SpanStatusCode.OK : SpanStatusCode.UNSET }
        : { code: SpanStatusCode.ERROR, message: span.error },
    attributes: guest === undefined ? span.attributes : attributesOf(guest.attributes),
    events:
      guest === undefined
        ? span.events.map(({ name, time, attributes }) => ({ name, time: hrTime(time), attributes }))
        : guest.events.map(({ name, time, attributes }) => ({
            name,
            time: timeOf(time),
            attributes: attributesOf(attributes),
          })),
    links: (guest?.links ?? []).map(({ context: linked, attributes }) => ({
      context: spanContext(linked),
      attributes: attributesOf(attributes),
    })),
    resource,
    instrumentationScope: guest === undefined ? { name: SCOPE, version } : scopeOf(guest.scope),
    droppedAttributesCount: guest?.dropped.attributes ?? 0,
    droppedEventsCount: guest?.dropped.events ?? 0,
    droppedLinksCount: guest?.dropped.links ?? 0,
  };
}

/** What guests say is of more types than OpenTelemetry's own, which are written all the same. */
export const attributesOf = (attributes: AnyAttributes): Attributes => attributes as Attributes;

export const timeOf = ([seconds, nanoseconds]: GuestTime): HrTime => [seconds, nanoseconds];

export const scopeOf = ({ attributes, ...scope }: GuestScope) => ({ ...scope, attributes: attributesOf(attributes) });

export const spanContext = ({ traceId, spanId, flags, state }: TraceContext): SpanContext => ({
  traceId,
  spanId,
  traceFlags: flags,
  ...(state === '' ? {} : { traceState: new TraceState(state) }),
});

/** Seconds and nanoseconds. */
export const hrTime = (ms: number): HrTime => [Math.floor(ms / 1000), Math.round((ms % 1000) * 1e6)];
