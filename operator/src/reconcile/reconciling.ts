// The two controllers with all that they work by. Keys are gathered from the start; work begins when this process may write.
import {
  Controller,
  Expectations,
  type Clock,
  type ControllerObserver,
  type EventRecorder,
  type KubeClient,
  type QueueKey,
} from '@spindle/kube';
import type { SharedExecutors } from '../plan/index.ts';
import { followChanges } from './affected.ts';
import { ExecutorReconciler } from './executor.ts';
import { MountedSecrets } from './mounted-secrets.ts';
import { PodLooks } from './pod-looks.ts';
import { ReferredValues } from './referred-values.ts';
import { SpinAppReconciler } from './spin-app.ts';
import type { Stores } from './watches.ts';
import { Writes } from './writes.ts';

export interface ReconcilingOptions {
  /** Writes only while this process may. */
  readonly client: KubeClient;
  readonly stores: Stores;
  readonly events: Pick<EventRecorder, 'note'>;
  readonly sharedExecutors: SharedExecutors;
  readonly runtimeImage: string;
  readonly workers: number;
  readonly clock: Clock;
  readonly observer: (controller: string) => ControllerObserver;
  readonly onWritten: (key: QueueKey, what: string) => void;
}

export interface Reconciling {
  readonly apps: Controller;
  readonly executors: Controller;
  /** True when all that was under way came to its end. */
  stop(): Promise<boolean>;
}

/** The stores have been told everything once: what they have is queued, and what changes. */
export function startReconciling(options: ReconcilingOptions): Reconciling {
  const { client, stores, events, sharedExecutors, runtimeImage, workers, clock, observer, onWritten } = options;
  const expectations = new Expectations({ clock, onMet: (key) => apps.add(key, 'child') });
  const executorExpectations = new Expectations({ clock, onMet: (key) => executors.add(key, 'child') });
  const appReconciler = new SpinAppReconciler({
    client,
    stores,
    values: new ReferredValues(client),
    sharedExecutors,
    runtimeImage,
    clock,
    expectations,
    writes: new Writes({ client, stores, expectations }),
    mounted: new MountedSecrets(client, clock),
    pods: new PodLooks({ client, clock }),
    events,
    onWritten,
  });
  const executorReconciler = new ExecutorReconciler({
    client,
    stores,
    expectations: executorExpectations,
    events,
    clock,
  });
  const apps = new Controller({
    reconcile: (key, context) => appReconciler.reconcile(key, context),
    gateMs: (key) => expectations.gateMs(key),
    workers,
    clock,
    observer: observer('spinapp'),
  });
  const executors: Controller = new Controller({
    reconcile: (key, context) => executorReconciler.reconcile(key, context),
    gateMs: (key) => executorExpectations.gateMs(key),
    workers: 1,
    clock,
    observer: observer('spinappexecutor'),
  });
  const unfollow = followChanges(stores, { apps, executors });
  for (const { metadata } of stores.executors.list()) {
    executors.add({ namespace: metadata.namespace ?? '', name: metadata.name }, 'initial');
  }
  for (const { metadata } of stores.apps.list()) {
    apps.add({ namespace: metadata.namespace ?? '', name: metadata.name }, 'initial');
  }
  apps.start();
  executors.start();
  return {
    apps,
    executors,
    async stop() {
      unfollow();
      const drained = await Promise.all([apps.stop(), executors.stop()]);
      return drained.every(Boolean);
    },
  };
}
