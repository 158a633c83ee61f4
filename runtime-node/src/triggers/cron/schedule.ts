// Calls at the times of a cron expression: seconds, minutes, hours, day of the month, month, day of the week, perhaps a
// year, in UTC (spin-contract.md §6.3). A day has to satisfy both of its fields. Times that have passed while nobody was
// there to call, as in a machine that slept, are one call.
import { Cron } from 'croner';
import { UserError } from '@spindle/api';
import { MAX_DELAY_MS } from '../../limits/deadlines.ts';

/** Time of day, given as an argument so that tests can move it. */
export interface WallClock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls `then` once after about `milliseconds`; the result cancels it. */
  after(milliseconds: number, then: () => void): () => void;
}

export const systemWallClock: WallClock = {
  now: Date.now,
  after(milliseconds, then) {
    const timeout = setTimeout(then, milliseconds);
    return () => clearTimeout(timeout);
  },
};

/** Gives the first time after `from`, both in milliseconds since 1970; undefined when there is none. */
export type NextTime = (from: number) => number | undefined;

/** `id` is the trigger's. */
export function parseSchedule(expression: string, id: string): NextTime {
  try {
    // As Spin's plugin reads them: `1/2` is every second one from the first.
    const cron = new Cron(expression, {
      paused: true,
      timezone: 'UTC',
      mode: '6-or-7-parts',
      sloppyRanges: true,
      domAndDow: true,
    });
    return (from) => cron.nextRun(new Date(from))?.getTime();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.replace(/^CronPattern: /, '') : String(cause);
    throw new UserError(`${JSON.stringify(expression)} is no cron expression: ${reason}`, {
      code: 'SPK4092',
      field: `trigger.cron.${id}.cron_expression`,
      remedy:
        'Write "sec min hour day-of-month month day-of-week", for example "0 */5 * * * *" for every five minutes.',
      cause,
    });
  }
}

/** Calls `act` with each time, in seconds since 1970, until the answer is called. */
export function runSchedule(next: NextTime, act: (seconds: number) => void, clock: WallClock): () => void {
  let cancel: (() => void) | undefined;
  const waitFor = (due: number | undefined): void => {
    if (due === undefined) {
      return;
    }
    cancel = clock.after(Math.min(Math.max(due - clock.now(), 0), MAX_DELAY_MS), () => {
      const now = clock.now();
      if (now < due) {
        // Timers may ring early, and go no farther than MAX_DELAY_MS.
        waitFor(due);
        return;
      }
      waitFor(next(now));
      act(Math.floor(now / 1000));
    });
  };
  waitFor(next(clock.now()));
  return () => cancel?.();
}
