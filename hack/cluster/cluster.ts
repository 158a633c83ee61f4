// A whole Kubernetes with one node on this machine: etcd, API server, controller manager, scheduler, containerd, kubelet and
// kube-proxy in namespaces of their own (machine.ts), and a registry and names that they and this machine reach. It lives
// as long as the process that started it. Pods, Services and the API server have addresses of their own (addresses.ts).
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { selfSigned } from '../../test/certificates/self-signed.ts';
import { startDockerRegistry } from '../services/docker-registry.ts';
import { addressesOf, type Addresses } from './addresses.ts';
import { ADMIN, kubeconfigText, type TokenUser } from './api-server.ts';
import { findClusterProgram } from './binaries.ts';
import { claimNumber } from './claim.ts';
import {
  containerdConfigFile,
  loadImage,
  loadPauseImage,
  restartContainerd,
  snapshotterFor,
  startContainerd,
} from './containerd.ts';
import { lookupIn, startDns } from './dns.ts';
import { applyObjects, kubectl } from './kubectl.ts';
import { apiServerOf, startControlPlane, startNode } from './kubernetes-programs.ts';
import { startMachine, type Machine, type MachinePlace } from './machine.ts';
import * as config from './node-config.ts';
import { whyNoCluster } from './privileges.ts';
import { CNI_PLUGINS } from './programs.ts';

export interface ClusterOptions {
  readonly users?: readonly TokenUser[];
  /** OCI archives or layouts that the node has from the start. */
  readonly images?: readonly string[];
  readonly apiServerFlags?: readonly string[];
  readonly shims?: readonly config.Shim[];
}

/** All that another process needs to use it; plain JSON. */
export interface ClusterPlace {
  readonly machine: MachinePlace;
  /** Path of a kubeconfig of one who may do everything. */
  readonly kubeconfig: string;
  readonly registry: RegistryPlace;
}

/** With TLS, for the node, for pods and for this machine. */
export interface RegistryPlace {
  /** `<address>:<port>` */
  readonly host: string;
  /** Path of the certificate that is to be trusted. */
  readonly certificate: string;
}

export interface Cluster extends ClusterPlace {
  readonly nodeName: string;
  /** Its answer on standard output. */
  kubectl(...args: readonly string[]): Promise<string>;
  /** `kubectl apply -f -`. */
  apply(...objects: readonly object[]): Promise<string>;
  /** An OCI archive, or a folder in OCI layout. Its name is in its index, as `ctr images import` reads it. */
  loadImage(archiveOrLayout: string): Promise<void>;
  /** Where this machine reaches the first port of a Service. */
  serviceUrl(namespace: string, name: string): Promise<string>;
  /** Path of a kubeconfig for one of `users`. */
  kubeconfigFor(token: string): Promise<string>;
  /** Ends containerd as a crash does, and settles when it has come again by itself. */
  restartContainerd(): Promise<void>;
}

export interface RunningCluster extends Cluster {
  /** Leaves nothing. */
  stop(): Promise<void>;
}

export async function startCluster(options: ClusterOptions = {}): Promise<RunningCluster> {
  const why = whyNoCluster();
  if (why !== undefined) {
    throw new Error(why);
  }
  const claim = await claimNumber();
  const undo: (() => Promise<void> | void)[] = [() => claim.release()];
  const stop = async (): Promise<void> => {
    for (const step of undo.splice(0).toReversed()) {
      await step();
    }
  };
  try {
    const addresses = addressesOf(claim.number);
    const machine = await startMachine(claim.number, addresses);
    undo.push(() => machine.stop());
    const tls = selfSigned({ addresses: [addresses.host] });
    const running = await startDockerRegistry({ address: addresses.host, tls, neverOutlives: true });
    undo.push(() => running.stop());
    const registry = { host: running.host, certificate: join(machine.directory, 'registry.crt') };
    await writeFile(registry.certificate, tls.cert);
    await writeNodeFiles(machine, addresses, registry, options.shims);
    const kubeconfig = await startPrograms(machine, addresses, options);
    const dns = await startDns(addresses.host, lookupIn({ ...(await apiServerOf(machine)), token: ADMIN.token }));
    undo.push(() => void dns.close());
    const { number, directory, firstProcess } = machine;
    return { ...useCluster({ machine: { number, directory, firstProcess }, kubeconfig, registry }), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function writeNodeFiles(
  machine: Machine,
  addresses: Addresses,
  registry: RegistryPlace,
  shims: readonly config.Shim[] = [],
): Promise<void> {
  const { directory, cgroup } = machine;
  const plugins = await Promise.all(CNI_PLUGINS.map((name) => findClusterProgram(name)));
  const folders = {
    directory,
    cniPlugins: [...new Set(plugins.map((path) => dirname(path)))],
    runc: await findClusterProgram('runc'),
  };
  const files = [
    config.cniConfig(directory, addresses),
    config.registryTrust(directory, registry.host, registry.certificate),
    [config.kubeletConfigFile(directory), config.kubeletConfig(directory, cgroup, addresses)],
    [containerdConfigFile(directory), config.containerdConfig(folders, await snapshotterFor(directory), shims)],
  ] as const;
  for (const [path, text] of files) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
}

async function startPrograms(machine: Machine, addresses: Addresses, options: ClusterOptions): Promise<string> {
  const { images = [], users = [], apiServerFlags = [], shims = [] } = options;
  const runtime = async (): Promise<void> => {
    await startContainerd(
      machine,
      shims.map(({ folder }) => folder),
    );
    await loadPauseImage(machine);
    for (const image of images) {
      await loadImage(machine, image);
    }
  };
  const [kubeconfig] = await Promise.all([startControlPlane(machine, addresses, { users, apiServerFlags }), runtime()]);
  await startNode(machine, addresses, kubeconfig);
  return kubeconfig;
}

/** A cluster that this or another process has started. */
export function useCluster(place: ClusterPlace): Cluster {
  const { machine, kubeconfig } = place;
  return {
    ...place,
    nodeName: config.NODE_NAME,
    kubectl: (...args) => kubectl(kubeconfig, args),
    apply: (...objects) => applyObjects(kubeconfig, objects),
    loadImage: (archiveOrLayout) => loadImage(machine, archiveOrLayout),
    async serviceUrl(namespace, name) {
      const address = 'jsonpath={.spec.clusterIP}:{.spec.ports[0].port}';
      return `http://${await kubectl(kubeconfig, ['get', 'service', '-n', namespace, name, '-o', address])}`;
    },
    async kubeconfigFor(token) {
      const path = join(machine.directory, `kubeconfig-${crypto.randomUUID()}`);
      await writeFile(path, kubeconfigText(await apiServerOf(machine), token), { mode: 0o600 });
      return path;
    },
    restartContainerd: () => restartContainerd(machine),
  };
}
