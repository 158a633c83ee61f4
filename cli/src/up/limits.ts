// The limits that the flags of `up` give.
import type { ClientLimits, GivenLimits } from '@spindle/runtime';
import { contradictoryTimes } from '../errors.ts';
import type { UpFlags } from './options.ts';
import { timeWithin } from './values.ts';

/** `random` chooses from a range of times, once for the run. */
export function givenLimits(flags: UpFlags, random: () => number = Math.random): GivenLimits {
  const { requestTimeout, cpuTimeout, stallTimeout } = flags;
  const requestMs = requestTimeout && timeWithin(requestTimeout, random);
  for (const [flag, time] of [
    ['--request-timeout', requestMs],
    ['--cpu-timeout', cpuTimeout],
  ] as const) {
    if (stallTimeout !== undefined && time !== undefined && stallTimeout <= time) {
      throw contradictoryTimes(flag);
    }
  }
  return {
    instanceMemory: flags.maxInstanceMemory,
    requestMs,
    cpuMs: cpuTimeout,
    stallMs: stallTimeout,
    concurrency: flags.maxConcurrentRequests,
    queue: flags.maxQueuedRequests,
    connections: flags.maxConnections,
  };
}

/** Only what was given. */
export function givenClientLimits(flags: UpFlags): Partial<ClientLimits> {
  const given = {
    headerFields: flags.maxHeaderFields,
    bodyBytes: flags.maxBodySize,
    headMs: unlessZero(flags.headerTimeout),
    bodyMs: unlessZero(flags.bodyTimeout),
    responseMs: unlessZero(flags.writeTimeout),
    idleMs: unlessZero(flags.keepAliveTimeout),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

const unlessZero = (milliseconds: number | undefined): number | undefined =>
  milliseconds === 0 ? Infinity : milliseconds;
