import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fakeGuest } from '../host/testing/fake-guest.ts';
import { LimitExceeded } from '../limits/index.ts';
import { Heartbeat } from './heartbeat.ts';
import { BeatView, createSharedBeat, NO_COMPONENT } from './shared-beat.ts';

type Limits = ConstructorParameters<typeof Heartbeat>[2];

/** A thread, its supervisor's view of it, and a clock that is moved by hand. */
function setUp(limits: Limits = { requestMs: undefined, cpuMs: undefined }) {
  const clock = { time: 1000, cpuTime: 50 };
  const shared = createSharedBeat();
  const heartbeat = new Heartbeat(shared, ['a', 'b'], limits, { now: () => clock.time, cpu: () => clock.cpuTime });
  return { heartbeat, clock, view: new BeatView(shared), check: heartbeat.interrupt.interrupted };
}

function stops(check: () => void): boolean {
  try {
    check();
    return false;
  } catch (error) {
    // expected: what this tells
    return error instanceof LimitExceeded;
  }
}

const guestOf = (id: string) => fakeGuest({ id }).guest;

describe('a heartbeat', () => {
  it('tells whether a guest runs, of which component, and one run from the next', () => {
    const { heartbeat, view } = setUp();
    const seen: [run: number, component: number][] = [];
    for (const id of ['a', 'b', 'unknown']) {
      heartbeat.enter(guestOf(id));
      seen.push([view.run, view.component]);
      heartbeat.leave();
      seen.push([view.run, view.component]);
    }
    expect(seen).toEqual([
      [1, 0],
      [2, 0],
      [3, 1],
      [4, 1],
      [5, NO_COMPONENT],
      [6, NO_COMPONENT],
    ]);
  });

  it('counts on past the end of 32 bits', () => {
    const { view } = setUp();
    const shared = createSharedBeat();
    const beat = new BeatView(shared);
    beat.run = 2 ** 31 - 2;
    const heartbeat = new Heartbeat(shared, [], { requestMs: undefined, cpuMs: undefined });
    heartbeat.enter(undefined);
    expect(beat.run).toBe(2 ** 31 - 1);
    heartbeat.leave();
    heartbeat.enter(undefined);
    expect(beat.run).toBe(-(2 ** 31) + 1);
    expect(view.run).toBe(0);
  });

  it('stops a guest that is over the time of its request, by the name of the limit', () => {
    const { heartbeat, clock, view, check } = setUp({ requestMs: 100, cpuMs: undefined });
    heartbeat.enter(guestOf('b'));
    expect(view.deadline).toBe(1100);
    clock.time = 1100;
    view.askToStop(view.run);
    expect(check).toThrow(LimitExceeded);
    expect(view.asked).toBe(0);
    view.askToStop(view.run);
    expect(check).toThrow(
      expect.objectContaining({ limit: 'request time', value: 100, component: 'b', status: 504 }) as Error,
    );
  });

  it('counts the time of the request from its first run, waits included', () => {
    const { heartbeat, clock, view } = setUp({ requestMs: 100, cpuMs: undefined });
    const guest = guestOf('a');
    heartbeat.enter(guest);
    heartbeat.leave();
    clock.time = 1090;
    heartbeat.enter(guest);
    expect(view.deadline).toBe(1100);
    heartbeat.leave();
    heartbeat.enter(guestOf('a'));
    expect(view.deadline).toBe(1190);
  });

  it('counts only time on the processor for that limit, over all runs of the guest', () => {
    const { heartbeat, clock, view, check } = setUp({ requestMs: undefined, cpuMs: 100 });
    const guest = guestOf('a');
    heartbeat.enter(guest);
    expect(view.deadline).toBe(1100);
    clock.cpuTime += 60;
    heartbeat.leave();
    clock.time = 5000;
    heartbeat.enter(guest);
    expect(view.deadline).toBe(5040);
    // The thread did not run all the time: the guest has used 30 of the 40 that were left.
    clock.time = 5040;
    clock.cpuTime += 30;
    view.askToStop(view.run);
    expect(check).not.toThrow();
    expect([view.asked, view.deadline]).toEqual([0, 5050]);
    clock.time = 5050;
    clock.cpuTime += 10;
    view.askToStop(view.run);
    expect(check).toThrow(expect.objectContaining({ limit: 'cpu time', value: 100 }) as Error);
  });

  it('does not stop a guest for the one before, nor for nothing', () => {
    const { heartbeat, clock, view, check } = setUp({ requestMs: 100, cpuMs: undefined });
    heartbeat.enter(guestOf('a'));
    const late = view.run;
    clock.time = 1200;
    heartbeat.leave();
    heartbeat.enter(guestOf('a'));
    // The supervisor had looked before and acts now.
    view.askToStop(late);
    expect(check).not.toThrow();
    expect(view.asked).toBe(0);
    expect(check).not.toThrow();
  });

  it('never stops the work that is done without a guest', () => {
    const { heartbeat, clock, view, check } = setUp({ requestMs: 1, cpuMs: 1 });
    heartbeat.enter(undefined);
    expect(view.deadline).toBe(Infinity);
    clock.time += 10;
    clock.cpuTime += 10;
    view.askToStop(view.run);
    expect(check).not.toThrow();
  });

  it('stops exactly the guests that are over their time and were asked to, whatever comes between', () => {
    const step = fc.oneof(
      fc.constantFrom('enter' as const, 'leave' as const, 'look' as const, 'ask' as const, 'check' as const),
      fc.integer({ min: 1, max: 150 }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const { heartbeat, clock, view, check } = setUp({ requestMs: 100, cpuMs: undefined });
        let began: number | undefined;
        let looked = 0;
        const outcomes: [stopped: boolean, over: boolean, asked: number][] = [];
        for (const one of steps) {
          if (typeof one === 'number') {
            clock.time += one;
          } else if (one === 'enter' && began === undefined) {
            began = clock.time;
            heartbeat.enter(guestOf('a'));
          } else if (one === 'leave' && began !== undefined) {
            began = undefined;
            heartbeat.leave();
          } else if (one === 'look') {
            looked = view.run;
          } else if (one === 'ask') {
            view.askToStop(looked);
          } else if (one === 'check' && began !== undefined) {
            const over = view.asked === view.run && clock.time >= began + 100;
            outcomes.push([stops(check), over, view.asked]);
          }
        }
        expect(outcomes).toEqual(outcomes.map(([, over]) => [over, over, 0]));
      }),
    );
  });
});
