// The one place with the version of each program of the test cluster.

export const VERSIONS = {
  /** The minor release that upstream's answers were recorded on. */
  kubernetes: '1.36.3',
  /** The one that Kubernetes' go.mod names. */
  etcd: '3.6.8',
  containerd: '2.3.7',
  runc: '1.4.3',
  cniPlugins: '1.9.1',
  helm: '4.3.1',
  kwok: '0.8.0',
} as const;
