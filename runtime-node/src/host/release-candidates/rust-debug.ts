// An error-code as Spin writes it into the errors of the first candidate: the debug text of its Rust type, which guests
// print and some compare (spin-contract.md §3.8).
import type { ErrorCode } from '../http/error-code.ts';

/** Cases whose payload is a record, and its Rust name. */
const RECORDS: Readonly<Record<string, string>> = {
  'DNS-error': 'DnsErrorPayload',
  'TLS-alert-received': 'TlsAlertReceivedPayload',
  'HTTP-request-header-size': 'FieldSizePayload',
  'HTTP-request-trailer-size': 'FieldSizePayload',
  'HTTP-response-header-size': 'FieldSizePayload',
  'HTTP-response-trailer-size': 'FieldSizePayload',
};

/** `HTTP-request-URI-invalid` is `HttpRequestUriInvalid` in Rust. */
const camel = (name: string): string =>
  name
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase())
    .join('');

const kebab = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const option = (value: unknown, write: (value: unknown) => string): string =>
  value === undefined ? 'None' : `Some(${write(value)})`;

const scalar = (value: unknown): string => (typeof value === 'string' ? JSON.stringify(value) : String(value));

function record(name: string, value: unknown): string {
  const fields = Object.entries(value as object).map(([field, held]) => `${kebab(field)}: ${option(held, scalar)}`);
  return `${name} { ${fields.join(', ')} }`;
}

export function rustDebug(code: ErrorCode): string {
  const name = `ErrorCode::${camel(code.tag)}`;
  if (!('val' in code)) {
    return name;
  }
  const recordName = RECORDS[code.tag];
  if (recordName === undefined) {
    return `${name}(${option(code.val, scalar)})`;
  }
  const written = (value: unknown): string => record(recordName, value);
  // Of the records this one alone may be absent.
  return `${name}(${code.tag === 'HTTP-request-header-size' ? option(code.val, written) : written(code.val)})`;
}
