// The programs of the test cluster: where each is published, and how it is built from Go modules where that cannot be
// reached.
import { VERSIONS } from './versions.ts';

/** One binary built from Go modules has all of these; it acts by the name it is called by. */
export const KUBE_ALL = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kube-proxy',
  'kubelet',
  'kubectl',
] as const;

/** They are of one release, and 2.x: older ones of this machine are of no use. */
const CONTAINERD = ['containerd', 'ctr', 'containerd-shim-runc-v2'] as const;

export const CNI_PLUGINS = ['bridge', 'host-local', 'loopback'] as const;

export type ClusterProgram =
  | (typeof KUBE_ALL)[number]
  | (typeof CONTAINERD)[number]
  | (typeof CNI_PLUGINS)[number]
  | 'runc'
  | 'helm'
  | 'kwok';

export interface Download {
  readonly url: string;
  /** Where the program is in the archive; absent for a file of its own. */
  readonly member?: string;
}

export interface ModuleBuild {
  readonly module: string;
  readonly version: string;
  readonly package: string;
  readonly tags?: string;
}

export interface ProgramSource {
  /** Whether one that this machine has on PATH will do. */
  readonly fromPath: boolean;
  readonly download: Download;
  /** `kube-all` is this repository's own main package. */
  readonly build: ModuleBuild | 'kube-all' | 'debian-package';
}

const ARCHITECTURE = process.arch === 'arm64' ? 'arm64' : 'amd64';

export function sourceOf(name: ClusterProgram): ProgramSource {
  if (name === 'etcd') {
    const folder = `etcd-v${VERSIONS.etcd}-linux-${ARCHITECTURE}`;
    const url = github('etcd-io/etcd', VERSIONS.etcd, `${folder}.tar.gz`);
    return { fromPath: true, download: { url, member: `${folder}/etcd` }, build: 'kube-all' };
  }
  if (isOneOf(KUBE_ALL, name)) {
    const url = `https://dl.k8s.io/v${VERSIONS.kubernetes}/bin/linux/${ARCHITECTURE}/${name}`;
    return { fromPath: true, download: { url }, build: 'kube-all' };
  }
  if (isOneOf(CONTAINERD, name)) {
    const version = VERSIONS.containerd;
    const url = github('containerd/containerd', version, `containerd-${version}-linux-${ARCHITECTURE}.tar.gz`);
    const module = 'github.com/containerd/containerd/v2';
    return {
      fromPath: false,
      download: { url, member: `bin/${name}` },
      build: { module, version, package: `${module}/cmd/${name}`, tags: 'no_btrfs,no_devmapper,no_zfs' },
    };
  }
  if (isOneOf(CNI_PLUGINS, name)) {
    const version = VERSIONS.cniPlugins;
    const url = github('containernetworking/plugins', version, `cni-plugins-linux-${ARCHITECTURE}-v${version}.tgz`);
    const module = 'github.com/containernetworking/plugins';
    const kind = name === 'host-local' ? 'ipam' : 'main';
    return {
      fromPath: false,
      download: { url, member: `./${name}` },
      build: { module, version, package: `${module}/plugins/${kind}/${name}` },
    };
  }
  switch (name) {
    case 'runc':
      return {
        fromPath: true,
        download: { url: github('opencontainers/runc', VERSIONS.runc, `runc.${ARCHITECTURE}`) },
        // Built from modules it would need the headers of libseccomp.
        build: 'debian-package',
      };
    case 'helm': {
      const module = 'helm.sh/helm/v4';
      return {
        fromPath: true,
        download: {
          url: `https://get.helm.sh/helm-v${VERSIONS.helm}-linux-${ARCHITECTURE}.tar.gz`,
          member: `linux-${ARCHITECTURE}/helm`,
        },
        build: { module, version: VERSIONS.helm, package: `${module}/cmd/helm` },
      };
    }
    case 'kwok': {
      const module = 'sigs.k8s.io/kwok';
      return {
        fromPath: true,
        download: { url: github('kubernetes-sigs/kwok', VERSIONS.kwok, `kwok-linux-${ARCHITECTURE}`) },
        build: { module, version: VERSIONS.kwok, package: `${module}/cmd/kwok` },
      };
    }
  }
}

const github = (repository: string, version: string, file: string): string =>
  `https://github.com/${repository}/releases/download/v${version}/${file}`;

const isOneOf = <T extends string>(names: readonly T[], name: string): name is T =>
  (names as readonly string[]).includes(name);
