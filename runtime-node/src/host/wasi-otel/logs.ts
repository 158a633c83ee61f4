// wasi:otel/logs (spin-contract.md §4.12): log records of the guest's own. Whose they are says the host, as in Spin.
import { plain, type HostInterface } from '../../component/index.ts';
import type { GuestLog, GuestSignals } from '../../telemetry/guest-signals.ts';
import type { Guest } from '../guest.ts';
import type { LogRecord } from './types.ts';
import { Kept, spanIdOf, timeOf, traceIdOf, valueOf } from './values.ts';

export const logs = ({ log: take }: GuestSignals): HostInterface<Guest> => ({
  functions: {
    'on-emit': plain((_guest: Guest, record: LogRecord) => take?.(logOf(record))),
  },
  resources: {},
});

/** OpenTelemetry's severities; another number is none. */
const LAST_SEVERITY = 24;

function logOf(record: LogRecord): GuestLog {
  const kept = new Kept();
  const text = (given: string | undefined): string | undefined => (given === undefined ? undefined : kept.text(given));
  const { severityNumber, traceId, spanId } = record;
  const isSeverity = severityNumber !== undefined && severityNumber >= 1 && severityNumber <= LAST_SEVERITY;
  const body = text(record.body);
  return {
    time: record.timestamp && timeOf(record.timestamp),
    observed: record.observedTimestamp && timeOf(record.observedTimestamp),
    severityText: text(record.severityText),
    severityNumber: isSeverity ? severityNumber : undefined,
    eventName: text(record.eventName),
    body: body === undefined ? undefined : valueOf(body),
    attributes: kept.attributes(record.attributes ?? []),
    scope: record.instrumentationScope && kept.scope(record.instrumentationScope),
    context:
      traceId === undefined || spanId === undefined
        ? undefined
        : {
            traceId: traceIdOf(traceId),
            spanId: spanIdOf(spanId),
            flags: record.traceFlags?.sampled === true ? 1 : 0,
            state: '',
          },
    bytes: kept.bytes,
  };
}
