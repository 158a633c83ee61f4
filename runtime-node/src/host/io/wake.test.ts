import { describe, expect, it } from 'vitest';
import { HandInputStream } from '../testing/hand-streams.ts';
import { answerOf, firstWake, NOT_YET } from './wake.ts';

const bytes = new Uint8Array([1]);

describe('waiting for the first of many', () => {
  it('asks a target that never comes only once, however often others win', async () => {
    const silent = new HandInputStream();
    const busy = new HandInputStream();
    for (let round = 0; round < 100; round++) {
      const woken = firstWake([silent, busy]);
      busy.push(bytes);
      await woken;
      busy.read(1);
    }
    expect(silent.gate.waits).toBe(1);
    expect(busy.gate.waits).toBe(100);
  });

  it('wakes every poll that waits for the same target', async () => {
    const stream = new HandInputStream();
    const both = Promise.all([firstWake([stream]), firstWake([stream])]);
    stream.push(bytes);
    await expect(both).resolves.toEqual([undefined, undefined]);
    expect(stream.gate.waits).toBe(1);
  });

  it('gives the error of a wait that rejects to who waits for it, not to the process', async () => {
    const broken = { ready: () => false, wait: () => Promise.reject(new Error('broken target')) };
    await expect(firstWake([new HandInputStream(), broken])).rejects.toThrow('broken target');
  });
});

describe('an answer that may need readiness', () => {
  it('is plain when the target is ready', () => {
    const stream = new HandInputStream();
    stream.push(bytes);
    expect(answerOf(stream, () => 7)).toBe(7);
  });

  it('is not given by a wake that came for nothing', async () => {
    const stream = new HandInputStream();
    let asked = 0;
    const answer = answerOf(stream, () => (asked += 1));
    stream.wakeForNothing();
    await Promise.resolve();
    expect(asked).toBe(0);
    stream.push(bytes);
    await expect(answer).resolves.toBe(1);
  });

  it('takes as many steps as the answer needs', async () => {
    const stream = new HandInputStream();
    const seen: number[] = [];
    const answer = answerOf(stream, () => {
      const chunk = stream.read(10) as Uint8Array;
      seen.push(chunk.length);
      return seen.length === 3 ? 'done' : NOT_YET;
    });
    stream.push(bytes);
    stream.push(new Uint8Array(2));
    await Promise.resolve();
    stream.push(new Uint8Array(3));
    await expect(answer).resolves.toBe('done');
    expect(seen).toEqual([1, 2, 3]);
  });
});
