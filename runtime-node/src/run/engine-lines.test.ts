import { expect, it } from 'vitest';
import { engineLines } from './engine-lines.ts';

const best = (component: string) => ({ component, mode: 'pagemap', reason: undefined });
const fresh = (component: string) => ({ component, mode: 'fresh', reason: 'it uses table.set' });

it.each([
  ['one for all', [best('a'), best('b')], 2, ['Engine: reset by pagemap, 2 threads']],
  ['one component', [fresh('a')], 1, ['Engine: new instances for each request (it uses table.set), 1 thread']],
  [
    'another for some',
    [fresh('a'), best('b'), best('c')],
    4,
    ['Engine: reset by pagemap, 4 threads', '  a: new instances for each request (it uses table.set)'],
  ],
  ['no component at all, as of static routes', [], 2, ['Engine: nothing to reset, 2 threads']],
])('says how instances are put back: %s', (_, engine, threads, lines) => {
  expect(engineLines(engine, threads, true)).toEqual(lines);
});

it('says when the other threads begin under load', () => {
  expect([1, 3].map((threads) => engineLines([best('a')], threads, false))).toEqual([
    ['Engine: reset by pagemap, 1 thread'],
    ['Engine: reset by pagemap, up to 3 threads'],
  ]);
});
