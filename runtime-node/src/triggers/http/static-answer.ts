// The answer of a static route, decided once: one that HTTP cannot carry is a 500, as in Spin, and never an exception
// while a request is answered.
import { validateHeaderName, validateHeaderValue } from 'node:http';
import type { StaticResponse } from '@spindle/api';
import type { FixedAnswer } from './well-known.ts';

/** Three digits, and none that announces another response (RFC 9110 §15). */
const isFinalStatus = (status: number): boolean => status >= 200 && status <= 999;

export function staticAnswer({ statusCode, headers, body = '' }: StaticResponse): FixedAnswer {
  // On the wire a value is bytes, for which node has latin1 strings.
  const list = [...headers].map(
    ([name, value]) => [name.toLowerCase(), Buffer.from(value).toString('latin1')] as const,
  );
  return isFinalStatus(statusCode) && list.every(([name, value]) => canBeSent(name, value))
    ? { status: statusCode, headers: list, body: Buffer.from(body) }
    : { status: 500, headers: [], body: Buffer.alloc(0) };
}

function canBeSent(name: string, value: string): boolean {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return true;
  } catch {
    // expected: that is how node answers
    return false;
  }
}
