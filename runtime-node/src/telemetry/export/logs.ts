// What guests print, to a collector: one record for each write.
import { isUtf8 } from 'node:buffer';
import type { Resource } from '@opentelemetry/resources';
import { countFrom, type Env } from '../settings.ts';
import type { Sender } from './sender.ts';
import { given, SCOPE } from './spans.ts';

export interface LogSender extends Sender {
  take(component: string, bytes: Uint8Array): void;
}

/** Of output that is no text so much is told, as Spin does. */
const SHOWN_BYTES = 50;

export async function logs(resource: Resource, version: string, env: Env): Promise<LogSender> {
  const { BatchLogRecordProcessor, LoggerProvider } = await import('@opentelemetry/sdk-logs');
  const { OTLPLogExporter } = await import('@opentelemetry/exporter-logs-otlp-proto');
  const processor = new BatchLogRecordProcessor({
    exporter: new OTLPLogExporter(),
    ...given('scheduledDelayMillis', countFrom(env, 'OTEL_BLRP_SCHEDULE_DELAY')),
    ...given('maxQueueSize', countFrom(env, 'OTEL_BLRP_MAX_QUEUE_SIZE')),
    ...given('maxExportBatchSize', countFrom(env, 'OTEL_BLRP_MAX_EXPORT_BATCH_SIZE')),
    ...given('exportTimeoutMillis', countFrom(env, 'OTEL_BLRP_EXPORT_TIMEOUT')),
  });
  const provider = new LoggerProvider({ resource, processors: [processor] });
  const logger = provider.getLogger(SCOPE, version);
  return {
    take: (component, bytes) => logger.emit(logRecord(component, bytes)),
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

/** As Rust's `escape_ascii` writes bytes. */
function escaped(bytes: Uint8Array): string {
  const known: Readonly<Record<number, string>> = { 9: '\\t', 10: '\\n', 13: '\\r', 34: '\\"', 39: "\\'", 92: '\\\\' };
  return [...bytes]
    .map((byte) => known[byte] ?? (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : hex(byte)))
    .join('');
}

const hex = (byte: number): string => `\\x${byte.toString(16).padStart(2, '0')}`;
