// What a failed piece of work says about another try.
import type { Retry } from '../transport/errors.ts';

/** The work took longer than it may. */
export class WorkTimeout extends Error {
  override readonly name = 'WorkTimeout';
}

export interface Failure {
  readonly error: Error;
  readonly retry: Retry;
  readonly isPanic: boolean;
  readonly isTimeout: boolean;
}

export function failureOf(thrown: unknown): Failure {
  const isPanic = !(thrown instanceof Error);
  const error = isPanic
    ? new Error(`something that is no error was thrown: ${String(thrown)}`, { cause: thrown })
    : thrown;
  return { error, retry: retryOf(error), isPanic, isTimeout: error instanceof WorkTimeout };
}

/** By its shape, so that errors of any package can say it. */
function retryOf(error: Error): Retry {
  const retry = 'retry' in error ? error.retry : undefined;
  if (retry === 'no' || retry === 'backoff') {
    return retry;
  }
  return typeof retry === 'object' && retry !== null && 'afterMs' in retry && typeof retry.afterMs === 'number'
    ? { afterMs: retry.afterMs }
    : 'backoff';
}
