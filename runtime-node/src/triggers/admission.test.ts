import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Admission, type Entrant, type Entry } from './admission.ts';

/** An admission whose `later` happens when the test says so, and what became of each entrant. */
class Gate {
  readonly admission: Admission;
  readonly started: number[] = [];
  readonly refused: number[] = [];
  readonly entrants: Entrant[] = [];
  readonly #later: (() => void)[] = [];

  constructor(concurrency: number | undefined, queue: number) {
    this.admission = new Admission({ concurrency, queue }, (act) => this.#later.push(act));
  }

  enter(patient = false): Entry {
    const id = this.entrants.length;
    const entrant = { start: () => this.started.push(id), refuse: () => this.refused.push(id) };
    this.entrants.push(entrant);
    return this.admission.enter(entrant, patient);
  }

  withdraw(id: number): boolean {
    const entrant = this.entrants[id];
    return entrant !== undefined && this.admission.withdraw(entrant);
  }

  /** The event loop goes round once. */
  turn(): void {
    for (const act of this.#later.splice(0)) {
      act();
    }
  }
}

describe('admission', () => {
  it('lets as many run as may, keeps some waiting, and turns the rest away', () => {
    const gate = new Gate(2, 1);
    expect([gate.enter(), gate.enter(), gate.enter(), gate.enter()]).toEqual(['running', 'running', 'waiting', 'full']);
    gate.admission.leave();
    gate.turn();
    expect(gate.started).toEqual([2]);
    expect([gate.admission.running, gate.admission.waiting]).toEqual([2, 0]);
    expect(gate.enter()).toBe('waiting');
  });

  it('lets everyone run without a limit', () => {
    const gate = new Gate(undefined, 0);
    for (let count = 0; count < 10_000; count += 1) {
      expect(gate.enter()).toBe('running');
    }
    expect(gate.admission.running).toBe(10_000);
  });

  it('turns away whoever cannot run when there is no queue', () => {
    const gate = new Gate(1, 0);
    expect([gate.enter(), gate.enter()]).toEqual(['running', 'full']);
    gate.admission.leave();
    expect(gate.enter()).toBe('running');
  });

  it('lets the patient wait in a queue of any length, but not when draining', () => {
    const gate = new Gate(1, 1);
    expect([gate.enter(), gate.enter(true), gate.enter(true), gate.enter()]).toEqual([
      'running',
      'waiting',
      'waiting',
      'full',
    ]);
    gate.admission.drain();
    expect(gate.enter(true)).toBe('full');
    gate.admission.leave();
    gate.turn();
    gate.admission.leave();
    gate.turn();
    expect(gate.started).toEqual([1, 2]);
  });

  it('keeps a place for the one whose turn has come, against those who come later', () => {
    const gate = new Gate(1, 5);
    expect([gate.enter(), gate.enter()]).toEqual(['running', 'waiting']);
    gate.admission.leave();
    expect(gate.enter()).toBe('waiting');
    gate.turn();
    expect(gate.started).toEqual([1]);
  });

  it('passes the turn on of one whose client has left, also just before its start', () => {
    const gate = new Gate(1, 5);
    expect([gate.enter(), gate.enter(), gate.enter(), gate.enter()].at(-1)).toBe('waiting');
    expect(gate.withdraw(1)).toBe(true);
    gate.admission.leave();
    expect(gate.withdraw(2)).toBe(true);
    gate.turn();
    expect(gate.started).toEqual([3]);
    expect(gate.withdraw(3)).toBe(false);
  });

  it('begins one waiting call per turn of the event loop and place, so that others are heard in between', () => {
    const gate = new Gate(1, 100);
    for (let count = 0; count < 4; count += 1) {
      gate.enter();
    }
    gate.admission.leave();
    gate.turn();
    expect(gate.started).toEqual([1]);
    gate.admission.leave();
    expect(gate.started).toEqual([1]);
    gate.turn();
    expect(gate.started).toEqual([1, 2]);
  });

  it('when draining lets nobody new wait, and those who do have their turn', () => {
    const gate = new Gate(1, 5);
    expect([gate.enter(), gate.enter()]).toEqual(['running', 'waiting']);
    gate.admission.drain();
    expect(gate.enter()).toBe('full');
    gate.admission.leave();
    gate.turn();
    expect(gate.started).toEqual([1]);
    gate.admission.leave();
    expect(gate.enter()).toBe('running');
  });

  it('at the end of its time refuses all who wait, also those about to start', () => {
    const gate = new Gate(1, 5);
    expect([gate.enter(), gate.enter(), gate.enter()]).toEqual(['running', 'waiting', 'waiting']);
    gate.admission.leave();
    expect(gate.admission.waiting).toBe(2);
    expect(gate.admission.refuseWaiting()).toBe(2);
    gate.turn();
    expect([gate.started, gate.refused]).toEqual([[], [1, 2]]);
    expect([gate.admission.running, gate.admission.waiting]).toEqual([0, 0]);
  });

  const step = fc.oneof(
    { weight: 4, arbitrary: fc.constant({ do: 'enter' as const }) },
    { weight: 3, arbitrary: fc.constant({ do: 'leave' as const }) },
    { weight: 2, arbitrary: fc.constant({ do: 'turn' as const }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('withdraw' as const), which: fc.nat(40) }) },
  );

  it('in any schedule never lets too many run, keeps the order, and loses nobody', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.nat(5),
        fc.array(step, { maxLength: 80 }),
        (concurrency, queue, schedule) => {
          const gate = new Gate(concurrency, queue);
          const entries: Entry[] = [];
          const due: Entry[] = [];
          const withdrawn = new Set<number>();
          /** Ids of those in the queue, and of those whose turn has come. */
          let line: number[] = [];
          let called: number[] = [];
          let left = 0;
          const calls = (): number =>
            entries.filter((entry) => entry === 'running').length + gate.started.length - left;
          const passOn = (): void => {
            called.push(...line.splice(0, 1));
          };
          const leave = (): void => {
            if (calls() > 0) {
              left += 1;
              gate.admission.leave();
              passOn();
            }
          };
          const turn = (): void => {
            gate.turn();
            called = [];
          };
          let most = 0;
          for (const next of schedule) {
            if (next.do === 'enter') {
              due.push(calls() + called.length < concurrency ? 'running' : line.length < queue ? 'waiting' : 'full');
              const entry = gate.enter();
              if (entry === 'waiting') {
                line.push(entries.length);
              }
              entries.push(entry);
            } else if (next.do === 'leave') {
              leave();
            } else if (next.do === 'turn') {
              turn();
            } else if (gate.withdraw(next.which)) {
              withdrawn.add(next.which);
              if (called.includes(next.which)) {
                called = called.filter((id) => id !== next.which);
                passOn();
              }
              line = line.filter((id) => id !== next.which);
            }
            most = Math.max(most, calls());
          }
          expect(gate.admission.waiting).toBe(line.length + called.length);
          for (const _ of schedule) {
            turn();
            leave();
          }
          expect(entries).toEqual(due);
          const waited = entries.flatMap((entry, id) => (entry === 'waiting' && !withdrawn.has(id) ? [id] : []));
          expect(most).toBeLessThanOrEqual(concurrency);
          expect(gate.started).toEqual(waited);
          expect(gate.refused).toEqual([]);
          expect(gate.admission.running).toBe(0);
        },
      ),
    );
  });
});
