// What the programs of a node are told: configuration files as text, flags as lists. Pure.
import { join } from 'node:path';
import type { Addresses } from './addresses.ts';
import { CLUSTER_DOMAIN } from './dns.ts';

export const NODE_NAME = 'node';
export const PAUSE_IMAGE = 'localhost/pause:1';
export const CONTAINERD_SOCKET = '/run/containerd/containerd.sock';

export interface NodeFolders {
  /** Of the cluster. */
  readonly directory: string;
  /** Where the CNI plugins are. */
  readonly cniPlugins: readonly string[];
  readonly runc: string;
}

const cniFolder = (directory: string): string => join(directory, 'cni');
const registriesFolder = (directory: string): string => join(directory, 'registries');

/** JSON is no TOML: texts are quoted alike in both. */
const quote = (text: string): string => JSON.stringify(text);

/** A runtime besides runc. */
export interface Shim {
  /** What a RuntimeClass calls it. */
  readonly handler: string;
  /** `io.containerd.<name>.<version>`, by which containerd finds the program. */
  readonly type: string;
  /** Where that is. */
  readonly folder: string;
}

export function containerdConfig(
  { directory, cniPlugins, runc }: NodeFolders,
  snapshotter: string,
  shims: readonly Shim[] = [],
): string {
  const criRuntime = `plugins."io.containerd.cri.v1.runtime"`;
  const criImages = `plugins."io.containerd.cri.v1.images"`;
  return `version = 3
root = ${quote(join(directory, 'containerd'))}
state = "/run/containerd"
disabled_plugins = ["io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.blockfile", "io.containerd.tracing.processor.v1.otlp", "io.containerd.nri.v1.nri"]

[grpc]
  address = ${quote(CONTAINERD_SOCKET)}

[${criImages}]
  snapshotter = ${quote(snapshotter)}
  [${criImages}.pinned_images]
    sandbox = ${quote(PAUSE_IMAGE)}
  [${criImages}.registry]
    config_path = ${quote(registriesFolder(directory))}

[${criRuntime}]
  # Without CAP_SYS_RESOURCE, as in many virtual machines and containers, nobody may be spared by the OOM killer.
  restrict_oom_score_adj = true
  [${criRuntime}.cni]
    bin_dirs = [${cniPlugins.map(quote).join(', ')}]
    conf_dir = ${quote(cniFolder(directory))}
  [${criRuntime}.containerd]
    default_runtime_name = "runc"
    [${criRuntime}.containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [${criRuntime}.containerd.runtimes.runc.options]
        BinaryName = ${quote(runc)}
        SystemdCgroup = false
${shims.map(({ handler, type }) => shimConfig(`${criRuntime}.containerd.runtimes.${handler}`, type, runc)).join('')}`;
}

const shimConfig = (table: string, type: string, runc: string): string => `    [${table}]
      runtime_type = ${quote(type)}
      [${table}.options]
        BinaryName = ${quote(runc)}
        SystemdCgroup = false
`;

/** Path and text of the file by which containerd trusts the registry. */
export function registryTrust(directory: string, host: string, certificateFile: string): readonly [string, string] {
  const path = join(registriesFolder(directory), host, 'hosts.toml');
  return [path, `server = "https://${host}"\nca = ${quote(certificateFile)}\n`];
}

/** Path and text of the network's configuration. */
export function cniConfig(directory: string, { pods }: Addresses): readonly [string, string] {
  const bridge = {
    type: 'bridge',
    bridge: 'pods',
    isGateway: true,
    // What leaves pods for this machine keeps its address; there is a way back.
    ipMasq: false,
    hairpinMode: true,
    ipam: {
      type: 'host-local',
      dataDir: join(directory, 'cni-addresses'),
      ranges: [[{ subnet: pods }]],
      routes: [{ dst: '0.0.0.0/0' }],
    },
  };
  const config = { cniVersion: '1.0.0', name: 'pods', plugins: [bridge, { type: 'loopback' }] };
  return [join(cniFolder(directory), '10-bridge.conflist'), JSON.stringify(config)];
}

export const kubeletConfigFile = (directory: string): string => join(directory, 'kubelet.json');

export const kubeletConfig = (directory: string, cgroup: string, { host }: Addresses): string =>
  JSON.stringify({
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    containerRuntimeEndpoint: `unix://${CONTAINERD_SOCKET}`,
    // Both versions of control groups are in use on machines that run tests.
    failCgroupV1: false,
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${cgroup}`,
    cgroupsPerQOS: true,
    enforceNodeAllocatable: [],
    volumePluginDir: join(directory, 'volume-plugins'),
    port: 10250,
    healthzBindAddress: '127.0.0.1',
    readOnlyPort: 0,
    // Only this machine reaches the node.
    authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
    authorization: { mode: 'AlwaysAllow' },
    failSwapOn: false,
    // A full disk of this machine is not the tests' business.
    evictionHard: { 'memory.available': '50Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
    imageGCHighThresholdPercent: 100,
    clusterDNS: [host],
    clusterDomain: CLUSTER_DOMAIN,
    // Names of this machine's network mean nothing inside.
    resolvConf: '',
    serializeImagePulls: false,
    registryPullQPS: 0,
    eventRecordQPS: 0,
    nodeStatusUpdateFrequency: '5s',
    // Failed pulls and crashed containers are tried again sooner than on a node that lives for years.
    crashLoopBackOff: { maxContainerRestartPeriod: '5s' },
    featureGates: { KubeletCrashLoopBackOffMax: true },
  });

export const kubeletFlags = (directory: string, kubeconfig: string, { node }: Addresses): string[] => [
  `--config=${kubeletConfigFile(directory)}`,
  `--kubeconfig=${kubeconfig}`,
  `--root-dir=${join(directory, 'kubelet')}`,
  `--cert-dir=${join(directory, 'kubelet-certificates')}`,
  `--hostname-override=${NODE_NAME}`,
  `--node-ip=${node}`,
];

export const controllerManagerFlags = (
  kubeconfig: string,
  serviceAccountKeyFile: string,
  certificate: string,
): string[] => [
  `--kubeconfig=${kubeconfig}`,
  `--service-account-private-key-file=${serviceAccountKeyFile}`,
  `--root-ca-file=${certificate}`,
  '--leader-elect=false',
  '--bind-address=127.0.0.1',
  // Autoscalers are looked at every 15 s otherwise.
  '--horizontal-pod-autoscaler-sync-period=1s',
];

export const schedulerFlags = (kubeconfig: string): string[] => [
  `--kubeconfig=${kubeconfig}`,
  '--leader-elect=false',
  '--bind-address=127.0.0.1',
];

export const proxyFlags = (kubeconfig: string, { pods }: Addresses): string[] => [
  `--kubeconfig=${kubeconfig}`,
  '--proxy-mode=nftables',
  // Else a pod that reaches another of the same bridge through a Service would get the answer from the wrong address.
  '--masquerade-all',
  `--cluster-cidr=${pods}`,
  `--hostname-override=${NODE_NAME}`,
  '--healthz-bind-address=127.0.0.1:10256',
  '--metrics-bind-address=127.0.0.1:10249',
  // Limits of this machine's kernel are left as they are.
  '--conntrack-max-per-core=0',
  '--conntrack-tcp-timeout-established=0',
  '--conntrack-tcp-timeout-close-wait=0',
];
