import { UserError } from '@spindle/api';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_DELAY_MS } from '../../limits/deadlines.ts';
import { parseSchedule, runSchedule, type WallClock } from './schedule.ts';

/** Stands still until it is moved; rings `early` milliseconds before the time, as timers may. */
class StoppedClock implements WallClock {
  time: number;
  waiting: { readonly at: number; readonly ring: () => void } | undefined;
  readonly #early: number;

  constructor(from: string, early = 0) {
    this.time = Date.parse(from);
    this.#early = early;
  }

  now(): number {
    return this.time;
  }

  after(milliseconds: number, then: () => void): () => void {
    if (milliseconds > MAX_DELAY_MS) {
      throw new RangeError(`Node would not wait ${milliseconds} ms`);
    }
    const waiting = { at: this.time + Math.max(milliseconds - this.#early, 0), ring: then };
    this.waiting = waiting;
    return () => {
      this.waiting = this.waiting === waiting ? undefined : this.waiting;
    };
  }

  /** In seconds. */
  advance(seconds: number): void {
    const until = this.time + seconds * 1000;
    while (this.waiting !== undefined && this.waiting.at <= until) {
      const { at, ring } = this.waiting;
      // Some time passes even where a timer rings early.
      this.time = Math.max(this.time + 0.25, at);
      this.waiting = undefined;
      ring();
    }
    this.time = Math.max(this.time, until);
  }
}

function times(expression: string, from: string, seconds: number, early = 0): string[] {
  const clock = new StoppedClock(from, early);
  const called: string[] = [];
  runSchedule(
    parseSchedule(expression, 't'),
    (at) => called.push(new Date(at * 1000).toISOString().slice(0, 19)),
    clock,
  );
  clock.advance(seconds);
  return called;
}

describe('a schedule', () => {
  it.each([0, 1])('calls at each of its times, once (timers %d ms early)', (early) => {
    expect(times('1/20 * * * * *', '2026-11-21T12:00:00Z', 60, early)).toEqual([
      '2026-11-21T12:00:01',
      '2026-11-21T12:00:21',
      '2026-11-21T12:00:41',
    ]);
  });

  it.each([
    ['0 0 12 * * *', '2026-11-21T12:00:00'],
    ['0 1/2 11,12 5-22 * * *', '2026-11-21T11:01:00'],
    ['0 0 0 * * MON *', '2026-11-23T00:00:00'],
    ['0 0 0 * * 0', '2026-11-22T00:00:00'],
    ['0 0 0 13 * FRI', '2027-08-13T00:00:00'],
    ['0 0 0 29 2 * 2028', '2028-02-29T00:00:00'],
  ])('%s is next at %s, in UTC', (expression, expected) => {
    const next = parseSchedule(expression, 't')(Date.parse('2026-11-21T10:30:00Z'));
    expect(next === undefined ? undefined : new Date(next).toISOString().slice(0, 19)).toBe(expected);
  });

  it('farther than Node can wait is waited for in pieces', () => {
    expect(times('0 0 0 1 1 *', '2026-02-01T00:00:00Z', 340 * 86_400)).toEqual(['2027-01-01T00:00:00']);
  });

  it('makes one call of the times in which nobody was there to call', () => {
    const clock = new StoppedClock('2026-11-21T12:00:00.500Z');
    const called: number[] = [];
    runSchedule(parseSchedule('* * * * * *', 't'), (at) => called.push(at), clock);
    clock.time += 3_600_000;
    clock.waiting?.ring();
    expect(called).toEqual([Date.parse('2026-11-21T13:00:00Z') / 1000]);
    clock.advance(1);
    expect(called).toHaveLength(2);
  });

  it('that has no more times waits for nothing', () => {
    const clock = new StoppedClock('2026-11-21T12:00:00Z');
    runSchedule(parseSchedule('0 0 0 1 1 * 2020', 't'), () => expect.fail('it is over'), clock);
    expect(clock.waiting).toBeUndefined();
  });

  it('calls no more once it was stopped, not even by the call that stops it', () => {
    const clock = new StoppedClock('2026-11-21T12:00:00Z');
    let calls = 0;
    const stop = runSchedule(
      parseSchedule('* * * * * *', 't'),
      () => {
        calls += 1;
        stop();
      },
      clock,
    );
    clock.advance(60);
    expect(calls).toBe(1);
  });
});

function outcome<T>(act: () => T): T | Error {
  try {
    return act();
  } catch (error) {
    // expected: it is looked at
    return error as Error;
  }
}

describe('an expression', () => {
  it.each([
    '',
    '*',
    '* * * * *',
    '* * * * * * * *',
    '60 * * * * *',
    'a b c d e f',
    '@reboot',
    '0 0 0 32 * *',
    '-1 * * * * *',
  ])('that is none is refused: %j', (expression) => {
    expect(() => parseSchedule(expression, 't')).toThrow(UserError);
  });

  it('is refused, or has a next time or none, whatever it is', () => {
    const field = fc.oneof(
      fc.constantFrom('*', '?', '0', '*/5', '1-3', '1,2', 'MON', 'L', '#', '/'),
      fc.string({ maxLength: 4 }),
    );
    const always = fc.check(
      fc.property(fc.array(field, { minLength: 5, maxLength: 8 }), (fields) => {
        const next = outcome(() => parseSchedule(fields.join(' '), 't'));
        const from = Date.parse('2026-11-21T12:00:00Z');
        const time = typeof next === 'function' ? next(from) : next;
        return time === undefined || time instanceof UserError || (typeof time === 'number' && time > from);
      }),
      { numRuns: 200 },
    );
    expect(always.counterexample).toBeNull();
  });
});
