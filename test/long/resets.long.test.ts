// A million resets with zero differences: every byte of the memory after each, every answer against V8 alone, and after
// each request all globals and sizes. SPINDLE_LONG_RESETS sets another number.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ResetMode } from '../../runtime-node/src/component/reset/index.ts';
import { engineOf, modesHere, prepareWat } from '../engine/engines.ts';
import { openHttpGuest } from '../engine/http-guest.ts';
import { argumentsOf, requests, type Step } from '../engine/machine/operations.ts';
import { answersTo, oracleFor } from '../engine/machine/oracle.ts';
import { assertNoResidue } from '../engine/machine/property.ts';
import { componentOf, type Shape } from '../engine/machine/shape.ts';

const RESETS = Number(process.env['SPINDLE_LONG_RESETS'] ?? 1_000_000);

/** The best mode has to serve; the others each get a tenth. */
const resetsOf = (mode: ResetMode): number => (mode === modesHere[0] ? RESETS : RESETS / 10);

const resetting = modesHere.filter((mode) => mode !== 'fresh');

/** Everything that a shape can have; both ways to have a memory. */
const machine = (memory: Shape['memory']): Shape => ({
  memory,
  pages: 3,
  maximum: undefined,
  segments: [0, 0.3, 0.5, 1].map((place) => ({ place, byte: 0xee })),
  passive: 40,
  globals: ['i32', 'i64', 'f32', 'f64', 'v128'],
  table: 3,
  start: true,
});

/** Kept short, so that all of them are asked many times over. */
const POOL = 2000;

const INSPECTION: readonly Step[] = [
  { operation: 'size', a: 0, b: 0, c: 0 },
  ...[0, 1, 2, 3, 4].map((a): Step => ({ operation: 'get-global', a, b: 0, c: 0 })),
];

/** Without traps, an instance that trapped is not put back: those have their share in the random guests. */
const isSound = (outcomes: readonly object[]): boolean => outcomes.every((outcome) => 'value' in outcome);

describe.each(resetting)('with instances put back by %s', (mode) => {
  it.each(['own', 'imported'] as const)(`no request finds a trace of another (memory: %s)`, async (memory) => {
    const shape = machine(memory);
    const oracle = await oracleFor(shape);
    const pool = fc.sample(requests, { numRuns: POOL, seed: 1 }).map((request) => ({
      request,
      expected: JSON.stringify(oracle(request), bigints),
      sound: isSound(oracle(request)),
    }));
    const untouched = JSON.stringify(oracle(INSPECTION), bigints);
    using engine = engineOf(await prepareWat(componentOf(shape)), { mode });
    const ask = (request: readonly Step[]): string => {
      const instance = engine.linked.instantiate({}, 'plain');
      try {
        return JSON.stringify(
          answersTo(request, (step) => instance.call('', 'op', argumentsOf(step))),
          bigints,
        );
      } finally {
        instance.release();
      }
    };
    const sound = pool.filter((one) => one.sound);
    let wrong = 0;
    let asked = 0;
    for (let n = 0; asked < resetsOf(mode) / 2; n += 1) {
      // One in a hundred traps, and the next request gets another instance.
      const from = n % 100 === 0 ? pool : sound;
      const { request, expected } = from[n % from.length] as (typeof pool)[number];
      wrong += Number(ask(request) !== expected) + Number(ask(INSPECTION) !== untouched);
      asked += 2;
    }
    expect({ wrong, differences: engine.watch.differences }).toEqual({ wrong: 0, differences: 0 });
    // All but those after a trap; a copy cannot undo growth either.
    expect(engine.watch.resets).toBeGreaterThan(asked * (mode === 'copy' ? 0.5 : 0.9));
  });

  it.each(['rhello', 'rstate'])('a real guest (%s) leaves nothing in its memory', async (guest) => {
    await using opened = await openHttpGuest(guest, mode);
    const paths = guest === 'rstate' ? ['/count', '/write?mb=1', '/scan', '/env', '/grow?pages=2'] : ['/'];
    const first = new Map(paths.map((path) => [path, JSON.stringify(opened.ask(path))]));
    const scan = first.get('/scan');
    let wrong = 0;
    // Their memories are larger, so there are fewer.
    for (let n = 0; n < resetsOf(mode) / 20; n += 1) {
      const path = paths[(n * 7 + (n >> 4)) % paths.length] as string;
      wrong += Number(JSON.stringify(opened.ask(path)) !== first.get(path));
    }
    expect({ wrong, differences: opened.engine.watch.differences }).toEqual({ wrong: 0, differences: 0 });
    expect(scan ?? 'hits 0 ').toContain('hits 0 ');
  });

  it('thousands of random guests answer as in new instances', async () => {
    expect(await assertNoResidue(mode, Math.ceil(resetsOf(mode) / 500))).toBeGreaterThan(0);
  });
});

const bigints = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}n` : value);
