// Workers that take keys from a queue and reconcile them. However a piece of work ends, it counts once, and the worker goes on
// (kube-client 12, 13, 20).
import { systemClock, type Clock } from '../clock.ts';
import { keyOf } from '../store/key.ts';
import { failureOf, WorkTimeout } from './failure.ts';
import { RateLimit } from './rate-limit.ts';
import type { ControllerObserver, Outcome, Priority, QueueKey, Reconcile, WorkReport } from './types.ts';
import { WorkQueue, type Taken } from './work-queue.ts';

/** kube-client 13: longer than any request may take, several times. */
const HANG_MS = 120_000;
/** What heeds its signal ends at once; what has not by then is given up and its key free. */
const GRACE_MS = 5_000;
/** kube-client 20. */
const DRAIN_MS = 20_000;
/** As many requests as the API server answers at once for one client under its priority and fairness. */
const WORKERS = 8;

export interface ControllerOptions {
  readonly reconcile: Reconcile;
  /** Pieces of work at the same time; 8 when absent. */
  readonly workers?: number;
  /** How long the key should wait because what was written is not in the stores yet; 0: not at all (kube-client 18). */
  readonly gateMs?: (key: QueueKey) => number;
  readonly hangMs?: number;
  readonly clock?: Clock;
  readonly observer?: ControllerObserver;
}

interface Job {
  readonly startedAt: number;
  readonly abort: AbortController;
}

export class Controller {
  readonly #options: ControllerOptions;
  readonly #clock: Clock;
  readonly #queue: WorkQueue;
  readonly #limit = new RateLimit();
  readonly #jobs = new Set<Job>();
  #isRunning = false;
  #drained: PromiseWithResolvers<void> | undefined;

  constructor(options: ControllerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#queue = new WorkQueue({ clock: this.#clock, onReady: () => this.#fill() });
  }

  get workers(): number {
    return this.#options.workers ?? WORKERS;
  }

  get activeWorkers(): number {
    return this.#jobs.size;
  }

  get depth(): number {
    return this.#queue.depth;
  }

  /** Of what is under way, together and the longest; for metrics. */
  unfinishedMs(): { readonly total: number; readonly longest: number } {
    const times = [...this.#jobs].map(({ startedAt }) => this.#clock.now() - startedAt);
    return { total: times.reduce((sum, ms) => sum + ms, 0), longest: Math.max(0, ...times) };
  }

  add(key: QueueKey, priority: Priority): void {
    this.#options.observer?.added?.();
    this.#queue.add(key, priority);
  }

  addAfter(key: QueueKey, ms: number): void {
    this.#queue.addAfter(key, ms, 'retry');
  }

  /** For reflectors: they stop reading while too much waits. */
  room(): Promise<void> | undefined {
    return this.#queue.room();
  }

  start(): void {
    this.#isRunning = true;
    this.#fill();
  }

  /** No new work; what is under way may come to its end for some time and is then aborted. True when all of it came. */
  async stop(drainMs = DRAIN_MS): Promise<boolean> {
    this.#isRunning = false;
    this.#queue.close();
    if (this.#jobs.size === 0) {
      return true;
    }
    this.#drained ??= Promise.withResolvers<void>();
    if (await this.#within(drainMs, this.#drained.promise)) {
      return true;
    }
    for (const { abort } of this.#jobs) {
      abort.abort(new WorkTimeout(`the process ends, and the work was not done in ${drainMs / 1000} s`));
    }
    await this.#within(GRACE_MS, this.#drained.promise);
    return false;
  }

  #fill(): void {
    while (this.#isRunning && this.#jobs.size < this.workers) {
      const taken = this.#queue.take();
      if (taken === undefined) {
        return;
      }
      const gateMs = this.#options.gateMs?.(taken.key) ?? 0;
      if (gateMs > 0) {
        this.#queue.addAfter(taken.key, gateMs, taken.priority);
        this.#queue.finish(taken.key);
        continue;
      }
      void this.#work(taken);
    }
  }

  async #work({ key, queuedMs }: Taken): Promise<void> {
    const job: Job = { startedAt: this.#clock.now(), abort: new AbortController() };
    this.#jobs.add(job);
    this.#options.observer?.began?.(queuedMs);
    let report: Omit<WorkReport, 'durationMs'>;
    try {
      report = this.#succeed(key, await this.#reconcile(key, job));
    } catch (thrown) {
      // expected: whatever it is, it is this key's failure.
      report = this.#fail(key, thrown);
    }
    this.#jobs.delete(job);
    this.#options.observer?.ended?.({ ...report, durationMs: this.#clock.now() - job.startedAt });
    this.#queue.finish(key);
    if (this.#jobs.size === 0) {
      this.#drained?.resolve();
    }
    this.#fill();
  }

  #succeed(key: QueueKey, outcome: Outcome): Omit<WorkReport, 'durationMs'> {
    this.#limit.forget(keyOf(key));
    const flags = { isTerminal: false, isTimeout: false, isPanic: false };
    if (outcome.kind === 'done') {
      return { result: 'success', ...flags };
    }
    this.#queue.addAfter(key, outcome.ms, 'retry');
    return { result: 'requeue_after', ...flags };
  }

  #fail(key: QueueKey, thrown: unknown): Omit<WorkReport, 'durationMs'> {
    const { error, retry, isPanic, isTimeout } = failureOf(thrown);
    const isTerminal = retry === 'no';
    let retryMs: number | undefined;
    if (isTerminal) {
      this.#limit.forget(keyOf(key));
    } else {
      retryMs = typeof retry === 'object' ? retry.afterMs : this.#limit.nextMs(keyOf(key));
      this.#options.observer?.retried?.();
      this.#queue.addAfter(key, retryMs, 'retry');
    }
    this.#options.observer?.failed?.(key, error, retryMs);
    return { result: 'error', isTerminal, isTimeout, isPanic };
  }

  /** Ends in any case: when the work does, or some time after it was aborted. */
  async #reconcile(key: QueueKey, { abort }: Job): Promise<Outcome> {
    const hangMs = this.#options.hangMs ?? HANG_MS;
    const { promise: givenUp, reject: giveUp } = Promise.withResolvers<never>();
    let cancelGrace: (() => void) | undefined;
    const cancelHang = this.#clock.after(hangMs, () =>
      abort.abort(new WorkTimeout(`the work was not done in ${hangMs / 1000} s`)),
    );
    abort.signal.addEventListener(
      'abort',
      () => (cancelGrace = this.#clock.after(GRACE_MS, () => giveUp(abort.signal.reason))),
      { once: true },
    );
    try {
      const outcome = await Promise.race([this.#options.reconcile(key, { signal: abort.signal }), givenUp]);
      return outcome;
    } catch (error) {
      // Whatever the abort made it throw, this is why.
      throw abort.signal.aborted ? abort.signal.reason : error;
    } finally {
      cancelHang();
      cancelGrace?.();
    }
  }

  async #within(ms: number, promise: Promise<void>): Promise<boolean> {
    const { promise: late, resolve } = Promise.withResolvers<boolean>();
    const cancel = this.#clock.after(ms, () => resolve(false));
    const isInTime = await Promise.race([promise.then(() => true), late]);
    cancel();
    return isInTime;
  }
}
