// Keeps an executor that apps still need: a finalizer holds it, and goes within a moment of the last app (control-plane
// contract §2.8).
import { API_VERSION, type SpinApp, type SpinAppExecutor } from '@spindle/api';
import {
  done,
  isConflict,
  isNotFound,
  type CallOptions,
  type EventRecorder,
  type Expectations,
  type KubeClient,
  type ObjectName,
  type Observed,
  type Outcome,
  type QueueKey,
  type WorkContext,
} from '@spindle/kube';
import { EXECUTORS, SPIN_APPS } from './resources.ts';
import type { Stores } from './watches.ts';

/** Upstream's, so that either operator lets go what the other held (control-plane contract §1.5). */
const FINALIZER = 'core.spinkube.dev/finalizer';

export interface ExecutorReconcilerOptions {
  readonly client: KubeClient;
  readonly stores: Stores;
  readonly expectations: Expectations;
  readonly events: Pick<EventRecorder, 'note'>;
}

export class ExecutorReconciler {
  readonly #options: ExecutorReconcilerOptions;

  constructor(options: ExecutorReconcilerOptions) {
    this.#options = options;
  }

  async reconcile(key: QueueKey, { signal }: WorkContext): Promise<Outcome> {
    const executor = this.#options.stores.executors.get(key);
    if (executor === undefined) {
      return done;
    }
    const { finalizers = [], deletionTimestamp } = executor.metadata;
    const isHeld = finalizers.includes(FINALIZER);
    if (deletionTimestamp === undefined) {
      if (!isHeld) {
        await this.#writeFinalizers(executor, [...finalizers, FINALIZER], { signal });
      }
      return done;
    }
    if (!isHeld) {
      return done;
    }
    if (await this.#hasApps(executor, { signal })) {
      this.#options.events.note({
        regarding: referenceTo(executor),
        type: 'Warning',
        reason: 'DeletionBlocked',
        action: 'Delete',
        note: 'Cannot delete SpinAppExecutor with dependent SpinApps',
      });
      // The going of an app brings it here again.
      return done;
    }
    await this.#writeFinalizers(
      executor,
      finalizers.filter((finalizer) => finalizer !== FINALIZER),
      { signal },
    );
    return done;
  }

  /** What the store shows is enough to wait, and not enough to let go. */
  async #hasApps({ metadata: { namespace = '', name } }: SpinAppExecutor, call: CallOptions): Promise<boolean> {
    const dependsOn = ({ spec, status }: SpinApp): boolean => (spec.executor || status?.activeScheduler) === name;
    if (this.#options.stores.apps.list(namespace).some(dependsOn)) {
      return true;
    }
    const { items } = await this.#options.client.list(SPIN_APPS, { ...call, namespace });
    return items.some(dependsOn);
  }

  async #writeFinalizers(
    { metadata }: SpinAppExecutor & Observed,
    finalizers: readonly string[],
    call: CallOptions,
  ): Promise<void> {
    const { client, stores, expectations } = this.#options;
    const { namespace = '', name, resourceVersion } = metadata;
    const key: Required<ObjectName> = { namespace, name };
    // The list is somebody else's too: written as a whole, so only over the state that was read.
    const patch = { metadata: { resourceVersion, finalizers } };
    try {
      await expectations.write(key, stores.executors, key, () => client.patch(EXECUTORS, key, 'merge', patch, call));
    } catch (error) {
      // expected: it has changed or gone, which the watch will tell.
      if (!isConflict(error) && !isNotFound(error)) {
        throw error;
      }
    }
  }
}

function referenceTo({ metadata }: SpinAppExecutor & Observed): Parameters<EventRecorder['note']>[0]['regarding'] {
  const { namespace, name, uid, resourceVersion } = metadata;
  return {
    apiVersion: API_VERSION,
    kind: 'SpinAppExecutor',
    name,
    uid,
    resourceVersion,
    ...(namespace === undefined ? {} : { namespace }),
  };
}
