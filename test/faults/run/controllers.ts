// What the controller manager and the nodes would do in one namespace, at once and without a fault of their own: every rollout
// comes to its end, and what has lost its owner is collected. No part of what is tried.
import { setTimeout as sleep } from 'node:timers/promises';
import { isNotFound, isConflict, type KubeClient, type ResourceType } from '@spindle/kube';
import {
  DEPLOYMENTS,
  SECRETS,
  SERVICES,
  SPIN_APPS,
  type Deployment,
} from '../../../operator/src/reconcile/resources.ts';

/** Between two looks: shorter than anything that is waited for here. */
const PAUSE_MS = 100;
const OWNED = [DEPLOYMENTS, SERVICES, SECRETS] as readonly ResourceType[];

export interface Controllers {
  /** Throws what has failed meanwhile. */
  stop(): Promise<void>;
}

export function startControllers(client: KubeClient, namespace: string): Controllers {
  const stopped = new AbortController();
  const work = (async () => {
    while (!stopped.signal.aborted) {
      await rollOut(client, namespace);
      await collect(client, namespace);
      await sleep(PAUSE_MS);
    }
  })();
  return {
    async stop() {
      stopped.abort();
      await work;
    },
  };
}

async function rollOut(client: KubeClient, namespace: string): Promise<void> {
  const { items } = await client.list<Deployment>(DEPLOYMENTS, { namespace });
  for (const { metadata, spec, status } of items) {
    const { generation = 0, name = '' } = metadata;
    if (status?.observedGeneration === generation) {
      continue;
    }
    const replicas = spec?.replicas ?? 1;
    await unlessGone(() =>
      client.patchStatus(
        DEPLOYMENTS,
        { namespace, name },
        {
          observedGeneration: generation,
          replicas,
          updatedReplicas: replicas,
          readyReplicas: replicas,
          availableReplicas: replicas,
          conditions: [
            { type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable', message: 'available' },
            { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable', message: 'rolled out' },
          ],
        },
      ),
    );
  }
}

/** Owners are listed last: one that is not there then was there before, or never. */
async function collect(client: KubeClient, namespace: string): Promise<void> {
  const owned: { readonly type: ResourceType; readonly name: string; readonly uid: string; owners: string[] }[] = [];
  for (const type of OWNED) {
    for (const { metadata } of (await client.list(type, { namespace })).items) {
      const owners = (metadata.ownerReferences ?? []).map(({ uid }) => uid);
      if (owners.length > 0) {
        owned.push({ type, name: metadata.name ?? '', uid: metadata.uid ?? '', owners });
      }
    }
  }
  if (owned.length === 0) {
    return;
  }
  const apps = new Set((await client.list(SPIN_APPS, { namespace })).items.map(({ metadata }) => metadata.uid));
  for (const { type, name, uid, owners } of owned) {
    if (!owners.some((owner) => apps.has(owner))) {
      await unlessGone(() => client.delete(type, { namespace, name }, { preconditions: { uid } }));
    }
  }
}

async function unlessGone(act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
  } catch (error) {
    // expected: the operator was faster.
    if (!isNotFound(error) && !isConflict(error)) {
      throw error;
    }
  }
}
