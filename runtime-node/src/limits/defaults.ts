// The limits that hold when nobody gives others, and how the limits of a process are divided among its threads.
import type { Limits } from './limits.ts';

/**
 * Ten milliseconds are an eternity for a thread that answers thousands of requests, yet components that compute for
 * seconds are legal, and Spin never ends them. After a minute the usual load balancers have given the client up.
 */
const STALL_MS = 60_000;

/** How much longer than a limit on time the backstop waits: the limit itself must have had its chance. */
const STALL_FACTOR = 2;

/** As many instances as Spin's pooling allocator holds (spin-contract.md §8.2); Spin answers 500 beyond. */
const CONCURRENCY = 1000;

/** As many again may wait: with what a thousand calls take at the least, a second or so. */
const QUEUE = 1000;

/** Some 100 MB when all are idle; far more than a thousand calls keep busy. */
const CONNECTIONS = 10_000;

/** Limits as far as they were given. */
export type GivenLimits = { readonly [Name in keyof Limits]?: Limits[Name] | undefined };

export function limitsFrom(given: GivenLimits): Limits {
  const { requestMs, cpuMs } = given;
  return {
    instanceMemory: given.instanceMemory,
    requestMs,
    cpuMs,
    stallMs: given.stallMs ?? Math.max(STALL_MS, STALL_FACTOR * Math.max(requestMs ?? 0, cpuMs ?? 0)),
    concurrency: given.concurrency ?? CONCURRENCY,
    queue: given.queue ?? QUEUE,
    connections: given.connections ?? CONNECTIONS,
  };
}

export const DEFAULT_LIMITS: Limits = limitsFrom({});

/** No more threads than calls may run at once: a thread that may run none would refuse whoever reaches it. */
export const usefulThreads = (threads: number, { concurrency }: Pick<Limits, 'concurrency'>): number =>
  Math.max(1, concurrency === undefined ? threads : Math.min(threads, concurrency));

/** The limits of each of `threads` serving threads; over all of them they add up to those of the process. */
export function shareLimits(limits: Limits, threads: number): readonly Limits[] {
  const { concurrency, queue } = limits;
  return Array.from({ length: threads }, (_, index) => ({
    ...limits,
    concurrency: concurrency === undefined ? undefined : shareOf(concurrency, threads, index),
    queue: shareOf(queue, threads, index),
  }));
}

/** The first threads take what is left over. */
const shareOf = (total: number, threads: number, index: number): number =>
  Math.floor(total / threads) + (index < total % threads ? 1 : 0);
