// A clock that stands still until it is told to go on.
import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../clock.ts';

export interface FakeClock extends Clock {
  /** Runs what falls due on the way, each at its time; promises are settled before time goes on. */
  advance(ms: number): Promise<void>;
}

/** Rounds of the event loop that a chain of a few promises needs. */
const SETTLING_TURNS = 5;

async function settle(): Promise<void> {
  for (let turns = 0; turns < SETTLING_TURNS; turns += 1) {
    await turn();
  }
}

export function fakeClock(start = new Date('2026-01-01T00:00:00Z')): FakeClock {
  let time = 0;
  const tasks = new Map<object, { readonly at: number; readonly task: () => void }>();
  return {
    now: () => time,
    date: () => new Date(start.getTime() + time),
    after(delayMs, task) {
      const key = {};
      tasks.set(key, { at: time + Math.max(0, delayMs), task });
      return () => void tasks.delete(key);
    },
    async advance(ms) {
      const end = time + ms;
      await settle();
      for (;;) {
        const [due] = [...tasks].filter(([, { at }]) => at <= end).toSorted(([, a], [, b]) => a.at - b.at);
        if (due === undefined) {
          break;
        }
        const [key, { at, task }] = due;
        tasks.delete(key);
        time = at;
        task();
        await settle();
      }
      time = end;
    },
  };
}
