import { describe, expect, it } from 'vitest';
import { tickFor, Watchdog, type Beat, type Verdict } from './watchdog.ts';

const TIMES = { stallMs: 1000, tickMs: 100 };
const RUNNING = 7;
const IDLE = 8;

const beat = (changes: Partial<Beat> = {}): Beat => ({ run: IDLE, turn: 0, deadline: Infinity, ...changes });

/** What a watchdog says to a thread that looks like this from now on, look by look. */
function looks(count: number, at: (look: number) => Beat, step = TIMES.tickMs): Verdict[] {
  const dog = new Watchdog(TIMES);
  return Array.from({ length: count }, (_, look) => dog.look(look * step, at(look)));
}

describe('a watchdog', () => {
  it('leaves a thread alone in which nothing happens', () => {
    const [first, ...others] = looks(50, () => beat());
    // It may have been busy before.
    expect(first).toEqual({ ping: 1 });
    expect(others.every((verdict) => verdict.ping === undefined)).toBe(true);
  });

  it('calls a thread stalled that has not answered for so long, whether its guest is the same all the time or not', () => {
    for (const run of [() => RUNNING, (look: number) => look]) {
      const verdicts = looks(11, (look) => beat({ run: run(look) }));
      expect(verdicts.slice(1, 10).every(({ stalledMs }) => stalledMs === undefined)).toBe(true);
      expect(verdicts[10]?.stalledMs).toBe(1000);
    }
  });

  it('asks again after each answer, as long as guests run', () => {
    const dog = new Watchdog(TIMES);
    let turn = 0;
    for (let look = 0; look < 100; look += 1) {
      const verdict = dog.look(look * 100, beat({ run: look, turn }));
      expect(verdict).toEqual({ ping: look + 1 });
      turn = verdict.ping ?? turn;
    }
  });

  it('does not blame a thread for the time in which the watchdog itself did not run', () => {
    const dog = new Watchdog(TIMES);
    dog.look(0, beat({ run: RUNNING }));
    expect(dog.look(3_600_000, beat({ run: RUNNING }))).toEqual({});
    expect(dog.look(3_600_100, beat({ run: RUNNING, turn: 1 }))).toEqual({ ping: 2 });
  });

  it('asks the guest to stop that is over its time, at each look until it has gone', () => {
    const verdicts = looks(6, (look) => beat({ run: look < 5 ? RUNNING : IDLE, deadline: 250, turn: 1 }));
    expect(verdicts.map(({ interrupt }) => interrupt)).toEqual([
      undefined,
      undefined,
      undefined,
      RUNNING,
      RUNNING,
      undefined,
    ]);
  });

  it('takes the end of the range of run numbers as any other', () => {
    const verdicts = looks(3, () => beat({ run: -(2 ** 31) + 1, deadline: 0 }));
    expect(verdicts[0]?.interrupt).toBe(-(2 ** 31) + 1);
  });

  it('waits shorter when told to hurry, never longer', () => {
    const dog = new Watchdog(TIMES);
    dog.hurry(200);
    dog.hurry(5000);
    expect([0, 100, 200].map((at) => dog.look(at, beat({ run: RUNNING })).stalledMs)).toEqual([
      undefined,
      undefined,
      200,
    ]);
  });
});

it.each([
  [[undefined, undefined, 60_000], 1000],
  [[100, undefined, 60_000], 25],
  [[100, 50, 60_000], 12],
  [[1, undefined, 60_000], 5],
])('looks at %j every %d ms', (limits, expected) => {
  expect(tickFor(limits)).toBe(expected);
});
