// What guests print, to a collector: one record for each write.
import { isUtf8 } from 'node:buffer';
import type { Resource } from '@opentelemetry/resources';
import type { LogBody } from '@opentelemetry/api-logs';
import type { ReadableLogRecord, SdkLogRecord } from '@opentelemetry/sdk-logs';
import type { GuestLog } from '../guest-signals.ts';
import { countFrom, type Env, type Protocol } from '../settings.ts';
import { logExporter } from './exporters.ts';
import type { Sender } from './sender.ts';
import { attributesOf, given, hrTime, SCOPE, scopeOf, spanContext, timeOf } from './spans.ts';

export interface LogSender extends Sender {
  take(component: string, bytes: Uint8Array): void;
  takeOwn(log: GuestLog): void;
}

/** Of output that is no text so much is told, as Spin does. */
const SHOWN_BYTES = 50;

export async function logs(resource: Resource, version: string, env: Env, protocol: Protocol): Promise<LogSender> {
  const { BatchLogRecordProcessor, LoggerProvider } = await import('@opentelemetry/sdk-logs');
  const processor = new BatchLogRecordProcessor({
    exporter: await logExporter(protocol, env),
    ...given('scheduledDelayMillis', countFrom(env, 'OTEL_BLRP_SCHEDULE_DELAY')),
    ...given('maxQueueSize', countFrom(env, 'OTEL_BLRP_MAX_QUEUE_SIZE')),
    ...given('maxExportBatchSize', countFrom(env, 'OTEL_BLRP_MAX_EXPORT_BATCH_SIZE')),
    ...given('exportTimeoutMillis', countFrom(env, 'OTEL_BLRP_EXPORT_TIMEOUT')),
  });
  const provider = new LoggerProvider({ resource, processors: [processor] });
  const logger = provider.getLogger(SCOPE, version);
  return {
    take: (component, bytes) => logger.emit(logRecord(component, bytes)),
    takeOwn: (log) => processor.onEmit(ownRecord(log, resource, version) as SdkLogRecord),
    close: () => provider.shutdown(),
  };
}

export function logRecord(component: string, bytes: Uint8Array) {
  return isUtf8(bytes)
    ? { body: Buffer.from(bytes).toString('utf8'), attributes: { component_id: component } }
    : {
        body: escaped(bytes.subarray(0, SHOWN_BYTES)),
        attributes: { component_id: component, app_log_non_utf8: true },
      };
}

/** What a guest sends by itself; of whom it is says the host, as in Spin. */
export function ownRecord(log: GuestLog, resource: Resource, version: string): ReadableLogRecord {
  const seen = log.observed === undefined ? hrTime(Date.now()) : timeOf(log.observed);
  return {
    hrTime: log.time === undefined ? UNKNOWN_TIME : timeOf(log.time),
    hrTimeObserved: seen,
    ...(log.context === undefined ? {} : { spanContext: spanContext(log.context) }),
    ...(log.severityText === undefined ? {} : { severityText: log.severityText }),
    ...(log.severityNumber === undefined ? {} : { severityNumber: log.severityNumber }),
    ...(log.eventName === undefined ? {} : { eventName: log.eventName }),
    body: log.body as LogBody,
    resource,
    instrumentationScope: log.scope === undefined ? { name: SCOPE, version } : scopeOf(log.scope),
    attributes: attributesOf(log.attributes),
    droppedAttributesCount: 0,
  };
}

const UNKNOWN_TIME: [number, number] = [0, 0];

/** As Rust's `escape_ascii` writes bytes. */
function escaped(bytes: Uint8Array): string {
  const known: Readonly<Record<number, string>> = { 9: '\\t', 10: '\\n', 13: '\\r', 34: '\\"', 39: "\\'", 92: '\\\\' };
  return [...bytes]
    .map((byte) => known[byte] ?? (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : hex(byte)))
    .join('');
}

const hex = (byte: number): string => `\\x${byte.toString(16).padStart(2, '0')}`;
