import { expect, test } from 'vitest';
import { forEachParallel } from './parallel.ts';

test('it never runs more than the limit at once, and takes every item', async () => {
  let running = 0;
  let most = 0;
  const seen: number[] = [];
  await forEachParallel(
    Array.from({ length: 50 }, (_, index) => index),
    16,
    async (item) => {
      running += 1;
      most = Math.max(most, running);
      await new Promise(setImmediate);
      running -= 1;
      seen.push(item);
    },
  );
  expect(most).toBe(16);
  expect(seen).toHaveLength(50);
});

test('after a failure it takes no further item, waits for what runs and throws that failure', async () => {
  const events: string[] = [];
  const items = Array.from({ length: 100 }, (_, index) => index);
  const done = forEachParallel(items, 2, async (item) => {
    events.push(`start ${item}`);
    await new Promise(setImmediate);
    if (item === 1) {
      throw new Error('second item');
    }
    await new Promise(setImmediate);
    events.push(`end ${item}`);
  });
  await expect(done).rejects.toThrow('second item');
  const started = events.filter((event) => event.startsWith('start')).length;
  expect(started).toBeLessThan(5);
  expect(events.filter((event) => event.startsWith('end'))).toHaveLength(started - 1);
});

test('a source that fails fails the whole, after what runs has ended', async () => {
  let ended = false;
  const done = forEachParallel(oneThenFailure(), 4, async () => {
    await new Promise(setImmediate);
    ended = true;
  });
  await expect(done).rejects.toThrow('no more');
  expect(ended).toBe(true);
});

async function* oneThenFailure(): AsyncGenerator<number> {
  yield 1;
  throw new Error('no more');
}
