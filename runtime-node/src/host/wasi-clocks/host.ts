// wasi:clocks monotonic-clock and wall-clock as functions on a Clock.
import { plain, type HostInterface } from '../../component/index.ts';
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
