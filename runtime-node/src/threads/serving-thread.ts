// One serving thread as the supervisor sees it: a worker, what it says, and how it ends.
import type { Readable } from 'node:stream';
import { SHARE_ENV, Worker } from 'node:worker_threads';
import type { FromThread, ToThread } from './messages.ts';
import { isRunning, Watchdog, type WatchTimes } from './watchdog.ts';
import { BeatView, createSharedBeat, type SharedBeat } from './shared-beat.ts';

/** What the worker's entry finds as `workerData`. */
export interface ThreadData {
  readonly beat: SharedBeat;
}

/**
 * Of V8's young generation, three times a semi-space. What a request leaves is small and dead at once, so that a larger one
 * only keeps more: with 48 the Rust hello held 162 MB after load in place of 115, and answered no faster (two threads, two
 * alternated pairs of runs).
 */
const YOUNG_GENERATION_MB = 6;

export interface ThreadListener<Served> {
  message(message: FromThread<Served>): void;
  /** Once, whatever the reason; `error` is what nobody caught. */
  ended(error: Error | undefined): void;
}

export class ServingThread<App, Served> {
  readonly id: number;
  readonly beat: BeatView;
  readonly startedAt: number;
  /** Set as soon as it serves. */
  serving = false;
  readonly #worker: Worker;
  #listener: ThreadListener<Served> | undefined;
  #watchdog: Watchdog | undefined;
  /** What came before anybody listened. */
  #error: Error | undefined;
  #hasEnded = false;

  /** Starts to load `entry`; it does nothing more before it is told. */
  constructor(id: number, entry: URL, now: number) {
    this.id = id;
    this.startedAt = now;
    const beat = createSharedBeat();
    this.beat = new BeatView(beat);
    const workerData: ThreadData = { beat };
    this.#worker = new Worker(entry, {
      workerData,
      name: `serving-${id}`,
      env: SHARE_ENV,
      // For commands; the others never look at it.
      stdin: true,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    });
    this.#worker.on('message', (message: FromThread<Served>) => this.#listener?.message(message));
    this.#worker.on('error', (error: Error) => {
      this.#error = error;
    });
    this.#worker.on('exit', () => {
      this.#hasEnded = true;
      this.#listener?.ended(this.#error);
    });
  }

  /** From here on its messages are heard, its event loop is watched. */
  begin(listener: ThreadListener<Served>, times: WatchTimes): void {
    this.#listener = listener;
    this.#watchdog = new Watchdog(times);
    if (this.#hasEnded) {
      listener.ended(this.#error);
    }
  }

  post(message: ToThread<App>): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker, not a window
    this.#worker.postMessage(message);
  }

  /** What comes from `source` is its stdin. */
  feed(source: Readable): void {
    const { stdin } = this.#worker;
    if (stdin !== null) {
      // The command may end before its input does.
      stdin.on('error', () => source.unpipe(stdin));
      source.pipe(stdin);
      this.#worker.once('exit', () => {
        source.unpipe(stdin);
        source.pause();
      });
    }
  }

  /** Asks its guest to stop when that is over its time. Gives for how long the thread has stalled, if it is too long. */
  look(now: number): number | undefined {
    const verdict = this.#watchdog?.look(now, this.beat);
    if (verdict?.interrupt !== undefined) {
      this.beat.askToStop(verdict.interrupt);
    }
    if (verdict?.ping !== undefined) {
      this.post({ kind: 'ping', turn: verdict.ping });
    }
    return verdict?.stalledMs;
  }

  /** It may stall no longer than that from now on. */
  hurry(stallMs: number): void {
    this.#watchdog?.hurry(stallMs);
  }

  get runsGuest(): boolean {
    return isRunning(this.beat.run);
  }

  /** Its requests end with it. `reason` is told instead of what the worker says. */
  async terminate(reason?: Error): Promise<void> {
    this.#error ??= reason;
    await this.#worker.terminate();
  }
}
