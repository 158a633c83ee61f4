// kube-client 6: what a refusal says, and whether to try again.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ApiError, isExpired, type Retry } from './errors.ts';
import { apiErrorOf } from './status.ts';

const status = (code: number, over: object = {}): object => ({ kind: 'Status', status: 'Failure', code, ...over });

describe('6: a refusal', () => {
  it.each<[string, unknown, number, string | undefined, Retry]>([
    ['bad request', status(400), 400, undefined, 'no'],
    ['unauthorized', status(401), 401, undefined, 'backoff'],
    ['forbidden', status(403), 403, undefined, 'backoff'],
    ['not found', status(404), 404, undefined, 'backoff'],
    ['conflict', status(409, { reason: 'Conflict' }), 409, undefined, 'backoff'],
    [
      'a claim of another manager',
      status(409, { details: { causes: [{ reason: 'FieldManagerConflict' }] } }),
      409,
      undefined,
      'no',
    ],
    ['gone', status(410, { reason: 'Expired' }), 410, undefined, 'backoff'],
    ['invalid', status(422), 422, undefined, 'no'],
    ['too many requests', status(429), 429, undefined, 'backoff'],
    ['too many requests, with a header', status(429), 429, '7', { afterMs: 7_000 }],
    [
      'unavailable, with a detail',
      status(503, { details: { retryAfterSeconds: 2 } }),
      503,
      undefined,
      { afterMs: 2_000 },
    ],
    ['unavailable, with both', status(503, { details: { retryAfterSeconds: 2 } }), 503, '3', { afterMs: 3_000 }],
    ['unavailable until a date', status(503), 503, 'Wed, 21 Oct 2026 07:28:00 GMT', 'backoff'],
    ['unavailable for a year', status(503), 503, '31536000', { afterMs: 300_000 }],
    ['an error of the server', status(500), 500, undefined, 'backoff'],
    [
      'an applied field that is in no schema',
      status(500, { message: 'failed to create typed patch object (…)' }),
      500,
      undefined,
      'no',
    ],
  ])('as %s', (_what, body, code, retryAfter, retry) => {
    expect(apiErrorOf(body, code, retryAfter).retry).toEqual(retry);
  });

  it('in an event of a watch has its own code', () => {
    const error = apiErrorOf(status(410, { reason: 'Expired', message: 'too old resource version' }), 200);
    expect([error.status, error.reason, error.message, isExpired(error)]).toEqual([
      410,
      'Expired',
      'too old resource version',
      true,
    ]);
  });

  it('by a proxy in between keeps what its page says, within reason', () => {
    expect(apiErrorOf('<html>Bad gateway</html>\n', 502).message).toBe('<html>Bad gateway</html>');
    expect(apiErrorOf('x'.repeat(10_000), 502).message).toHaveLength(2048);
    expect(apiErrorOf(undefined, 502).message).toBe('HTTP status 502');
  });

  it('of any content is an ApiError', () => {
    fc.assert(
      fc.property(
        fc.anything(),
        fc.integer({ min: 400, max: 599 }),
        fc.option(fc.string(), { nil: undefined }),
        (body, code, header) => {
          const error = apiErrorOf(body, code, header);
          expect(error).toBeInstanceOf(ApiError);
          expect(error.causes.every(({ field }) => typeof field === 'string')).toBe(true);
        },
      ),
    );
  });
});
