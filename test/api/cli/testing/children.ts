// What the controllers and kubelets of a whole cluster would make of an app, made by hand.
import { setTimeout as sleep } from 'node:timers/promises';
import { APP_NAME_LABEL } from '@spindle/api';
import type { KubeClient } from '@spindle/kube';
import { DEPLOYMENTS, PODS, REPLICA_SETS, type Pod } from '../../../../cli/src/cluster/resources.ts';
import { eventually } from '../../operator/testing/cluster.ts';
import { NODE } from './fake-kubelet.ts';

export interface AppName {
  readonly namespace: string;
  readonly name: string;
}

const labelsOf = (app: string): Record<string, string> => ({
  [APP_NAME_LABEL]: app,
  [`core.spinkube.dev/app.${app}.status`]: 'ready',
});

/** All pods that the Deployment asks for are there and ready. */
export async function rollOut(client: KubeClient, app: AppName): Promise<void> {
  const live = await eventually('there is a Deployment', () => client.find(DEPLOYMENTS, app));
  const replicas = live.spec?.replicas ?? 1;
  await client.patchStatus(DEPLOYMENTS, app, {
    observedGeneration: live.metadata.generation,
    replicas,
    updatedReplicas: replicas,
    readyReplicas: replicas,
    availableReplicas: replicas,
    conditions: [{ type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable', message: 'as asked' }],
  });
}

/** Again and again, whatever is deployed, until it is stopped. */
export function rollingOut(client: KubeClient, app: AppName): { stop: () => Promise<void> } {
  const over = new AbortController();
  const work = (async () => {
    while (!over.signal.aborted) {
      await rollOut(client, app);
      await sleep(100, undefined, { signal: over.signal });
    }
  })().catch(() => {
    // expected: it was stopped, or the app was deleted.
  });
  return {
    stop: async () => {
      over.abort();
      await work;
    },
  };
}

export async function makePod(
  client: KubeClient,
  { namespace, name }: AppName,
  pod: string,
  status: object,
): Promise<void> {
  await client.create<Pod>(PODS, {
    metadata: { namespace, name: pod, labels: labelsOf(name) },
    spec: { nodeName: NODE, containers: [{ name, image: 'app' }] },
  });
  await client.patchStatus(PODS, { namespace, name: pod }, status);
}

export const READY = {
  phase: 'Running',
  conditions: [{ type: 'Ready', status: 'True' }],
  containerStatuses: [
    {
      name: 'app',
      ready: true,
      restartCount: 0,
      image: 'app',
      imageID: '',
      state: { running: { startedAt: '2026-01-01T00:00:00Z' } },
    },
  ],
};

export const waiting = (reason: string, message: string): object => ({
  phase: 'Pending',
  conditions: [{ type: 'Ready', status: 'False' }],
  containerStatuses: [
    { name: 'app', ready: false, restartCount: 0, image: 'app', imageID: '', state: { waiting: { reason, message } } },
  ],
});

/** Of the Deployment as it is now, as its controller would make one. */
export async function makeReplicaSet(client: KubeClient, app: AppName, revision: number): Promise<void> {
  const { spec } = await client.get(DEPLOYMENTS, app);
  const { namespace, name } = app;
  const deployment = spec as unknown as { readonly selector: object; readonly template: object };
  await client.create(REPLICA_SETS, {
    metadata: {
      namespace,
      name: `${name}-${revision}`,
      labels: labelsOf(name),
      annotations: { 'deployment.kubernetes.io/revision': String(revision) },
    },
    spec: { selector: deployment.selector, template: deployment.template } as object,
  });
  await client.patch(DEPLOYMENTS, app, 'merge', {
    metadata: { annotations: { 'deployment.kubernetes.io/revision': String(revision) } },
  });
}
