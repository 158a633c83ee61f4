// A meta/v1 Status, of a refused request or of an ERROR event of a watch, as an ApiError.
import { ApiError, type Retry, type StatusCause } from './errors.ts';

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** No server means a longer time by it; a proxy in between may. */
const MAX_RETRY_AFTER_MS = 300_000;
/** A load balancer's page of HTML says nothing after that. */
const MAX_MESSAGE_CHARACTERS = 2048;

/**
 * `body` is what came with the response, parsed; `fallback` the status of HTTP; `retryAfter` its header. A Status in an ERROR
 * event has its own code.
 */
export function apiErrorOf(body: unknown, fallback: number, retryAfter?: string): ApiError {
  const status = isRecord(body) ? body : {};
  const code = typeof status['code'] === 'number' ? status['code'] : fallback;
  const details = isRecord(status['details']) ? status['details'] : {};
  const causes = (Array.isArray(details['causes']) ? details['causes'] : []).filter(isRecord).map(readCause);
  const message = text(status['message']) || (typeof body === 'string' ? body.trim() : '') || `HTTP status ${code}`;
  return new ApiError(message.slice(0, MAX_MESSAGE_CHARACTERS), {
    status: code,
    reason: text(status['reason']),
    causes,
    retry: SCHEMA_ERROR.test(message) ? 'no' : retryOf(code, causes, waitMs(retryAfter, details['retryAfterSeconds'])),
  });
}

/** An applied field that its schema does not have is a 500 of the API server (1.36). */
const SCHEMA_ERROR = /^failed to create typed patch object/;

const readCause = (cause: Readonly<Record<string, unknown>>): StatusCause => ({
  reason: text(cause['reason']),
  message: text(cause['message']),
  field: text(cause['field']),
});

function waitMs(header: string | undefined, seconds: unknown): number | undefined {
  const given = header === undefined || !/^\d+$/.test(header) ? seconds : Number(header);
  return typeof given === 'number' && given > 0 ? Math.min(given * 1000, MAX_RETRY_AFTER_MS) : undefined;
}

/** The same request again can never be good. 401, 403 and 404 can: somebody renews a token, grants a role, adds a CRD. */
const VAIN = [400, 405, 406, 409, 413, 415, 422];

function retryOf(status: number, causes: readonly StatusCause[], afterMs: number | undefined): Retry {
  if (afterMs !== undefined) {
    return { afterMs };
  }
  // Of the 409s only another field manager's claim stays as it is; the others go by with a fresh read.
  const isRace = status === 409 && !causes.some(({ reason }) => reason === 'FieldManagerConflict');
  return VAIN.includes(status) && !isRace ? 'no' : 'backoff';
}
