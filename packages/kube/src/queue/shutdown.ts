// The end of a process in its order: each step gets its time and then the next has its turn (kube-client 20).
import { systemClock, type Clock } from '../clock.ts';

export interface ShutdownStep {
  readonly name: string;
  readonly deadlineMs: number;
  readonly run: () => void | Promise<void>;
}

export interface ShutdownReport {
  readonly step: string;
  readonly durationMs: number;
  /** The step was still running when its time was over. */
  readonly isLate: boolean;
  readonly error: unknown;
}

export interface ShutdownOptions {
  /** In their order: stop the watches, drain the workers, flush the events, release the lease, close the sockets. */
  readonly steps: readonly ShutdownStep[];
  /** Asked for a second time: somebody does not want to wait. */
  readonly exitNow: () => void;
  readonly report?: (report: ShutdownReport) => void;
  readonly clock?: Clock;
}

/** What a signal's handler calls. The promise is that of the first call. */
export function createShutdown({
  steps,
  exitNow,
  report = () => {},
  clock = systemClock,
}: ShutdownOptions): () => Promise<void> {
  let running: Promise<void> | undefined;
  const runAll = async (): Promise<void> => {
    for (const step of steps) {
      report(await runStep(step, clock));
    }
  };
  return function shutdown() {
    if (running === undefined) {
      running = runAll();
    } else {
      exitNow();
    }
    return running;
  };
}

async function runStep({ name, deadlineMs, run }: ShutdownStep, clock: Clock): Promise<ShutdownReport> {
  const startedAt = clock.now();
  const { promise: late, resolve } = Promise.withResolvers<{ isLate: true; error: undefined }>();
  const cancel = clock.after(deadlineMs, () => resolve({ isLate: true, error: undefined }));
  const ended = (async () => {
    try {
      await run();
      return { isLate: false, error: undefined };
    } catch (error) {
      // expected: the steps after it matter all the same; it is reported.
      return { isLate: false, error };
    }
  })();
  const end = await Promise.race([ended, late]);
  cancel();
  return { step: name, durationMs: clock.now() - startedAt, ...end };
}
