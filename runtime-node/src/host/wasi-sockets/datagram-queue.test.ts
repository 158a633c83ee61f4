import ipaddr from 'ipaddr.js';
import { describe, expect, it } from 'vitest';
import { DatagramQueue, type Datagram } from './datagram-queue.ts';

const datagram = (size: number, port = 1): Datagram => ({
  data: new Uint8Array(size),
  from: { ip: ipaddr.parse('10.0.0.1'), port, scopeId: 0 },
});

const sizes = (datagrams: readonly Datagram[]): number[] => datagrams.map(({ data }) => data.length);

describe('datagrams that wait', () => {
  it('are taken in the order in which they came', () => {
    const queue = new DatagramQueue();
    [1, 2, 3].forEach((size) => queue.push(datagram(size)));
    expect(sizes(queue.take(2))).toEqual([1, 2]);
    expect(sizes(queue.take(9))).toEqual([3]);
    expect(queue.take(9)).toEqual([]);
    expect(queue.empty).toBe(true);
  });

  it.each([
    ['large', 65_507, 3],
    ['middling', 1200, 146],
    ['empty', 0, 832],
  ])('are as many as fit when they are %s; what comes later is lost', (_what, size, count) => {
    const queue = new DatagramQueue();
    Array.from({ length: 2000 }, (_, n) => queue.push(datagram(size, n)));
    const kept = queue.take(10_000);
    expect(kept.map(({ from }) => from.port)).toEqual(Array.from({ length: count }, (_, n) => n));
  });

  it('make room as they are taken or no longer wanted', () => {
    const queue = new DatagramQueue();
    const fill = (): void => [0, 1, 2, 3].forEach((port) => queue.push(datagram(65_507, port)));
    fill();
    queue.take(1);
    queue.push(datagram(65_507, 4));
    queue.keep(({ from }) => from.port === 4);
    fill();
    expect(queue.take(9).map(({ from }) => from.port)).toEqual([4, 0, 1]);
  });
});
