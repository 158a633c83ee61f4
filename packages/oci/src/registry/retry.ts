// When to try again, and how long to wait before. Only operations that change nothing when repeated come here.
import { setTimeout as delay } from 'node:timers/promises';
import { TransportError } from './transport-error.ts';

export interface RetryPolicy {
  /** Tries in a row without progress, the first one included. */
  readonly attempts: number;
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
  /** In [0, 1). */
  readonly random: () => number;
  readonly sleep: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
}

export const DEFAULT_RETRY: RetryPolicy = {
  attempts: 4, // Waits of about 0.3, 0.6 and 1.2 s: bridges a restart, and a wrong name still fails within seconds.
  firstDelayMs: 300,
  maxDelayMs: 30_000, // The longest `retry-after` obeyed; a longer one is told to the user instead.
  random: Math.random,
  sleep: async (ms, signal) => {
    await delay(ms, undefined, signal === undefined ? {} : { signal });
  },
};

/** Milliseconds until try number `failures + 1`, or undefined when there should be none. Pure but for `random`. */
export function nextDelay(policy: RetryPolicy, failures: number, error: unknown): number | undefined {
  if (!(error instanceof TransportError) || !error.retryable || failures >= policy.attempts) {
    return undefined;
  }
  if (error.retryAfterMs !== undefined) {
    return error.retryAfterMs <= policy.maxDelayMs ? error.retryAfterMs : undefined;
  }
  const full = Math.min(policy.maxDelayMs, policy.firstDelayMs * 2 ** (failures - 1));
  // Half fixed, half random: many pods that lost one registry must not come back in step.
  return full / 2 + (full / 2) * policy.random();
}

export async function retrying<T>(
  policy: RetryPolicy,
  signal: AbortSignal | undefined,
  operation: () => Promise<T>,
): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await operation();
    } catch (error) {
      const wait = nextDelay(policy, failures, error);
      if (wait === undefined) {
        throw error;
      }
      await policy.sleep(wait, signal);
    }
  }
}

/** `retry-after` is a number of seconds or a date (RFC 9110 §10.2.3). */
export function parseRetryAfter(value: string | null, now: number): number | undefined {
  if (value === null) {
    return undefined;
  }
  if (/^\d{1,9}$/.test(value)) {
    return Number(value) * 1000;
  }
  // Date.parse alone takes "-1" for a year.
  const date = /^[A-Z][a-z]{2,8}, /.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
