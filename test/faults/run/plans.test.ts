import { expect, it } from 'vitest';
import { partOf, plansOf, shuffled } from './plans.ts';

const write = { number: 1, method: 'PATCH', path: '/x', body: '', at: 0, status: 200 };

it('every write has every fault', () => {
  const plans = plansOf('a', { writes: [write, { ...write, number: 2 }], events: new Map(), isRunning: true });
  expect(plans.map(({ name }) => name)).toEqual(
    [1, 2].flatMap((number) =>
      ['kill-before', 'kill-after', 'lose-reply', 'delay', '409', '410', '429', '500', '503'].map(
        (what) => `a · write ${number} · ${what}`,
      ),
    ),
  );
});

it('the first two events of each resource have every fault, and its lists are refused, late and stale', () => {
  const recorded = { writes: [], events: new Map([['spinapps', 5]]), isRunning: true };
  const names = plansOf('a', recorded).map(({ name }) => name);
  expect(names).toEqual([
    ...[1, 2].flatMap((event) =>
      ['drop', 'cut', 'freeze', 'expire'].map((what) => `a · event ${event} of spinapps · ${what}`),
    ),
    ...['delay', '410', '429', '500', '503'].map((what) => `a · list of spinapps · ${what}`),
    'a · stale list of spinapps after a restart',
  ]);
  // No event is dropped, and no list is stale, where nothing was read before.
  expect(plansOf('a', { ...recorded, isRunning: false })).toHaveLength(names.length - 3);
});

it('a seed gives an order of all, and always the same', () => {
  const items = Array.from({ length: 50 }, (_, index) => index);
  const order = shuffled(items, 7);
  expect(order).toEqual(shuffled(items, 7));
  expect(order).not.toEqual(items);
  expect(order.toSorted((one, other) => one - other)).toEqual(items);
});

it('parts are together all, each once', () => {
  const items = Array.from({ length: 50 }, (_, index) => index);
  const parts = [1, 2, 3].map((number) => partOf(items, { number, of: 3 }));
  expect(parts.flat()).toEqual(items);
  expect(parts.map(({ length }) => length)).toEqual([16, 17, 17]);
});
