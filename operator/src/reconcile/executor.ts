// Keeps an executor that apps still need: a finalizer holds it, and goes within a moment of the last app; meanwhile its status
// names the apps (control-plane contract §2.8).
import { API_VERSION, type SpinApp, type SpinAppExecutor } from '@spindle/api';
import {
  after,
  done,
  isConflict,
  isNotFound,
  type CallOptions,
  type Clock,
  type EventRecorder,
  type Expectations,
  type KubeClient,
  type ObjectName,
  type Observed,
  type Outcome,
  type QueueKey,
  type WorkContext,
} from '@spindle/kube';
import { executorStatusOf, namesOf } from '../plan/index.ts';
import { EXECUTORS, SPIN_APPS } from './resources.ts';
import { executorStatusPatch } from './status-patch.ts';
import { rfc3339 } from './time.ts';
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
  readonly clock: Clock;
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
      const outcome = isHeld ? done : await this.#writeFinalizers(executor, [...finalizers, FINALIZER], { signal });
      await this.#tell(executor, [], { signal });
      return outcome;
    }
    if (!isHeld) {
      return done;
    }
    const blockedBy = await this.#appsOf(executor, { signal });
    if (blockedBy.length > 0) {
      // The going of an app brings it here again.
      await this.#tell(executor, blockedBy, { signal });
      return done;
    }
    return this.#writeFinalizers(
      executor,
      finalizers.filter((finalizer) => finalizer !== FINALIZER),
      { signal },
    );
  }

  /** Names. What the store shows is enough to wait, and not enough to let go. */
  async #appsOf({ metadata: { namespace = '', name } }: SpinAppExecutor, call: CallOptions): Promise<string[]> {
    const namesIn = (apps: readonly SpinApp[]): string[] =>
      apps
        .filter(({ spec, status }) => (spec.executor || status?.activeScheduler) === name)
        .map(({ metadata }) => metadata.name);
    const seen = namesIn(this.#options.stores.apps.list(namespace));
    return seen.length > 0 ? seen : namesIn((await this.#options.client.list(SPIN_APPS, { ...call, namespace })).items);
  }

  async #tell(executor: SpinAppExecutor & Observed, blockedBy: readonly string[], call: CallOptions): Promise<void> {
    const { client, stores, expectations, events, clock } = this.#options;
    const planned = executorStatusOf({ executor, blockedBy, now: rfc3339(clock.date()) });
    const patch = executorStatusPatch(planned, executor.status);
    if (patch === undefined) {
      return;
    }
    const { namespace = '', name } = executor.metadata;
    const key = { namespace, name };
    if (blockedBy.length > 0) {
      events.note({
        regarding: referenceTo(executor),
        type: 'Warning',
        reason: 'DeletionBlocked',
        action: 'Delete',
        note: `Cannot delete SpinAppExecutor with dependent SpinApps: ${namesOf(blockedBy)}`,
      });
    }
    try {
      await expectations.write(key, stores.executors, key, () => client.patchStatus(EXECUTORS, key, patch, call));
    } catch (error) {
      // expected: it has gone meanwhile.
      if (!isNotFound(error)) {
        throw error;
      }
    }
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
