// What the operator counts, under controller-runtime's and client-go's names, so that dashboards made for upstream work
// (kube-client 24).
import type { SpinApp } from '@spindle/api';
import type { ControllerObserver, LeaderObserver, RequestObserver, WatchObserver } from '@spindle/kube';
import { collectDefaultMetrics, Counter, Registry } from 'prom-client';
import type { ReviewObserver } from '../../admission/server.ts';
import { appMetrics } from './app-metrics.ts';
import type { ReadObserver } from '../../certificates/cert-files.ts';
import { certificateMetrics, leaderMetrics, requestMetrics, reviewMetrics } from './client-metrics.ts';
import { ReconcileMetrics } from './reconcile-metrics.ts';
import { stateMetrics, type ControllerState } from './state-metrics.ts';

export class Metrics {
  readonly registry = new Registry();
  readonly requests: RequestObserver;
  readonly leader: LeaderObserver;
  readonly reviews: ReviewObserver;
  readonly certificateFiles: ReadObserver;
  readonly #states: ControllerState[] = [];
  readonly #reconciles: ReconcileMetrics;
  readonly #watchFailures: Counter<'kind'>;
  readonly #droppedEvents: Counter<'reason'>;

  constructor() {
    const registers = [this.registry];
    collectDefaultMetrics({ register: this.registry });
    this.#reconciles = new ReconcileMetrics(registers);
    this.requests = requestMetrics(registers);
    this.leader = leaderMetrics(registers);
    this.reviews = reviewMetrics(registers);
    this.certificateFiles = certificateMetrics(registers);
    this.#watchFailures = new Counter({
      name: 'spindle_watch_failures_total',
      help: 'Requests of watches that failed, by kind of object.',
      labelNames: ['kind'],
      registers,
    });
    this.#droppedEvents = new Counter({
      name: 'spindle_events_dropped_total',
      help: 'Events that were not written.',
      labelNames: ['reason'],
      registers,
    });
    stateMetrics(registers, this.#states);
  }

  controller(name: string): ControllerObserver {
    return this.#reconciles.of(name);
  }

  /** Its numbers of now are shown from now on. */
  show(state: ControllerState): void {
    this.#reconciles.begin(state.name, state.controller.workers);
    this.#states.push(state);
  }

  showApps(apps: () => readonly SpinApp[]): void {
    appMetrics([this.registry], apps);
  }

  watch(kind: string): Pick<WatchObserver, 'failed'> {
    return { failed: () => this.#watchFailures.inc({ kind }) };
  }

  eventDropped(reason: string): void {
    this.#droppedEvents.inc({ reason });
  }
}
