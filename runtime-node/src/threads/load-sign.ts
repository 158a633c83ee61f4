// Whether one thread has more to do than it should have alone, by the numbers of its guests' runs (shared-beat.ts). Pure.
import { isRunning } from './watchdog.ts';

/** Runs a second that a thread is not left alone with: far below what one can do, far above what an idle app sees. */
const BUSY_RUNS = 50;

export class LoadSign {
  #last: { readonly at: number; readonly run: number } | undefined;

  /** `now` in milliseconds; true when many guests have run since the last look, or one has run all the time. */
  look(now: number, run: number): boolean {
    const last = this.#last;
    this.#last = { at: now, run };
    if (last === undefined) {
      return false;
    }
    // Two numbers for each run, which go round after 2^31.
    const runs = ((run - last.run) | 0) / 2;
    return (isRunning(run) && run === last.run) || runs * 1000 > BUSY_RUNS * (now - last.at);
  }
}
