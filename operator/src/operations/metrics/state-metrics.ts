// What controllers are like at the moment when somebody looks.
import type { Controller } from '@spindle/kube';
import { Gauge, type Registry } from 'prom-client';

export interface ControllerState {
  readonly name: string;
  readonly controller: Pick<Controller, 'workers' | 'activeWorkers' | 'depth' | 'unfinishedMs'>;
}

export function stateMetrics(registers: Registry[], states: readonly ControllerState[]): void {
  const gauge = (
    name: string,
    help: string,
    read: (state: ControllerState['controller']) => number,
    labels: (controller: string) => Record<string, string>,
  ): Gauge =>
    new Gauge({
      name,
      help,
      labelNames: Object.keys(labels('')),
      registers: registers,
      collect() {
        for (const { name: controller, controller: state } of states) {
          this.set(labels(controller), read(state));
        }
      },
    });
  gauge(
    'controller_runtime_active_workers',
    'Number of currently used workers per controller',
    ({ activeWorkers }) => activeWorkers,
    byController,
  );
  gauge('workqueue_depth', 'Current depth of workqueue', ({ depth }) => depth, byQueue);
  gauge(
    'workqueue_unfinished_work_seconds',
    'How many seconds of work has been done that is in progress and hasn’t been observed by work_duration.',
    (state) => state.unfinishedMs().total / 1000,
    byQueue,
  );
  gauge(
    'workqueue_longest_running_processor_seconds',
    'How many seconds has the longest running processor for workqueue been running.',
    (state) => state.unfinishedMs().longest / 1000,
    byQueue,
  );
}

const byController = (controller: string): Record<string, string> => ({ controller });
const byQueue = (controller: string): Record<string, string> => ({ controller, name: controller });
