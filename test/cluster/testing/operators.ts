// The operator of this checkout beside the cluster, with no more rights than its roles give.
import type { Cluster } from '../../../hack/cluster/cluster.ts';
import { startOperator, type OperatorProcess } from '../../api/operator/testing/operator-process.ts';
import { OPERATOR } from '../../api/operator/testing/rbac.ts';

export interface OperatorOptions {
  readonly flags?: readonly string[];
  /** False: until it is started; of several only the leader gets ready. */
  readonly waitUntilReady?: boolean;
}

export async function startSuiteOperator(cluster: Cluster, options: OperatorOptions = {}): Promise<OperatorProcess> {
  return startOperator({ ...options, kubeconfig: await cluster.kubeconfigFor(OPERATOR.token) });
}
