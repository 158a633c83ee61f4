// Helm as a platform engineer calls it.
import { resolve } from 'node:path';
import { findClusterProgram } from '../../../../hack/cluster/binaries.ts';
import { run } from '../../../../hack/cluster/commands.ts';
import type { Cluster } from '../../../../hack/cluster/cluster.ts';

export const ROOT = resolve(import.meta.dirname, '../../../..');
export const CHART = resolve(ROOT, 'charts/spindle');
export const NAMESPACE = 'spindle';

/** Its answer on standard output; what it said on standard error is in the error when it fails. */
export const helm = async ({ kubeconfig }: Cluster, ...args: readonly string[]): Promise<string> =>
  run(await findClusterProgram('helm'), args, { env: { KUBECONFIG: kubeconfig } });

/** As in docs/guides/install.md. */
export const install = (cluster: Cluster, ...args: readonly string[]): Promise<string> =>
  helm(cluster, 'install', 'spindle', CHART, '--namespace', NAMESPACE, '--create-namespace', '--wait', ...args);
