// Which apps and executors have to be looked at after a change of anything that is followed. Only keys come out: what has
// happened to an object is never part of the work.
import { APP_NAME_LABEL, type SpinApp, type SpinAppExecutor } from '@spindle/api';
import type { ObjectName, Priority, QueueKey, StoreEvent } from '@spindle/kube';
import type { ReferredKind } from '../plan/index.ts';
import { executorValue, referenceValue } from './app-indexes.ts';
import type { KeptObject, KeptSecret } from './kept.ts';
import type { Stores } from './watches.ts';

export interface Queues {
  readonly apps: { add(key: QueueKey, priority: Priority): void };
  readonly executors: { add(key: QueueKey, priority: Priority): void };
}

/** From now on; the answer ends it. */
export function followChanges(stores: Stores, queues: Queues): () => void {
  const ends = [
    stores.apps.listen((event) => onApp(event, stores, queues)),
    stores.executors.listen((event) => {
      const key = nameOf(event.object);
      queues.executors.add(key, priorityOf(event, 'live'));
      // A new status or a finalizer changes nothing for apps.
      if (isEdit(event)) {
        addAll(queues, appsOfExecutor(stores, key), priorityOf(event, 'live'));
      }
    }),
    stores.deployments.listen((event) => onOwned(event, queues)),
    stores.services.listen((event) => onOwned(event, queues)),
    stores.ownSecrets.listen((event) => {
      onOwnSecret(event, queues);
      onReference(event, 'Secret', stores, queues);
    }),
    stores.otherSecrets.listen((event) => onReference(event, 'Secret', stores, queues)),
    stores.configMaps.listen((event) => onReference(event, 'ConfigMap', stores, queues)),
  ];
  return () => {
    for (const end of ends) {
      end();
    }
  };
}

/** An app, and every executor that waits for its going, or is to tell of its coming. */
function onApp(event: StoreEvent<SpinApp>, { executors }: Stores, queues: Queues): void {
  const key = nameOf(event.object);
  queues.apps.add(key, priorityOf(event, isEdit(event) ? 'live' : 'child'));
  if (!isEdit(event)) {
    return;
  }
  const before = event.kind === 'changed' ? event.previous : event.object;
  for (const name of new Set([before.spec.executor, before.status?.activeScheduler, event.object.spec.executor])) {
    if (name && executors.get({ ...key, name })?.metadata.deletionTimestamp !== undefined) {
      queues.executors.add({ ...key, name }, 'child');
    }
  }
}

const isEdit = (event: StoreEvent<SpinApp | SpinAppExecutor>): boolean =>
  event.kind !== 'changed' || event.previous.metadata.generation !== event.object.metadata.generation;

function appsOfExecutor({ apps }: Stores, { namespace = '', name }: ObjectName): readonly SpinApp[] {
  return [
    ...apps.by('executor', executorValue(namespace, name)),
    // They get the first of the namespace, which may be another one now.
    ...apps.by('executor', executorValue(namespace, '')),
  ];
}

const onOwned = (event: StoreEvent<KeptObject>, queues: Queues): void =>
  queues.apps.add(nameOf(event.object), priorityOf(event, 'child'));

function onOwnSecret(event: StoreEvent<KeptSecret>, queues: Queues): void {
  const name = event.object.seen.labels[APP_NAME_LABEL];
  if (name) {
    queues.apps.add({ ...nameOf(event.object), name }, priorityOf(event, 'child'));
  }
}

function onReference(
  event: StoreEvent<Parameters<typeof nameOf>[0]>,
  kind: ReferredKind,
  stores: Stores,
  queues: Queues,
): void {
  const name = nameOf(event.object);
  addAll(queues, stores.apps.by('refers', referenceValue(kind, name)), priorityOf(event, 'live'));
  if (kind === 'Secret' && event.kind === 'deleted') {
    for (const executor of stores.executors.by('ca-secret', `${name.namespace ?? ''}/${name.name}`)) {
      addAll(queues, appsOfExecutor(stores, nameOf(executor)), 'child');
    }
  }
}

function addAll(queues: Queues, apps: readonly SpinApp[], priority: Priority): void {
  for (const app of apps) {
    queues.apps.add(nameOf(app), priority);
  }
}

const priorityOf = ({ isInitial }: { readonly isInitial: boolean }, priority: Priority): Priority =>
  isInitial ? 'initial' : priority;

const nameOf = ({
  metadata: { namespace, name = '' },
}: {
  readonly metadata: { readonly namespace?: string; readonly name?: string };
}): ObjectName => (namespace === undefined ? { name } : { namespace, name });
