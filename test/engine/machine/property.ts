// The property of engines that put instances back: random guests, told at random what to do, answer as V8 answers alone
// in a new instance each time, and after each reset their memory is what it was, byte for byte.
import * as fc from 'fast-check';
import { expect } from 'vitest';
import type { ResetMode } from '../../../runtime-node/src/component/reset/index.ts';
import { engineOf, prepareWat, type Engine } from '../engines.ts';
import type { Outcome } from '../outcome.ts';
import { argumentsOf, requests, type Step } from './operations.ts';
import { answersTo, oracleFor } from './oracle.ts';
import { componentOf, shapes, type Shape } from './shape.ts';

function ask({ linked }: Engine<object>, request: readonly Step[]): Outcome[] {
  const instance = linked.instantiate({}, 'plain');
  try {
    return answersTo(request, (step) => instance.call('', 'op', argumentsOf(step)));
  } finally {
    instance.release();
  }
}

/** Every global and the size, asked in a request of its own: what a reset has to bring back beside the memory. */
const inspection = ({ globals }: Shape): Step[] => [
  { operation: 'size', a: 0, b: 0, c: 0 },
  { operation: 'size-elsewhere', a: 0, b: 0, c: 0 },
  ...globals.map((_, a): Step => ({ operation: 'get-global', a, b: 0, c: 0 })),
];

/** How often memories were put back; throws for the first guest that differs. */
export async function assertNoResidue(mode: ResetMode, guests: number): Promise<number> {
  let resets = 0;
  await fc.assert(
    fc.asyncProperty(shapes, fc.array(requests, { minLength: 2, maxLength: 12 }), async (shape, all) => {
      const oracle = await oracleFor(shape);
      using engine = engineOf(await prepareWat(componentOf(shape)), { mode });
      expect(engine.linked.reset.mode).toBe(mode);
      const untouched = oracle(inspection(shape));
      for (const request of all) {
        expect(ask(engine, request)).toEqual(oracle(request));
        expect(ask(engine, inspection(shape))).toEqual(untouched);
      }
      expect(engine.watch.differences).toBe(0);
      resets += engine.watch.resets;
    }),
    { numRuns: guests },
  );
  return resets;
}
