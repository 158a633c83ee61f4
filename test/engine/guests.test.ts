// Real guests that leave behind what they can: each answer is what a new instance gives, byte for byte, in every reset
// mode and after whatever other requests came before.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { modesHere } from './engines.ts';
import { openHttpGuest, type Answer, type HttpGuest } from './http-guest.ts';

/** Rust: static, heap, stack, environment, pages. */
const RSTATE = [
  '/count',
  '/write?mb=1',
  '/write?mb=3',
  '/scan',
  '/scan?write=1',
  '/grow?pages=3',
  '/grow?pages=100',
  '/env',
];
/** By hand: every kind of state, each answered with `0` when it is the first; `/x` traps. */
const STATE = [...'glfvmpwtsdex'].map((kind) => `/${kind}`);
const HELLO = ['/', '/a', '/?b'];

const cases: readonly (readonly [guest: string, paths: readonly string[], runs: number, putBack: boolean])[] = [
  ['rstate', RSTATE, 15, true],
  // Its tables and segments change, so it is served fresh; what it is in parts stands in machine/shape.ts.
  ['state', STATE, 15, false],
  ['rhello', HELLO, 10, true],
  ['shello', HELLO, 10, true],
];

/** Those that run a language engine, and wait. */
const ENGINES: readonly (readonly [guest: string, paths: readonly string[]])[] = [
  ['jshello', ['/', '/state', '/headers', '/stream?count=3&ms=5', '/log', '/throw']],
  ['pyhello', ['/', '/state', '/env/HOME', '/stream?3', '/print', '/throw']],
];

/** What a new instance answers. */
async function fresh(guest: string, paths: readonly string[]): Promise<ReadonlyMap<string, Answer>> {
  await using opened = await openHttpGuest(guest, 'fresh');
  return new Map(paths.map((path) => [path, opened.ask(path)]));
}

/** The same for a guest that waits. */
async function freshSuspending(guest: string, paths: readonly string[]): Promise<readonly Answer[]> {
  await using opened = await openHttpGuest(guest, 'fresh');
  return inTurn(opened, paths);
}

async function inTurn(opened: HttpGuest, paths: readonly string[]): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const path of paths) {
    answers.push(await opened.askSuspending(path));
  }
  return answers;
}

describe.each(modesHere)('with instances put back by %s', (mode) => {
  it.each(cases)('%s answers any sequence of requests as new instances do', async (guest, paths, runs, putBack) => {
    const expected = await fresh(guest, paths);
    await using opened = await openHttpGuest(guest, mode);
    const { linked, watch } = opened.engine;
    expect(linked.reset.mode).toBe(putBack ? mode : 'fresh');
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...paths), { minLength: 1, maxLength: 20 }), (sequence) => {
        expect(sequence.map((path) => opened.ask(path))).toEqual(sequence.map((path) => expected.get(path)));
      }),
      { numRuns: runs },
    );
    expect(watch.differences).toBe(0);
    // The SDK grows its memory in each request, which a copy cannot undo.
    expect(watch.resets > 0).toBe(putBack && mode !== 'fresh' && !(mode === 'copy' && guest === 'shello'));
  });

  it.each(ENGINES)('%s answers in either order, time and again, as new instances do', async (guest, paths) => {
    const expected = await freshSuspending(guest, paths);
    await using opened = await openHttpGuest(guest, mode);
    expect(await inTurn(opened, paths)).toEqual(expected);
    expect(await inTurn(opened, paths.toReversed())).toEqual(expected.toReversed());
    expect(await Promise.all(paths.map((path) => opened.askSuspending(path)))).toEqual(expected);
    expect(expected[1]).toMatchObject({ status: 200, body: '1\n', trap: undefined });
    expect(opened.engine.linked.reset).toMatchObject({ mode });
    expect(opened.engine.watch.differences).toBe(0);
  });
});
