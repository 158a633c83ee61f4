import { describe, expect, it } from 'vitest';
import { ConnectionLimit } from './connection-limit.ts';
import { PlaceQueue } from './place-queue.ts';

const never = new AbortController().signal;

describe('places that are waited for', () => {
  it('come in the order in which they were asked for', async () => {
    const queue = new PlaceQueue(new ConnectionLimit(1));
    const order: number[] = [];
    const first = await queue.take(never);
    const others = [1, 2, 3].map(async (number) => {
      const place = await queue.take(never);
      order.push(number);
      return place;
    });
    expect(queue.wanted).toBe(true);
    first[Symbol.dispose]();
    for (const other of others) {
      (await other)[Symbol.dispose]();
    }
    expect(order).toEqual([1, 2, 3]);
    expect(queue.wanted).toBe(false);
  });

  it('are had by ten thousand, two at a time', async () => {
    const limit = new ConnectionLimit(2);
    const queue = new PlaceQueue(limit);
    let most = 0;
    const use = async (): Promise<void> => {
      const place = await queue.take(never);
      most = Math.max(most, limit.taken);
      place[Symbol.dispose]();
    };
    await Promise.all(Array.from({ length: 10_000 }, use));
    expect([most, limit.taken, queue.wanted]).toEqual([2, 0, false]);
  });

  it('are free as soon as the limit around them has room', async () => {
    const whole = new ConnectionLimit(1);
    const [one, other] = [new ConnectionLimit(undefined, whole), new ConnectionLimit(undefined, whole)];
    const place = one.tryTake();
    const waiting = new PlaceQueue(other).take(never);
    place?.[Symbol.dispose]();
    expect(other.taken).toBe(1);
    (await waiting)[Symbol.dispose]();
  });

  it('are no longer waited for by who has gone', async () => {
    const limit = new ConnectionLimit(0);
    const queue = new PlaceQueue(limit);
    const gone = new AbortController();
    const waiting = queue.take(gone.signal);
    gone.abort(new Error('gone'));
    await expect(waiting).rejects.toThrow('gone');
    expect(queue.wanted).toBe(false);
    await expect(queue.take(gone.signal)).rejects.toThrow('gone');
    expect(limit.taken).toBe(0);
  });
});
