// The supervisor with real threads that serve nothing, and die in all the ways in which threads can.
import { describe, expect, it, onTestFinished } from 'vitest';
import type { PreparedComponent } from '../component/index.ts';
import { MeterTotals } from '../metrics/totals.ts';
import { LaunchedThread, Supervisor } from './supervisor.ts';
import type { Fate, TestApp, TestServed } from './testing/thread.ts';

const ENTRY = new URL('./testing/thread.ts', import.meta.url);

/** The n-th thread that is ever started has the n-th fate; those after the last serve. */
function supervise(threads: number, fates: readonly Fate[], stallMs = 400, { atOnce = true, listens = true } = {}) {
  const born = new Int32Array(new SharedArrayBuffer(4));
  const notes: string[] = [];
  const told: string[] = [];
  const totals = new MeterTotals();
  const supervisor = new Supervisor<TestApp, TestServed>(ENTRY, {
    threads,
    atOnce,
    appFor: (place) => ({ place, fates, listens, born }),
    prepared: new Map([['guest', {} as PreparedComponent]]),
    limits: { requestMs: undefined, cpuMs: undefined, stallMs },
    totals,
    output: () => Promise.resolve(),
    note: (line) => notes.push(line),
    finished: (code) => told.push(`finished with ${code}`),
    replaced: (place) => told.push(`replaced at ${place}`),
  });
  let stopped: Promise<number> | undefined;
  const stop = (deadlineMs = 1000): Promise<number> => (stopped ??= supervisor.stop(deadlineMs));
  onTestFinished(() => stop(0).then(() => undefined));
  return {
    notes,
    told,
    totals,
    supervisor,
    stop,
    start: () => supervisor.start(new LaunchedThread<TestApp, TestServed>(ENTRY)),
    /** Until so many threads were started in all, and all places are taken. */
    settled: async (count: number): Promise<void> => {
      await expect.poll(() => [born[0], totals.threads], { timeout: 30_000, interval: 20 }).toEqual([count, threads]);
    },
  };
}

const restarts = ({ restarts: counts }: MeterTotals): unknown => Object.fromEntries(counts);

describe('a supervisor', () => {
  it('starts as many threads as it is told, each in a place of its own, and stops them all', async () => {
    const { start, settled, stop, totals, notes } = supervise(3, []);
    expect((await start()).served).toEqual({ place: 0 });
    await settled(3);
    expect(await stop()).toBe(6);
    expect([totals.threads, notes]).toEqual([0, []]);
  });

  it('replaces a thread also where nobody listens, and says at which place', async () => {
    const { start, settled, told } = supervise(1, ['crash'], 400, { listens: false });
    await start();
    await settled(2);
    expect(told).toEqual(['replaced at 0']);
  });

  it('tells with which code a command has ended', async () => {
    const { start, told } = supervise(1, ['finish']);
    await start();
    await expect.poll(() => told).toEqual(['finished with 7']);
  });

  it('starts one thread, and the others when that has more to do than it should do alone', async () => {
    const { start, settled, totals } = supervise(3, ['stall'], 4000, { atOnce: false });
    await start();
    expect(totals.threads).toBe(1);
    await settled(3);
  });

  it.each<[Fate, string, RegExp]>([
    ['crash', 'Crashed', /^Thread 0 is replaced: Error: crashed on purpose\n/],
    [
      'stall',
      'Stalled',
      /^Thread 0 is replaced: component "guest" has run for 0\.\d s and .*the thread stall limit of 400 ms was reached/,
    ],
  ])('replaces a thread by another that does: %s', async (fate, reason, line) => {
    const { start, settled, notes, totals } = supervise(2, [fate]);
    await start();
    await settled(3);
    expect(restarts(totals)).toEqual({ [reason]: 1 });
    expect(notes).toEqual([expect.stringMatching(line)]);
  });

  it('counts a stall among the limits that the component has reached', async () => {
    const { start, settled, totals } = supervise(1, ['stall']);
    await start();
    await settled(2);
    expect(totals.limits).toEqual(new Map([['guest', new Map([['thread stall', 1]])]]));
  });

  it('goes on to try when the threads that follow die again and again', async () => {
    const { start, settled, totals, notes } = supervise(2, ['serve', 'crash', 'die-early', 'fail', 'crash']);
    await start();
    await settled(6);
    expect(restarts(totals)).toEqual({ Crashed: 2, FailedToStart: 2 });
    expect(notes[1]).toMatch(/^Thread \d could not be started: the thread ended while it started$/);
    expect(notes[2]).toMatch(/^Thread \d could not be started: cannot serve$/);
  });

  it.each<[Fate, string]>([
    ['fail', 'cannot serve'],
    ['die-early', 'the thread ended while it started'],
    ['stall-early', 'the thread stall limit of 400 ms was reached'],
  ])('gives up when the first thread cannot even serve: %s', async (fate, message) => {
    const { start, stop, totals } = supervise(2, [fate]);
    await expect(start()).rejects.toThrow(message);
    expect(restarts(totals)).toEqual({});
    expect(await stop()).toBe(0);
  });

  it('does not wait for a thread that stalls while it stops: its guest counts among those that were ended', async () => {
    const { start, settled, stop, notes } = supervise(2, ['stall-late']);
    await start();
    await settled(2);
    expect(await stop(0)).toBe(3);
    expect(notes).toEqual([]);
  });

  it('stops also while a thread is being replaced', async () => {
    const { start, stop, totals } = supervise(1, ['crash', 'crash', 'crash']);
    await start();
    await expect.poll(() => totals.restarts.get('Crashed'), { interval: 5, timeout: 30_000 }).toBe(2);
    expect(await stop()).toBe(0);
    expect(totals.threads).toBe(0);
  });

  it('asks all threads for what they have counted', async () => {
    const { start, settled, supervisor, totals } = supervise(2, []);
    await supervisor.readMeters();
    await start();
    await settled(2);
    await supervisor.readMeters();
    expect(totals.queue).toBe(2);
  });

  it('does not wait long for a thread that cannot answer', async () => {
    const { start, settled, supervisor, totals } = supervise(2, ['serve', 'stall'], 60_000);
    await start();
    await settled(2);
    await supervisor.readMeters();
    expect(totals.queue).toBe(1);
  });
});
