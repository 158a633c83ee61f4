// A whole Kubernetes with one node on this machine: etcd, API server, controller manager, scheduler, containerd, kubelet and
// kube-proxy in namespaces of their own (machine.ts), and a registry that they and this machine reach. It lives as long as
// the process that started it. Pods, Services and the API server have addresses of their own (addresses.ts).
import { mkdir, readFile, stat, statfs, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { selfSigned } from '../../test/certificates/self-signed.ts';
import { findProgram } from '../services/debian-package.ts';
import { startDockerRegistry } from '../services/docker-registry.ts';
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
  type TokenUser,
} from './api-server.ts';
import { findClusterProgram } from './binaries.ts';
import { claimNumber } from './claim.ts';
import { run, systemPath, type RunOptions } from './commands.ts';
import { logFile, runInside, startInside, startMachine, type Machine, type MachinePlace } from './machine.ts';
import * as config from './node-config.ts';
import { archiveLayout, writeImageArchive } from './oci-archive.ts';
import { whyNoCluster } from './privileges.ts';
import { CNI_PLUGINS } from './programs.ts';

export interface ClusterOptions {
  readonly users?: readonly TokenUser[];
  /** OCI archives or layouts that the node has from the start. */
  readonly images?: readonly string[];
  readonly apiServerFlags?: readonly string[];
}

/** All that another process needs to use it; plain JSON. */
export interface ClusterPlace {
  readonly machine: MachinePlace;
  /** Path of a kubeconfig of one who may do everything. */
  readonly kubeconfig: string;
  /** With TLS, for the node, for pods and for this machine. */
  readonly registry: {
    /** `<address>:<port>` */
    readonly host: string;
    /** Path of the certificate that is to be trusted. */
    readonly certificate: string;
  };
}

export interface Cluster extends ClusterPlace {
  readonly nodeName: string;
  /** Its answer on standard output. */
  kubectl(...args: readonly string[]): Promise<string>;
  /** `kubectl apply -f -`. */
  apply(...objects: readonly object[]): Promise<string>;
  /** An OCI archive, or a folder in OCI layout. Its name is in its index, as `ctr images import` reads it. */
  loadImage(archiveOrLayout: string): Promise<void>;
  /** Where this machine reaches a Service. */
  serviceUrl(namespace: string, name: string): Promise<string>;
  /** Path of a kubeconfig for one of `users`. */
  kubeconfigFor(token: string): Promise<string>;
  /** Ends containerd as a crash does; it comes again by itself. */
  restartContainerd(): Promise<void>;
}

export interface RunningCluster extends Cluster {
  stop(): Promise<void>;
}

const ETCD_PORTS = [2379, 2380] as const;
const API_PORT = 6443;
/** Programs of Kubernetes are slow to start on a busy machine; nothing that works comes near it. */
const START_DEADLINE_MS = 90_000;
const LOOK_AGAIN_MS = 50;

export async function startCluster(options: ClusterOptions = {}): Promise<RunningCluster> {
  const why = whyNoCluster();
  if (why !== undefined) {
    throw new Error(why);
  }
  const claim = await claimNumber();
  const addresses = addressesOf(claim.number);
  const undo: (() => Promise<void> | void)[] = [() => claim.release()];
  const stop = async (): Promise<void> => {
    for (const step of undo.splice(0).toReversed()) {
      await step();
    }
  };
  try {
    const machine = await startMachine(claim.number, addresses);
    undo.push(() => machine.stop());
    const tls = selfSigned({ addresses: [addresses.host] });
    const registry = await startDockerRegistry({ address: addresses.host, tls, neverOutlives: true });
    undo.push(() => registry.stop());
    const certificate = join(machine.directory, 'registry.crt');
    await writeFile(certificate, tls.cert);
    await writeNodeFiles(machine, addresses, registry.host, certificate);
    const kubeconfig = await startPrograms(machine, addresses, options);
    const place: ClusterPlace = {
      machine: { number: machine.number, directory: machine.directory, firstProcess: machine.firstProcess },
      kubeconfig,
      registry: { host: registry.host, certificate },
    };
    return { ...useCluster(place), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function writeNodeFiles(
  { directory, cgroup }: Machine,
  addresses: Addresses,
  registryHost: string,
  registryCertificate: string,
): Promise<void> {
  const plugins = await Promise.all(CNI_PLUGINS.map(findClusterProgram));
  const cniPlugins = dirname(plugins[0] ?? '');
  const runc = await findClusterProgram('runc');
  const files = [
    config.cniConfig(directory, addresses),
    config.registryTrust(directory, registryHost, registryCertificate),
    [join(directory, 'kubelet.json'), config.kubeletConfig(directory, cgroup)],
    [
      join(directory, 'containerd.toml'),
      config.containerdConfig({ directory, cniPlugins, runc }, await snapshotterFor(directory)),
    ],
  ] as const;
  for (const [path, text] of files) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
}

/** `f_type` of statfs(2). */
const OVERLAYFS = 0x794c7630;

/** An overlay cannot lie on another, as in a container: then layers are copied. */
const snapshotterFor = async (directory: string): Promise<string> =>
  (await statfs(directory)).type === OVERLAYFS ? 'native' : 'overlayfs';

/** Comes again when it has ended, as on a node with an init system; the number of its process is kept in a file. */
const SUPERVISED = 'while :; do "$@" & echo $! > "$0"; wait $!; sleep 0.1; done';
const CONTAINERD_PID = '/run/containerd.pid';

async function startPrograms(machine: Machine, addresses: Addresses, options: ClusterOptions): Promise<string> {
  const { directory } = machine;
  const { node, services } = addresses;
  const keys = join(directory, 'keys');
  await writeKeys(keys, [ADMIN, ...(options.users ?? [])]);
  const start = async (
    program: Parameters<typeof findClusterProgram>[0],
    flags: readonly string[],
  ): Promise<() => boolean> => startInside(machine, program, [await findClusterProgram(program), ...flags]);
  const until = (name: string, hasEnded: () => boolean, isReady: () => Promise<boolean>): Promise<void> =>
    untilReady({ directory, name, hasEnded, isReady });

  const containerd = await startInside(
    machine,
    'containerd',
    [
      'sh',
      '-c',
      SUPERVISED,
      CONTAINERD_PID,
      await findClusterProgram('containerd'),
      '--config',
      join(directory, 'containerd.toml'),
    ],
    { PATH: systemPath(dirname(await findClusterProgram('containerd-shim-runc-v2'))) },
  );
  const etcd = await start('etcd', etcdFlags(join(directory, 'etcd'), '127.0.0.1', ...ETCD_PORTS));
  const apiServer = await start('kube-apiserver', [
    ...apiServerFlags({
      keys,
      etcdUrl: `http://127.0.0.1:${ETCD_PORTS[0]}`,
      address: node,
      port: API_PORT,
      serviceRange: services,
    }),
    '--allow-privileged',
    '--kubelet-preferred-address-types=InternalIP',
    ...(options.apiServerFlags ?? []),
  ]);
  await until(
    'kube-apiserver',
    () => etcd() || apiServer(),
    () => isApiServerReady(node, API_PORT),
  );
  const certificateAuthority = await readFile(certificateFile(keys), 'utf8');
  const kubeconfig = join(directory, 'kubeconfig');
  await writeFile(
    kubeconfig,
    kubeconfigText({ url: `https://${node}:${API_PORT}`, certificateAuthority }, ADMIN.token),
    { mode: 0o600 },
  );

  await start(
    'kube-controller-manager',
    config.controllerManagerFlags(kubeconfig, serviceAccountKey(keys), certificateFile(keys)),
  );
  await start('kube-scheduler', config.schedulerFlags(kubeconfig));
  const nft = await findProgram({
    program: 'nft',
    package: 'nftables',
    variable: 'SPINDLE_TEST_NFT',
    folder: 'usr/sbin',
  });
  await startInside(
    machine,
    'kube-proxy',
    [await findClusterProgram('kube-proxy'), ...config.proxyFlags(kubeconfig, addresses)],
    { ...nft.env, PATH: systemPath(dirname(nft.path)) },
  );
  const cluster = { machine, kubeconfig };
  await until('containerd', containerd, () => answers(() => containerdClient(cluster.machine, 'version')));
  await loadPauseImage(machine);
  for (const image of options.images ?? []) {
    await loadImage(machine, image);
  }
  const kubelet = await start('kubelet', config.kubeletFlags(directory, kubeconfig, addresses));
  await until('kubelet', kubelet, async () => (await nodeReadiness(kubeconfig)) === 'True');
  return kubeconfig;
}

interface Awaited {
  readonly directory: string;
  readonly name: string;
  readonly hasEnded: () => boolean;
  readonly isReady: () => Promise<boolean>;
}

const MAX_LOG_CHARACTERS = 4_000;

async function untilReady({ directory, name, hasEnded, isReady }: Awaited): Promise<void> {
  const deadline = Date.now() + START_DEADLINE_MS;
  while (!(await isReady())) {
    const gone = hasEnded();
    if (gone || Date.now() > deadline) {
      const log = await readFile(logFile(directory, name), 'utf8');
      throw new Error(`${name} ${gone ? 'ended' : 'was not ready in time'}:\n${log.slice(-MAX_LOG_CHARACTERS)}`);
    }
    await sleep(LOOK_AGAIN_MS);
  }
}

async function answers(ask: () => Promise<unknown>): Promise<boolean> {
  try {
    await ask();
    return true;
  } catch {
    // expected: not yet.
    return false;
  }
}

async function nodeReadiness(kubeconfig: string): Promise<string> {
  const path = `jsonpath={.status.conditions[?(@.type=="Ready")].status}`;
  return kubectl(kubeconfig, ['get', 'node', config.NODE_NAME, '--ignore-not-found', '-o', path]);
}

const kubectl = async (kubeconfig: string, args: readonly string[], options?: RunOptions): Promise<string> =>
  run(await findClusterProgram('kubectl'), ['--kubeconfig', kubeconfig, ...args], options);

const containerdClient = async (machine: MachinePlace, ...args: readonly string[]): Promise<string> =>
  runInside(machine, await findClusterProgram('ctr'), ['-a', config.CONTAINERD_SOCKET, '-n', 'k8s.io', ...args]);

async function loadPauseImage(machine: MachinePlace): Promise<void> {
  const rootfs = join(machine.directory, 'pause-image');
  const archive = join(machine.directory, 'pause.tar');
  await mkdir(rootfs);
  await run('cp', [join(machine.directory, 'pause'), rootfs]);
  await writeImageArchive(archive, config.PAUSE_IMAGE, rootfs, { Entrypoint: ['/pause'] });
  await loadImage(machine, archive);
}

async function loadImage(machine: MachinePlace, archiveOrLayout: string): Promise<void> {
  if (!(await stat(archiveOrLayout)).isDirectory()) {
    await containerdClient(machine, 'images', 'import', archiveOrLayout);
    return;
  }
  const archive = join(machine.directory, `image-${crypto.randomUUID()}.tar`);
  await archiveLayout(archiveOrLayout, archive);
  await containerdClient(machine, 'images', 'import', archive);
  await run('rm', [archive]);
}

/** A cluster that this or another process has started. */
export function useCluster(place: ClusterPlace): Cluster {
  const { machine, kubeconfig } = place;
  return {
    ...place,
    nodeName: config.NODE_NAME,
    kubectl: (...args) => kubectl(kubeconfig, args),
    apply: (...items) =>
      kubectl(kubeconfig, ['apply', '-f', '-'], { input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }) }),
    loadImage: (archiveOrLayout) => loadImage(machine, archiveOrLayout),
    async serviceUrl(namespace, name) {
      const path = 'jsonpath={.spec.clusterIP}:{.spec.ports[0].port}';
      return `http://${await kubectl(kubeconfig, ['get', 'service', '-n', namespace, name, '-o', path])}`;
    },
    async kubeconfigFor(token) {
      const certificateAuthority = await readFile(certificateFile(join(machine.directory, 'keys')), 'utf8');
      const url = `https://${addressesOf(machine.number).node}:${API_PORT}`;
      const path = join(machine.directory, `kubeconfig-${crypto.randomUUID()}`);
      await writeFile(path, kubeconfigText({ url, certificateAuthority }, token), { mode: 0o600 });
      return path;
    },
    async restartContainerd() {
      const pid = async (): Promise<string> => (await runInside(machine, 'cat', [CONTAINERD_PID])).trim();
      const before = await pid();
      await runInside(machine, 'kill', ['-9', before]);
      await untilReady({
        directory: machine.directory,
        name: 'containerd',
        hasEnded: () => false,
        isReady: async () => (await pid()) !== before && (await answers(() => containerdClient(machine, 'version'))),
      });
    },
  };
}
