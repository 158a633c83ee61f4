// Everything that makes a Deployment ready without a machine: Kubernetes' own controllers and scheduler, and kwok for nodes and
// pods.
import { join } from 'node:path';
import { resource, type KubeObject } from '@spindle/kube';
import { findClusterProgram } from '../../../hack/cluster/binaries.ts';
import { freePort, serverDirectory, startServer, type ServerProcess } from '../../../hack/services/server-process.ts';
import { SPIN_APPS } from '../../../operator/src/reconcile/resources.ts';
import { follow, type World } from './world.ts';

const NODES = resource<KubeObject & { readonly status: object }>({
  group: '',
  version: 'v1',
  plural: 'nodes',
  kind: 'Node',
  namespaced: false,
});
const RUNTIME_CLASSES = resource<KubeObject & { readonly handler: string }>({
  group: 'node.k8s.io',
  version: 'v1',
  plural: 'runtimeclasses',
  kind: 'RuntimeClass',
  namespaced: false,
});

const NODE_COUNT = 10;
const ROOM = { cpu: '1k', memory: '1Ti', pods: '1k' };

/** Without their own brakes, which would be what is measured. */
const FAST = ['--kube-api-qps=1000', '--kube-api-burst=2000', '--leader-elect=false', '--bind-address=127.0.0.1'];

export async function startPods({ client, cluster }: World): Promise<{ stop(): Promise<void> }> {
  const { kubeconfig } = cluster.controlPlane;
  const servers: ServerProcess[] = [
    await start('kube-controller-manager', (port) => [
      `--kubeconfig=${kubeconfig}`,
      ...FAST,
      `--secure-port=${port}`,
      // The last takes the taint off a node that has become ready.
      '--controllers=deployment-controller,replicaset-controller,node-lifecycle-controller',
    ]),
    await start('kube-scheduler', (port) => [`--kubeconfig=${kubeconfig}`, ...FAST, `--secure-port=${port}`]),
    await start('kwok', (port) => [
      `--kubeconfig=${kubeconfig}`,
      `--config=${join(import.meta.dirname, 'kwok-stages.yaml')}`,
      '--manage-all-nodes',
      '--node-lease-duration-seconds=40',
      `--server-address=127.0.0.1:${port}`,
    ]),
  ];
  await client.create(RUNTIME_CLASSES, { metadata: { name: 'wasmtime-spin-v2' }, handler: 'spin' });
  for (let index = 0; index < NODE_COUNT; index += 1) {
    const name = `node-${index}`;
    await client.create(NODES, {
      metadata: { name, labels: { 'kubernetes.io/hostname': name } },
      status: { allocatable: ROOM, capacity: ROOM },
    });
  }
  return {
    async stop() {
      await Promise.all(servers.map((server) => server.stop()));
    },
  };
}

async function start(
  name: Parameters<typeof findClusterProgram>[0],
  args: (port: number) => readonly string[],
): Promise<ServerProcess> {
  return startServer({
    program: { path: await findClusterProgram(name), env: {}, root: undefined },
    directory: await serverDirectory(name),
    args: args(await freePort()),
    // What they are to do is waited for, not they.
    ready: () => true,
  });
}

/** Every app says that it is ready. */
export async function whenReady({ client }: World, namespace: string, apps: number): Promise<void> {
  const followed = await follow(client, SPIN_APPS, namespace);
  await followed.count(
    apps,
    ({ status }) => status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') === true,
  );
  followed.stop();
}
