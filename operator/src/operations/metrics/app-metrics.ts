// Gauges about apps.
import type { SpinApp } from '@spindle/api';
import { Gauge, type Registry } from 'prom-client';

/** Of every app at the moment when somebody looks: nothing is kept for them. */
export function appMetrics(registers: Registry[], apps: () => readonly SpinApp[]): void {
  const perApp = (name: string, help: string, read: (app: SpinApp) => number): Gauge =>
    new Gauge({
      name,
      help,
      labelNames: ['namespace', 'name'],
      registers: registers,
      collect() {
        this.reset();
        for (const app of apps()) {
          this.set({ namespace: app.metadata.namespace ?? '', name: app.metadata.name }, read(app));
        }
      },
    });
  perApp('spinapp_ready', 'Whether the app is ready.', (app) => (readyOf(app)?.status === 'True' ? 1 : 0));
  perApp('spinapp_replicas_desired', 'Pods that the spec asks for.', ({ spec }) => spec.replicas ?? 0);
  perApp('spinapp_replicas_ready', 'Pods that get requests.', ({ status }) => status?.readyReplicas ?? 0);
  // The registry keeps it.
  void new Gauge({
    name: 'spinapps',
    help: 'Number of apps, by executor and by why they are or are not ready.',
    labelNames: ['executor', 'reason'],
    registers: registers,
    collect() {
      this.reset();
      for (const app of apps()) {
        const executor = app.status?.activeScheduler ?? app.spec.executor ?? '';
        this.inc({ executor, reason: readyOf(app)?.reason ?? 'Unknown' });
      }
    },
  });
}

const readyOf = ({ status }: SpinApp): { readonly status: string; readonly reason: string } | undefined =>
  status?.conditions?.find(({ type }) => type === 'Ready');
