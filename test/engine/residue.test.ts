// No request sees another: random guests and random requests (machine/property.ts).
import { describe, expect, it } from 'vitest';
import { engineOf, modesHere, prepareWat } from './engines.ts';
import { argumentsOf, type Step } from './machine/operations.ts';
import { answersTo } from './machine/oracle.ts';
import { assertNoResidue } from './machine/property.ts';
import { componentOf, type Shape } from './machine/shape.ts';
import type { Outcome } from './outcome.ts';

const TRAP: Step = { operation: 'trap', a: 0, b: 0, c: 0 };

const REFUSED_AT_START: Shape = {
  memory: 'own',
  pages: 3,
  maximum: 3,
  segments: [],
  passive: undefined,
  globals: [],
  table: 1,
  start: true,
};

/** Seconds in all; the long suite has more. */
const GUESTS = 40;

describe.each(modesHere)('with instances put back by %s', (mode) => {
  it('random guests answer random requests as in new instances', async () => {
    const resets = await assertNoResidue(mode, GUESTS);
    // Each guest is asked several times: an engine that never resets has proved nothing.
    expect(resets > GUESTS).toBe(mode !== 'fresh');
  });

  it.skipIf(mode === 'fresh')('what a start function was refused is not held against the first guest', async () => {
    using engine = engineOf(await prepareWat(componentOf(REFUSED_AT_START)), { mode });
    const ask = (): Outcome[] => {
      const instance = engine.linked.instantiate({}, 'plain');
      const outcomes = answersTo([TRAP], (step) => instance.call('', 'op', argumentsOf(step)));
      instance.release();
      return outcomes;
    };
    expect(ask()).toEqual([{ trap: 'unreachable' }]);
  });
});
