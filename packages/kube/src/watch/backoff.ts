// How long a reflector waits before it asks again.
import type { Retry } from '../transport/errors.ts';

/** kube-client 5; the same as client-go's. */
const FIRST_MS = 800;
const CAP_MS = 30_000;
/** Up to this part less, so that many clients of a server that comes back do not come at once. */
const JITTER = 0.5;
/** What the server asks for is waited for in full; a tenth more is the client's. */
const SERVER_JITTER = 0.1;

/** `attempt` counts from 1; `chance` is from 0 up to 1. */
export const backoffMs = (attempt: number, chance: number): number =>
  Math.min(FIRST_MS * 2 ** Math.min(attempt - 1, 16), CAP_MS) * (1 - JITTER * chance);

/** For refusals that only somebody else can mend: a role that is missing, a CRD that is not there. */
export const slowMs = (chance: number): number => CAP_MS * (1 - JITTER * chance);

export function retryMs(retry: Retry, attempt: number, chance: number): number {
  return typeof retry === 'object' ? retry.afterMs * (1 + SERVER_JITTER * chance) : backoffMs(attempt, chance);
}
