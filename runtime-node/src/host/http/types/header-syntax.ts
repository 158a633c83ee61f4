// What may be a field name or value, and which names a guest may not use (RFC 9110 §5.1, §5.5;
// spin-contract.md §3.9). Values are strings of latin1: one char per byte.

/** RFC 9110 §5.6.2 `token`. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** RFC 9110 §5.5 with obs-text; no control characters but the tab. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Hop-by-hop fields and `host`: the host's own business (spec §3.9, the nine names). */
const FORBIDDEN: ReadonlySet<string> = new Set([
  'connection',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);

/** The largest u64. */
const MAX_LENGTH = 18_446_744_073_709_551_615n;

export const isToken = (text: string): boolean => TOKEN.test(text);

export const isFieldValue = (value: string): boolean => VALUE.test(value);

/** `name` in lower case. */
export const isForbidden = (name: string): boolean => FORBIDDEN.has(name);

/** The normal form of a content-length, or undefined when it is not one (RFC 9110 §8.6: `1*DIGIT`). */
export function normalContentLength(value: string): string | undefined {
  if (!/^\d+$/.test(value)) {
    return undefined;
  }
  const length = BigInt(value);
  return length > MAX_LENGTH ? undefined : length.toString();
}
