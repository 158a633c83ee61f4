import { describe, expect, it } from 'vitest';
import { FakeClock } from '../testing/fake-clock.ts';
import { createShutdown, type ShutdownReport } from './shutdown.ts';

describe('20. a shutdown', () => {
  it('takes its steps in their order, each only when the one before has ended', async () => {
    const clock = new FakeClock();
    const seen: string[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    const shutdown = createShutdown({
      clock,
      exitNow: () => seen.push('exit'),
      steps: [
        { name: 'watches', deadlineMs: 1_000, run: () => void seen.push('watches') },
        {
          name: 'workers',
          deadlineMs: 20_000,
          async run() {
            await promise;
            seen.push('workers');
          },
        },
        { name: 'lease', deadlineMs: 1_000, run: () => void seen.push('lease') },
      ],
    });
    const ended = shutdown();
    await clock.advance(10_000);
    expect(seen).toEqual(['watches']);
    resolve();
    await ended;
    expect(seen).toEqual(['watches', 'workers', 'lease']);
  });

  it('goes on after a step that fails or takes too long, and reports it', async () => {
    const clock = new FakeClock();
    const reports: ShutdownReport[] = [];
    const error = new Error('broken');
    const shutdown = createShutdown({
      clock,
      exitNow: () => {},
      report: (report) => reports.push(report),
      steps: [
        {
          name: 'fails',
          deadlineMs: 1_000,
          run: () => {
            throw error;
          },
        },
        { name: 'hangs', deadlineMs: 20_000, run: () => new Promise(() => {}) },
        { name: 'last', deadlineMs: 1_000, run: () => {} },
      ],
    });
    const ended = shutdown();
    await clock.advance(20_000);
    await ended;
    expect(reports).toEqual([
      { step: 'fails', durationMs: 0, isLate: false, error },
      { step: 'hangs', durationMs: 20_000, isLate: true, error: undefined },
      { step: 'last', durationMs: 0, isLate: false, error: undefined },
    ]);
  });

  it('exits at once when it is asked for a second time', async () => {
    let exits = 0;
    const clock = new FakeClock();
    const shutdown = createShutdown({
      clock,
      exitNow: () => (exits += 1),
      steps: [{ name: 'hangs', deadlineMs: 20_000, run: () => new Promise(() => {}) }],
    });
    void shutdown();
    expect(exits).toBe(0);
    void shutdown();
    expect(exits).toBe(1);
  });
});
