// Stays connected to a broker until it is asked to stop: after a loss it waits and tries again, where Spin's triggers end the
// process (docs/compat.md). Each loss is told, with what comes next.
import { setTimeout as delay } from 'node:timers/promises';
import { Backoff } from './backoff.ts';

export interface KeepOptions {
  readonly signal: AbortSignal;
  /** For the log: without any password. */
  readonly address: string;
  readonly onError: (message: string, error: unknown) => void;
  readonly backoff?: Backoff;
}

/** `attend` connects and stays as long as the connection does; it rejects when that is lost. Resolves after the stop. */
export async function keepConnected(
  attend: () => Promise<never>,
  { signal, address, onError, backoff = new Backoff() }: KeepOptions,
): Promise<void> {
  while (!signal.aborted) {
    const began = performance.now();
    let failure: unknown;
    try {
      await attend();
    } catch (error) {
      // expected: brokers go, and come back
      failure = error;
    }
    if (signal.aborted) {
      return;
    }
    const waitMs = backoff.next(performance.now() - began);
    onError(`disconnected from ${address}, trying again in ${(waitMs / 1000).toFixed(1)} s`, failure);
    await delay(waitMs, undefined, { signal }).catch(() => {});
  }
}
