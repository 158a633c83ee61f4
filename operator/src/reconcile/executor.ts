// Keeps an executor that apps still need: a finalizer holds it, and goes within a moment of the last app (control-plane
// contract §2.8).
import { API_VERSION, type SpinApp, type SpinAppExecutor } from '@spindle/api';
import {
  after,
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

/** The watch tells of what has changed meanwhile; but a refusal may come without any change. */
const CONFLICT_LOOK_MS = 1_000;
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
      return isHeld ? done : this.#writeFinalizers(executor, [...finalizers, FINALIZER], { signal });
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
    return this.#writeFinalizers(
      executor,
      finalizers.filter((finalizer) => finalizer !== FINALIZER),
      { signal },
    );
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
  ): Promise<Outcome> {
    const { client, stores, expectations } = this.#options;
    const { namespace = '', name, resourceVersion } = metadata;
    const key: Required<ObjectName> = { namespace, name };
    // The list is somebody else's too: written as a whole, so only over the state that was read.
    const patch = { metadata: { resourceVersion, finalizers } };
    try {
      await expectations.write(key, stores.executors, key, () => client.patch(EXECUTORS, key, 'merge', patch, call));
      return done;
    } catch (error) {
      // expected: it has changed or gone.
      if (isNotFound(error)) {
        return done;
      }
      if (isConflict(error)) {
        return after(CONFLICT_LOOK_MS);
      }
      throw error;
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
