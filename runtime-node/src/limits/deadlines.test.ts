import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Deadlines, MAX_DELAY_MS, type DeadlineClock } from './deadlines.ts';

/** Stands still until it is moved; rings at or, as Node may, a little before the time. */
class StoppedClock implements DeadlineClock {
  time = 0;
  #timers: { readonly at: number; readonly ring: () => void }[] = [];
  readonly #early: number;

  constructor(early = 0) {
    this.#early = early;
  }

  get timers(): number {
    return this.#timers.length;
  }

  now(): number {
    return this.time;
  }

  after(milliseconds: number, then: () => void): () => void {
    if (!(milliseconds >= 1 && milliseconds <= MAX_DELAY_MS)) {
      throw new RangeError(`Node would not wait ${milliseconds} ms`);
    }
    const timer = { at: this.time + milliseconds - Math.min(this.#early, milliseconds - 0.5), ring: then };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  advance(milliseconds: number): void {
    const until = this.time + milliseconds;
    for (;;) {
      const [next] = this.#timers.filter(({ at }) => at <= until).toSorted((a, b) => a.at - b.at);
      if (next === undefined) {
        break;
      }
      this.#timers = this.#timers.filter((other) => other !== next);
      this.time = Math.max(this.time, next.at);
      next.ring();
    }
    this.time = until;
  }
}

describe('deadlines', () => {
  it('expire in order, each at its time, on one timer', () => {
    const clock = new StoppedClock();
    const deadlines = new Deadlines(100, clock);
    const expired: string[] = [];
    deadlines.add(() => expired.push(`a ${clock.time}`));
    clock.advance(30);
    deadlines.add(() => expired.push(`b ${clock.time}`));
    expect(clock.timers).toBe(1);
    clock.advance(69);
    expect(expired).toEqual([]);
    clock.advance(1);
    expect(expired).toEqual(['a 100']);
    clock.advance(1000);
    expect(expired).toEqual(['a 100', 'b 130']);
    expect(clock.timers).toBe(0);
  });

  it('that were called off never expire, and cost no timer each', () => {
    const clock = new StoppedClock();
    const deadlines = new Deadlines(100, clock);
    for (let request = 0; request < 1000; request += 1) {
      const remove = deadlines.add(() => expect.fail('it was called off'));
      remove();
      remove();
    }
    expect(clock.timers).toBe(1);
    clock.advance(1000);
    expect(clock.timers).toBe(0);
  });

  it('may be called off by one that expires with them', () => {
    const clock = new StoppedClock();
    const deadlines = new Deadlines(10, clock);
    const removers: (() => void)[] = [];
    deadlines.add(() => removers[1]?.());
    removers.push(
      () => {},
      deadlines.add(() => expect.fail('the first has called it off')),
    );
    clock.advance(10);
    expect(clock.timers).toBe(0);
  });

  it('may be added by one that expires', () => {
    const clock = new StoppedClock();
    const deadlines = new Deadlines(10, clock);
    const expired: number[] = [];
    deadlines.add(() => {
      expired.push(clock.time);
      deadlines.add(() => expired.push(clock.time));
    });
    clock.advance(50);
    expect(expired).toEqual([10, 20]);
  });

  it('farther than Node can wait are waited for in pieces', () => {
    const clock = new StoppedClock();
    const expired: number[] = [];
    new Deadlines(3 * MAX_DELAY_MS, clock).add(() => expired.push(clock.time));
    clock.advance(3 * MAX_DELAY_MS - 1);
    expect(expired).toEqual([]);
    clock.advance(1);
    expect(expired).toEqual([3 * MAX_DELAY_MS]);
  });

  it('do not expire after close', () => {
    const clock = new StoppedClock();
    const deadlines = new Deadlines(10, clock);
    const remove = deadlines.add(() => expect.fail('closed'));
    deadlines.close();
    remove();
    expect(clock.timers).toBe(0);
    clock.advance(100);
  });

  const steps = fc.array(
    fc.oneof(
      fc.constant({ do: 'add' as const }),
      fc.record({ do: fc.constant('remove' as const), which: fc.nat(30) }),
      fc.record({ do: fc.constant('advance' as const), by: fc.double({ min: 0, max: 60, noNaN: true }) }),
    ),
    { maxLength: 60 },
  );

  it.each([0, 0.9])('expire as a plain list of times says, in any schedule (timers %d ms early)', (early) => {
    fc.assert(
      fc.property(steps, (schedule) => {
        const clock = new StoppedClock(early);
        const deadlines = new Deadlines(50, clock);
        const expired: number[] = [];
        const model = new Map<number, number>();
        const removers: (() => void)[] = [];
        const wrong: string[] = [];
        for (const step of schedule) {
          if (step.do === 'add') {
            const id = removers.length;
            const at = clock.time + 50;
            model.set(id, at);
            removers.push(
              deadlines.add(() => {
                if (clock.time < at) {
                  wrong.push(`${id} expired at ${clock.time}, before ${at}`);
                }
                expired.push(id);
              }),
            );
          } else if (step.do === 'remove') {
            removers[step.which]?.();
            if (!expired.includes(step.which)) {
              model.delete(step.which);
            }
          } else {
            clock.advance(step.by);
            // Whole milliseconds are waited for, so one may be late by less than that, and by an early ring.
            const overdue = [...model].filter(([id, at]) => at + 2 <= clock.time && !expired.includes(id));
            wrong.push(...overdue.map(([id]) => `${id} has not expired by ${clock.time}`));
          }
          if (clock.timers > 1) {
            wrong.push(`${clock.timers} timers`);
          }
        }
        expect(wrong).toEqual([]);
        clock.advance(200);
        expect(expired).toEqual([...model.keys()]);
      }),
    );
  });
});
