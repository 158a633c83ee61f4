// Runs one job per item, a bounded number at a time. The first failure stops the others and is the one reported.

/** Jobs get a signal that is aborted when another job failed or the caller gave up. */
export async function inParallel<T>(
  items: Iterable<T>,
  limit: number,
  signal: AbortSignal | undefined,
  job: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const stopped = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
  const queue = items[Symbol.iterator]();
  const failures: unknown[] = [];
  async function work(): Promise<void> {
    for (let next = queue.next(); next.done !== true && !stopped.aborted; next = queue.next()) {
      try {
        await job(next.value, stopped);
      } catch (error) {
        failures.push(error);
        stop.abort();
      }
    }
  }
  // All are waited for: when this returns, nothing is left that writes to a file.
  await Promise.all(Array.from({ length: limit }, work));
  signal?.throwIfAborted();
  if (failures.length > 0) {
    throw failures[0];
  }
}
