// wasi:clocks monotonic-clock and wall-clock as functions on a Clock; those of 0.3 wait themselves.
import { cancellable, plain, waiting, type HostInterface } from '../../component/index.ts';
import type { Guest } from '../guest.ts';
import type { Clock, Datetime } from './clock.ts';
import { timerPollable } from './timer.ts';

/** Both of Linux's clocks count nanoseconds. */
const RESOLUTION = 1;

export function monotonicClock(clock: Clock): HostInterface<Guest> {
  return {
    repeatable: true,
    resources: {},
    functions: {
      now: plain(() => clock.monotonic()),
      resolution: plain(() => BigInt(RESOLUTION)),
      'subscribe-instant': plain((guest: Guest, when: bigint) => timerPollable(clock, guest, when)),
      'subscribe-duration': plain((guest: Guest, duration: bigint) =>
        timerPollable(clock, guest, clock.monotonic() + duration),
      ),
    },
  };
}

export function wallClock(clock: Clock): HostInterface<Guest> {
  return {
    repeatable: true,
    resources: {},
    functions: {
      now: plain(() => clock.wall()),
      resolution: plain((): Datetime => ({ seconds: 0n, nanoseconds: RESOLUTION })),
    },
  };
}

/** Those of 0.3. */
export function asyncClocks(clock: Clock): ReadonlyMap<string, HostInterface<Guest>> {
  const until = (guest: Guest, when: bigint): Promise<void> | undefined => {
    const pollable = timerPollable(clock, guest, when);
    return pollable.ready() ? undefined : cancellable(pollable.wait(), () => pollable[Symbol.dispose]());
  };
  return new Map<string, HostInterface<Guest>>([
    [
      'wasi:clocks/monotonic-clock@0.3.0',
      {
        repeatable: true,
        resources: {},
        functions: {
          now: plain(() => clock.monotonic()),
          'get-resolution': plain(() => BigInt(RESOLUTION)),
          'wait-until': waiting(until),
          'wait-for': waiting((guest: Guest, duration: bigint) => until(guest, clock.monotonic() + duration)),
        },
      },
    ],
    [
      'wasi:clocks/system-clock@0.3.0',
      {
        repeatable: true,
        resources: {},
        functions: { now: plain(() => clock.wall()), 'get-resolution': plain(() => BigInt(RESOLUTION)) },
      },
    ],
    ['wasi:clocks/types@0.3.0', { repeatable: true, resources: {}, functions: {} }],
  ]);
}
