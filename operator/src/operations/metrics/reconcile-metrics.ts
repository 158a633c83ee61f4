// What controllers and their queues count.
import type { ControllerObserver } from '@spindle/kube';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** controller-runtime's own. */
const RECONCILE_SECONDS = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.25, 1.5, 1.75, 2,
  2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9, 10, 15, 20, 25, 30, 40, 50, 60,
];
/** ExponentialBuckets(10e-9, 10, 12). */
const QUEUE_SECONDS = [1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1, 10, 100, 1000];

export class ReconcileMetrics {
  readonly #total: Counter<'controller' | 'result'>;
  readonly #errors: Counter<'controller'>;
  readonly #terminal: Counter<'controller'>;
  readonly #timeouts: Counter<'controller'>;
  readonly #panics: Counter<'controller'>;
  readonly #seconds: Histogram<'controller'>;
  readonly #most: Gauge<'controller'>;
  readonly #adds: Counter<'controller' | 'name'>;
  readonly #retries: Counter<'controller' | 'name'>;
  readonly #queued: Histogram<'controller' | 'name'>;
  readonly #worked: Histogram<'controller' | 'name'>;

  constructor(registers: Registry[]) {
    const counter = <L extends string>(name: string, help: string, labelNames: L[]): Counter<L> =>
      new Counter({ name, help, labelNames, registers: registers });
    const histogram = <L extends string>(
      name: string,
      help: string,
      labelNames: L[],
      buckets: number[],
    ): Histogram<L> => new Histogram({ name, help, labelNames, buckets, registers: registers });
    const by: 'controller'[] = ['controller'];
    const queue: ('controller' | 'name')[] = ['controller', 'name'];
    this.#total = counter('controller_runtime_reconcile_total', 'Total number of reconciliations per controller', [
      'controller',
      'result',
    ]);
    this.#errors = counter('controller_runtime_reconcile_errors_total', 'Total number of reconciliation errors', by);
    this.#terminal = counter(
      'controller_runtime_terminal_reconcile_errors_total',
      'Errors that another try cannot mend',
      by,
    );
    this.#timeouts = counter('controller_runtime_reconcile_timeouts_total', 'Reconciliations that were given up', by);
    this.#panics = counter('controller_runtime_reconcile_panics_total', 'Reconciliations that threw no error', by);
    this.#seconds = histogram(
      'controller_runtime_reconcile_time_seconds',
      'Length of time per reconciliation per controller',
      by,
      RECONCILE_SECONDS,
    );
    this.#most = new Gauge({
      name: 'controller_runtime_max_concurrent_reconciles',
      help: 'Maximum number of concurrent reconciles per controller',
      labelNames: by,
      registers: registers,
    });
    this.#adds = counter('workqueue_adds_total', 'Total number of adds handled by workqueue', queue);
    this.#retries = counter('workqueue_retries_total', 'Total number of retries handled by workqueue', queue);
    this.#queued = histogram(
      'workqueue_queue_duration_seconds',
      'How long in seconds an item stays in workqueue before being requested',
      queue,
      QUEUE_SECONDS,
    );
    this.#worked = histogram(
      'workqueue_work_duration_seconds',
      'How long in seconds processing an item from workqueue takes.',
      queue,
      QUEUE_SECONDS,
    );
  }

  /** Rates of what has never happened yet are 0, not nothing. */
  begin(controller: string, workers: number): void {
    for (const result of ['success', 'requeue', 'requeue_after', 'error']) {
      this.#total.inc({ controller, result }, 0);
    }
    for (const counter of [this.#errors, this.#terminal, this.#timeouts, this.#panics]) {
      counter.inc({ controller }, 0);
    }
    this.#adds.inc({ controller, name: controller }, 0);
    this.#retries.inc({ controller, name: controller }, 0);
    this.#most.set({ controller }, workers);
  }

  of(controller: string): ControllerObserver {
    const queue = { controller, name: controller };
    return {
      added: () => this.#adds.inc(queue),
      retried: () => this.#retries.inc(queue),
      began: (queuedMs) => this.#queued.observe(queue, queuedMs / 1000),
      ended: ({ result, durationMs, isTerminal, isTimeout, isPanic }) => {
        this.#total.inc({ controller, result });
        this.#seconds.observe({ controller }, durationMs / 1000);
        this.#worked.observe(queue, durationMs / 1000);
        if (result === 'error') {
          this.#errors.inc({ controller });
        }
        this.#terminal.inc({ controller }, isTerminal ? 1 : 0);
        this.#timeouts.inc({ controller }, isTimeout ? 1 : 0);
        this.#panics.inc({ controller }, isPanic ? 1 : 0);
      },
    };
  }
}
