// What happens to a whole connection or to the API server itself, while apps are edited (R2, R4).
import { setTimeout as sleep } from 'node:timers/promises';
import { startTcpProxy } from '../../../packages/kube/src/test-support/tcp-proxy.ts';
import { until, type TestCluster } from '../../api/operator/testing/cluster.ts';
import { startOperator } from '../../api/operator/testing/operator-process.ts';
import { OPERATOR } from '../../api/operator/testing/rbac.ts';
import { startFaultyProxy } from '../proxy/faulty-proxy.ts';
import type { Refusal } from '../proxy/types.ts';
import { createFleet } from './fleet.ts';

export interface Storm {
  /** Requests while everything was refused. */
  readonly requests: number;
  readonly seconds: number;
  /** Apps that were edited meanwhile. */
  readonly apps: number;
}

/** Every request is refused for some time, and every app edited in it. Settles when all are as wanted. */
export async function storm(
  cluster: TestCluster,
  { status, apps, seconds }: { readonly status: Refusal; readonly apps: number; readonly seconds: number },
): Promise<Storm> {
  const { url, certificateAuthority } = cluster.controlPlane;
  const proxy = await startFaultyProxy({ url, certificateAuthority, kill: () => Promise.resolve() });
  const fleet = await createFleet(cluster, apps);
  const operator = await startOperator({
    kubeconfig: await cluster.controlPlane.kubeconfigFor(OPERATOR.token, proxy),
    flags: [`--namespaces=${fleet.namespace}`],
  });
  try {
    await fleet.untilAll('ghcr.io/example/hello:v1');
    proxy.inject([]);
    // What was told of before the storm is still worked on in it.
    await fleet.edit('ghcr.io/example/hello:v2');
    proxy.refuseAll(status);
    await fleet.edit('ghcr.io/example/hello:v3');
    const before = proxy.requests;
    await sleep(seconds * 1000);
    const requests = proxy.requests - before;
    proxy.refuseAll(undefined);
    await fleet.untilAll('ghcr.io/example/hello:v3');
    return { requests, seconds, apps };
  } finally {
    await operator.stop();
    await proxy.stop();
  }
}

/** The API server ends as in a crash and comes again with what etcd has, as often as that, while every app is edited. */
export async function restarts(
  cluster: TestCluster,
  { apps, times }: { readonly apps: number; readonly times: number },
): Promise<void> {
  const fleet = await createFleet(cluster, apps);
  const operator = await startOperator({ kubeconfig: cluster.operator, flags: [`--namespaces=${fleet.namespace}`] });
  try {
    for (let time = 1; time <= times; time += 1) {
      const image = `ghcr.io/example/hello:restart-${time}`;
      await Promise.all([cluster.controlPlane.restartApiServer(), fleet.edit(image)]);
      await fleet.untilAll(image);
    }
    await until('the operator is ready', () => operator.isReady());
  } finally {
    await operator.stop();
  }
}

/** The connection stays and nothing comes through it, neither data nor its end; another one would work. */
export async function halfOpen(cluster: TestCluster): Promise<{ readonly noticedAfterMs: number }> {
  const { url, certificateAuthority } = cluster.controlPlane;
  const proxy = await startTcpProxy(Number(new URL(url).port));
  const server = { url: `https://127.0.0.1:${proxy.port}`, certificateAuthority };
  const fleet = await createFleet(cluster, 2);
  const operator = await startOperator({
    kubeconfig: await cluster.controlPlane.kubeconfigFor(OPERATOR.token, server),
    flags: [`--namespaces=${fleet.namespace}`],
  });
  try {
    await fleet.untilAll('ghcr.io/example/hello:v1');
    proxy.freeze();
    const frozenAt = Date.now();
    await fleet.edit('ghcr.io/example/hello:v2');
    await until('the operator has another connection', async () => proxy.connections > 1, HALF_OPEN_DEADLINE_MS);
    const noticedAfterMs = Date.now() - frozenAt;
    await fleet.untilAll('ghcr.io/example/hello:v2');
    return { noticedAfterMs };
  } finally {
    await operator.kill();
    await proxy.close();
  }
}

/** kube-client 7: a minute, and what a busy machine adds. */
const HALF_OPEN_DEADLINE_MS = 90_000;
