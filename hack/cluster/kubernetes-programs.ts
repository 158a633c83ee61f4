// The programs of Kubernetes itself, started inside a machine of namespaces: the control plane, kubelet and kube-proxy.
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { findProgram } from '../services/debian-package.ts';
import { addressesOf, type Addresses } from './addresses.ts';
import {
  ADMIN,
  apiServerFlags,
  certificateFile,
  etcdFlags,
  isApiServerReady,
  kubeconfigText,
  serviceAccountKey,
  writeKeys,
  type ApiServer,
  type TokenUser,
} from './api-server.ts';
import { findClusterProgram } from './binaries.ts';
import { systemPath } from './commands.ts';
import { kubectl } from './kubectl.ts';
import { logFile, startInside, type MachinePlace } from './machine.ts';
import * as config from './node-config.ts';
import type { ClusterProgram } from './programs.ts';
import { untilReady } from './readiness.ts';

/** The only ones inside. */
const [ETCD_PORT, ETCD_PEER_PORT, API_PORT] = [2379, 2380, 6443];

const keysFolder = (directory: string): string => join(directory, 'keys');

export interface ControlPlaneFlags {
  readonly users: readonly TokenUser[];
  readonly apiServerFlags: readonly string[];
}

/** Path of a kubeconfig of one who may do everything, once the API server answers. */
export async function startControlPlane(
  machine: MachinePlace,
  { node, services }: Addresses,
  { users, apiServerFlags: more }: ControlPlaneFlags,
): Promise<string> {
  const { directory } = machine;
  const keys = keysFolder(directory);
  await writeKeys(keys, [ADMIN, ...users]);
  const etcd = await start(machine, 'etcd', etcdFlags(join(directory, 'etcd'), '127.0.0.1', ETCD_PORT, ETCD_PEER_PORT));
  const etcdUrl = `http://127.0.0.1:${ETCD_PORT}`;
  const apiServer = await start(machine, 'kube-apiserver', [
    ...apiServerFlags({ keys, etcdUrl, address: node, port: API_PORT, serviceRange: services }),
    '--allow-privileged',
    '--kubelet-preferred-address-types=InternalIP',
    ...more,
  ]);
  await untilReady({
    name: 'kube-apiserver',
    logFile: logFile(directory, 'kube-apiserver'),
    hasEnded: () => etcd() || apiServer(),
    isReady: () => isApiServerReady(node, API_PORT),
  });
  const kubeconfig = join(directory, 'kubeconfig');
  await writeFile(kubeconfig, kubeconfigText(await apiServerOf(machine), ADMIN.token), { mode: 0o600 });
  await start(
    machine,
    'kube-controller-manager',
    config.controllerManagerFlags(kubeconfig, serviceAccountKey(keys), certificateFile(keys)),
  );
  await start(machine, 'kube-scheduler', config.schedulerFlags(kubeconfig));
  return kubeconfig;
}

/** Settles when the node is Ready. */
export async function startNode(machine: MachinePlace, addresses: Addresses, kubeconfig: string): Promise<void> {
  const { directory } = machine;
  const nft = await findProgram({
    program: 'nft',
    package: 'nftables',
    variable: 'SPINDLE_TEST_NFT',
    folder: 'usr/sbin',
  });
  await start(machine, 'kube-proxy', config.proxyFlags(kubeconfig, addresses), {
    ...nft.env,
    PATH: systemPath(dirname(nft.path)),
  });
  const hasEnded = await start(machine, 'kubelet', config.kubeletFlags(directory, kubeconfig, addresses));
  const readiness = `jsonpath={.status.conditions[?(@.type=="Ready")].status}`;
  await untilReady({
    name: 'kubelet',
    logFile: logFile(directory, 'kubelet'),
    hasEnded,
    isReady: async () =>
      (await kubectl(kubeconfig, ['get', 'node', config.NODE_NAME, '--ignore-not-found', '-o', readiness])) === 'True',
  });
}

export async function apiServerOf({ number, directory }: MachinePlace): Promise<ApiServer> {
  const certificateAuthority = await readFile(certificateFile(keysFolder(directory)), 'utf8');
  return { url: `https://${addressesOf(number).node}:${API_PORT}`, certificateAuthority };
}

const start = async (
  machine: MachinePlace,
  program: ClusterProgram,
  flags: readonly string[],
  env?: Readonly<Record<string, string>>,
): Promise<() => boolean> => startInside(machine, program, [await findClusterProgram(program), ...flags], env);
