// The apps of these benchmarks, and what the operator makes of one of them, for a client that only writes.
import type { SpinApp, SpinAppExecutor, SpinAppStatus } from '@spindle/api';
import type { KubeClient } from '@spindle/kube';
import { planSpinApp, type Plan } from '../../../operator/src/plan/index.ts';
import { EXECUTORS, SPIN_APPS } from '../../../operator/src/reconcile/resources.ts';
import { executor, spinApp } from '../../api/operator/testing/make.ts';

/** Requests of the client that creates apps that are under way at once. */
const CREATED_AT_ONCE = 32;

export const appName = (index: number): string => `app-${String(index).padStart(5, '0')}`;

export const theExecutor = (namespace: string): SpinAppExecutor => executor(namespace);

export async function createExecutor(client: KubeClient, namespace: string): Promise<void> {
  await client.create(EXECUTORS, theExecutor(namespace));
}

/** As fast as the API server takes them; `onCreated` gets each as it was answered. */
export async function createApps(
  client: KubeClient,
  namespace: string,
  count: number,
  onCreated: (app: SpinApp) => void = () => {},
): Promise<void> {
  const names = Array.from({ length: count }, (_, index) => appName(index)).values();
  const create = async (): Promise<void> => {
    for (const name of names) {
      onCreated(await client.create(SPIN_APPS, spinApp(namespace, name)));
    }
  };
  await Promise.all(Array.from({ length: CREATED_AT_ONCE }, create));
}

/** What has to be written for a new app, and its status when that is done. */
export function planOf(app: SpinApp, now: string): Plan {
  const { namespace = '' } = app.metadata;
  const inputs: Parameters<typeof planSpinApp>[0] = {
    app,
    executors: [theExecutor(namespace)],
    sharedExecutors: new Map(),
    runtimeImage: '',
    values: () => undefined,
    deployment: undefined,
    service: undefined,
    secrets: [],
    mountedSecrets: undefined,
    hasSecret: () => true,
    now,
  };
  return planSpinApp(inputs);
}

/** The operator has written the status for the spec of now. */
export const isDone = ({ metadata, status }: { metadata: SpinApp['metadata']; status?: SpinAppStatus }): boolean =>
  status?.observedGeneration === metadata.generation && (status?.conditions?.length ?? 0) > 0;
