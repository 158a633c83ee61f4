import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../testing/fake-clock.ts';
import { Alarms, type Alarm } from './alarms.ts';

const MILLISECOND = 1_000_000n;

class Bell implements Alarm {
  place = -1;
  readonly deadline: bigint;
  readonly #rung: bigint[];

  constructor(deadline: bigint, rung: bigint[]) {
    this.deadline = deadline;
    this.#rung = rung;
  }

  ring(): void {
    this.#rung.push(this.deadline);
  }
}

function setUp() {
  const clock = new FakeClock();
  const controller = new AbortController();
  const rung: bigint[] = [];
  const alarms = new Alarms(clock, controller.signal);
  const start = clock.monotonic();
  const bell = (milliseconds: number): Bell => new Bell(start + BigInt(milliseconds) * MILLISECOND, rung);
  const rungAt = (): number[] => rung.map((deadline) => Number((deadline - start) / MILLISECOND));
  return { clock, controller, alarms, bell, rungAt };
}

describe('alarms', () => {
  it('ring each at its time, in order, on one timeout', () => {
    const { clock, alarms, bell, rungAt } = setUp();
    for (const time of [30, 10, 20, 10, 50]) {
      alarms.add(bell(time));
    }
    expect(clock.running).toBe(1);
    clock.advance(9n * MILLISECOND);
    expect(rungAt()).toEqual([]);
    clock.advance(MILLISECOND);
    expect(rungAt()).toEqual([10, 10]);
    clock.advance(15n * MILLISECOND);
    expect(rungAt()).toEqual([10, 10, 20]);
    clock.advance(100n * MILLISECOND);
    expect(rungAt()).toEqual([10, 10, 20, 30, 50]);
    expect(clock.running).toBe(0);
  });

  it('leave no timeout behind when all are called off', () => {
    const { clock, alarms, bell } = setUp();
    const bells = [5, 1, 3].map(bell);
    bells.forEach((one) => alarms.add(one));
    bells.forEach((one) => alarms.remove(one));
    bells.forEach((one) => alarms.remove(one));
    expect(clock.running).toBe(0);
  });

  it('end with the call, and none begins afterwards', () => {
    const { clock, controller, alarms, bell, rungAt } = setUp();
    const first = bell(5);
    alarms.add(first);
    controller.abort();
    alarms.add(bell(6));
    alarms.remove(first);
    expect(clock.running).toBe(0);
    clock.advance(100n * MILLISECOND);
    expect(rungAt()).toEqual([]);
    expect(new Alarms(clock, controller.signal).add(bell(1))).toBeUndefined();
    expect(clock.running).toBe(0);
  });

  it('ring as a sorted list would, whatever is added and called off meanwhile', () => {
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.record({ add: fc.nat(40) }) },
      { weight: 2, arbitrary: fc.record({ remove: fc.nat(60) }) },
      { weight: 2, arbitrary: fc.record({ advance: fc.nat(15) }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const { clock, alarms, bell, rungAt } = setUp();
        const waiting = new Map<number, { readonly one: Bell; readonly time: number }>();
        const expected: number[] = [];
        let now = 0;
        let added = 0;
        const timeouts: number[] = [];
        for (const next of steps) {
          if ('add' in next) {
            const time = now + next.add + 1;
            const one = bell(time);
            waiting.set(added++, { one, time });
            alarms.add(one);
          } else if ('remove' in next) {
            const found = waiting.get(next.remove);
            if (found !== undefined) {
              waiting.delete(next.remove);
              alarms.remove(found.one);
            }
          } else {
            now += next.advance;
            clock.advance(BigInt(next.advance) * MILLISECOND);
            const due = [...waiting].filter(([, { time }]) => time <= now);
            expected.push(...due.map(([, { time }]) => time).toSorted((a, b) => a - b));
            due.forEach(([id]) => waiting.delete(id));
          }
          timeouts.push(clock.running - Math.min(waiting.size, 1));
        }
        expect(rungAt()).toEqual(expected);
        expect(timeouts.filter((surplus) => surplus !== 0)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});
