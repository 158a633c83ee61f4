// What a cluster has beside its API server, as far as apps need it: Kubernetes' own controllers of Deployments, ReplicaSets and
// garbage, and pods that are ready as soon as they exist. There are no nodes.
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { resource, type KubeClient, type KubeObject } from '@spindle/kube';
import { findClusterProgram } from '../../../../hack/cluster/binaries.ts';
import { freePort, serverDirectory, startServer } from '../../../../hack/services/server-process.ts';
import { PODS, type Pod } from '../../../../operator/src/reconcile/resources.ts';
import type { TestCluster } from './cluster.ts';

const RUNTIME_CLASSES = resource<KubeObject & { readonly handler: string }>({
  group: 'node.k8s.io',
  version: 'v1',
  plural: 'runtimeclasses',
  kind: 'RuntimeClass',
  namespaced: false,
});
const ACCOUNTS = resource({
  group: '',
  version: 'v1',
  plural: 'serviceaccounts',
  kind: 'ServiceAccount',
  namespaced: true,
});

const CONTROLLERS = ['deployment-controller', 'replicaset-controller', 'garbage-collector-controller'];
const PAUSE_MS = 100;

type LivePod = Pod & {
  readonly spec: { readonly containers: readonly { readonly name: string; readonly image: string }[] };
};

export interface Controllers {
  stop(): Promise<void>;
}

/** Pods of these namespaces come and go. */
export async function startControllers({ client, controlPlane }: TestCluster, namespace: string): Promise<Controllers> {
  const manager = await startServer({
    program: { path: await findClusterProgram('kube-controller-manager'), env: {}, root: undefined },
    directory: await serverDirectory('kube-controller-manager'),
    args: [
      `--kubeconfig=${controlPlane.kubeconfig}`,
      `--controllers=${CONTROLLERS.join(',')}`,
      '--leader-elect=false',
      '--bind-address=127.0.0.1',
      `--secure-port=${await freePort()}`,
    ],
    // What it does is waited for, not itself.
    ready: () => true,
  });
  await client.create(RUNTIME_CLASSES, { metadata: { name: 'wasmtime-spin-v2' }, handler: 'spin' });
  await client.create(ACCOUNTS, { metadata: { namespace, name: 'default' } });
  const end = new AbortController();
  const pods = keepPodsReady(client, namespace, end.signal);
  return {
    async stop() {
      end.abort();
      await pods;
      await manager.stop();
    },
  };
}

async function keepPodsReady(client: KubeClient, namespace: string, signal: AbortSignal): Promise<void> {
  const ended = once(signal, 'abort');
  while (!signal.aborted) {
    for (const pod of (await client.list(PODS, { namespace })).items) {
      if (pod.status?.phase === 'Pending') {
        await client
          .patchStatus<Pod>(PODS, { namespace, name: pod.metadata.name ?? '' }, running(pod as LivePod))
          .catch(() => {
            // expected: it has gone meanwhile.
          });
      }
    }
    await Promise.race([ended, sleep(PAUSE_MS)]);
  }
}

const running = ({ spec: { containers } }: LivePod): object => ({
  phase: 'Running',
  conditions: ['PodScheduled', 'Initialized', 'ContainersReady', 'Ready'].map((type) => ({
    type,
    status: 'True',
    lastTransitionTime: '2026-01-01T00:00:00Z',
  })),
  containerStatuses: containers.map(({ name, image }) => ({
    name,
    image,
    imageID: `${image}@sha256:${'ab'.repeat(32)}`,
    ready: true,
    restartCount: 0,
    state: { running: { startedAt: '2026-01-01T00:00:00Z' } },
  })),
});
