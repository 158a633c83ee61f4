// A walk with an operator beside it, as both tiers make it.
import { freePort } from '../../../hack/services/server-process.ts';
import { startTestCluster } from '../../api/operator/testing/cluster.ts';
import { startOperator } from '../../api/operator/testing/operator-process.ts';
import { installWebhooks, trustedBy } from '../../api/operator/testing/webhook-configurations.ts';
import { RUNTIME_IMAGE, walk, type Walk } from './walk.ts';

export interface Tried extends Walk {
  readonly isReady: boolean;
  readonly rssMiB: number;
}

export async function tryWalk(options: {
  readonly valid: number;
  readonly invalid: number;
  readonly seed: number;
}): Promise<Tried> {
  const cluster = await startTestCluster();
  try {
    const webhookPort = await freePort();
    await installWebhooks(cluster.client, webhookPort);
    const operator = await startOperator({
      kubeconfig: cluster.operator,
      webhookPort,
      flags: [`--runtime-image=${RUNTIME_IMAGE}`],
    });
    try {
      await trustedBy(cluster.client);
      const walked = await walk({ cluster, ...options });
      const metrics = await (await fetch(`http://127.0.0.1:${operator.metricsPort}/metrics`)).text();
      const rss = Number(/^process_resident_memory_bytes (\S+)$/m.exec(metrics)?.[1]);
      // The same process as at the beginning: who has crashed does not start again here.
      return { ...walked, isReady: await operator.isReady(), rssMiB: Math.round(rss / 2 ** 20) };
    } finally {
      await operator.stop();
    }
  } finally {
    await cluster.stop();
  }
}
