// What guests say, made into plain data of a bounded size: the collector's thread keeps many of these.
import type { AnyAttributes, AnyValue, GuestScope, GuestTime } from '../../telemetry/guest-signals.ts';
import type { TraceContext } from '../../telemetry/trace-context.ts';
import type { Datetime, InstrumentationScope, KeyValue, SpanContext } from './types.ts';

/** Of one span, log record or export, about what OTLP collectors take in one message (gRPC: 4 MiB) over a batch of some. */
export const MAX_BYTES = 256 * 1024;

/** OTEL_ATTRIBUTE_COUNT_LIMIT, OTEL_SPAN_EVENT_COUNT_LIMIT, OTEL_SPAN_LINK_COUNT_LIMIT by default. */
export const MAX_ENTRIES = 128;

/** Lists within lists; what lies deeper stays JSON. */
const MAX_DEPTH = 16;

/** What an entry costs besides its text. */
const ENTRY_BYTES = 64;

/** What encodes bytes within JSON, in Spin's SDK and in the WIT's own words. */
const BYTES = /^(?:data:application\/octet-stream;base64,|\{base64\}:)([A-Za-z0-9+/]*={0,2})$/;

/** Counts what has been kept of one item. */
export class Kept {
  bytes = 0;

  /** As much of the text as there is room for. */
  text(text: string): string {
    const kept = text.slice(0, Math.max(0, MAX_BYTES - this.bytes));
    this.bytes += kept.length + ENTRY_BYTES;
    return kept;
  }

  /** As many as may be, while there is room. */
  some<T, U>(list: readonly T[], keep: (entry: T) => U, most = MAX_ENTRIES): U[] {
    const kept: U[] = [];
    for (const entry of list) {
      if (kept.length >= most || this.bytes >= MAX_BYTES) {
        break;
      }
      this.bytes += ENTRY_BYTES;
      kept.push(keep(entry));
    }
    return kept;
  }

  attributes(list: readonly KeyValue[]): AnyAttributes {
    return Object.fromEntries(
      this.some(list, ({ key, value }) => [this.text(key), valueOf(this.text(value))] as const),
    );
  }

  scope({ name, version, schemaUrl, attributes }: InstrumentationScope): GuestScope {
    return {
      name: this.text(name),
      ...(version === undefined ? {} : { version: this.text(version) }),
      ...(schemaUrl === undefined ? {} : { schemaUrl: this.text(schemaUrl) }),
      attributes: this.attributes(attributes),
    };
  }
}

/** The value that the JSON stands for; text that is none stands for itself. */
export function valueOf(json: string): AnyValue {
  try {
    return anyValue(JSON.parse(json), 0);
  } catch {
    // expected: it is no JSON, or was too long and is cut
    return json;
  }
}

function anyValue(value: unknown, depth: number): AnyValue {
  if (typeof value === 'string') {
    const encoded = BYTES.exec(value)?.[1];
    return encoded === undefined ? value : new Uint8Array(Buffer.from(encoded, 'base64'));
  }
  if (typeof value !== 'object' || value === null) {
    return value as AnyValue;
  }
  if (depth === MAX_DEPTH) {
    return JSON.stringify(value);
  }
  return Array.isArray(value)
    ? value.map((entry) => anyValue(entry, depth + 1))
    : Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, anyValue(entry, depth + 1)]));
}

/** OTLP counts nanoseconds in 64 bits. */
const LAST_SECOND = 18_446_744_072n;

export const timeOf = ({ seconds, nanoseconds }: Datetime): GuestTime => [
  Number(seconds > LAST_SECOND ? LAST_SECOND : seconds),
  Math.min(nanoseconds, 999_999_999),
];

const TRACE_ID = /^[\da-f]{32}$/i;
const SPAN_ID = /^[\da-f]{16}$/i;

/** Ids that are none become those that mean so. */
export const traceIdOf = (text: string): string => (TRACE_ID.test(text) ? text.toLowerCase() : NO_TRACE);
export const spanIdOf = (text: string): string => (SPAN_ID.test(text) ? text.toLowerCase() : NO_SPAN);
export const NO_TRACE = '0'.repeat(32);
export const NO_SPAN = '0'.repeat(16);

/** W3C Trace Context, level 1 §3.3.1.3. */
const STATE_KEY = /^[a-z0-9][a-z0-9_*/@-]{0,255}$/;
const STATE_VALUE = /^[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;
const STATE_ENTRIES = 32;

/** A single wrong entry and there is none, as the WIT says. */
function stateOf(entries: SpanContext['traceState']): string {
  const isSound =
    entries.length <= STATE_ENTRIES && entries.every(([key, value]) => STATE_KEY.test(key) && STATE_VALUE.test(value));
  return isSound ? entries.map(([key, value]) => `${key}=${value}`).join(',') : '';
}

export const contextOf = ({ traceId, spanId, traceFlags, traceState }: SpanContext): TraceContext => ({
  traceId: traceIdOf(traceId),
  spanId: spanIdOf(spanId),
  flags: traceFlags.sampled ? 1 : 0,
  state: stateOf(traceState),
});

/** What a guest is told of the span that it is called in. */
export const toSpanContext = (context: TraceContext | undefined): SpanContext => ({
  traceId: context?.traceId ?? NO_TRACE,
  spanId: context?.spanId ?? NO_SPAN,
  traceFlags: { sampled: context !== undefined && (context.flags & 1) !== 0 },
  isRemote: false,
  traceState: (context?.state ?? '').split(',').flatMap((entry) => {
    const at = entry.indexOf('=');
    return at < 0 ? [] : [[entry.slice(0, at).trim(), entry.slice(at + 1).trim()] as const];
  }),
});
