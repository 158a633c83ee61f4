// What a registry's refusal means: worth another try, or the end. Quotes the error codes and messages of its JSON
// body (distribution-spec 1.1, "Error Codes"), bounded and made fit for a terminal.
import { quoted, unexpectedAnswer } from '../errors.ts';
import { isRecord } from '../json.ts';
import { readBounded } from './bounded.ts';
import { parseRetryAfter } from './retry.ts';
import type { HttpAnswer } from './transport.ts';
import { TransportError } from './transport-error.ts';

const MAX_ERROR_BYTES = 65_536; // Distribution's are below one kilobyte; some proxies send a page.

/** Statuses after which the same request may succeed (RFC 9110 §15.5, §15.6; RFC 6585 §4). */
const TRANSIENT = new Set([408, 429, 500, 502, 503, 504]);

export async function answerError(answer: HttpAnswer, server: string, where: string, now: number): Promise<Error> {
  const said = describe(await readBounded(answer.body, MAX_ERROR_BYTES));
  const text = said === '' ? String(answer.status) : `${answer.status}: ${said}`;
  if (!TRANSIENT.has(answer.status)) {
    return unexpectedAnswer(server, where, text);
  }
  const retryAfterMs = parseRetryAfter(answer.headers.get('retry-after'), now);
  return new TransportError(`it answered ${text}`, {
    retryable: true,
    retryAfterMs,
    ...(answer.status === 429 ? { remedy: tooMany(retryAfterMs) } : {}),
  });
}

const tooMany = (retryAfterMs: number | undefined): string =>
  retryAfterMs === undefined
    ? 'Its limit of requests is reached: wait, or log in as a user with a higher one.'
    : `Its limit of requests is reached: try again in ${Math.ceil(retryAfterMs / 1000)} s, or log in as a user with a higher one.`;

/** Codes and messages of the JSON body, or nothing. Pure. */
function describe(body: Buffer | undefined): string {
  let document: unknown;
  try {
    document = JSON.parse(body?.toString('utf8') ?? '');
  } catch {
    // expected: proxies and storage services answer with pages of their own; the status says enough.
    return '';
  }
  const errors = isRecord(document) && Array.isArray(document['errors']) ? document['errors'] : [];
  return errors
    .filter(isRecord)
    .slice(0, 3) // More than three would hide the first.
    .map(({ code, message }) => [code, message].filter((part) => typeof part === 'string').join(' '))
    .filter((text) => text !== '')
    .map(quoted)
    .join(', ');
}
