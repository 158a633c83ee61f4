// What the tests of the suite share: the cluster, namespaces of their own, one request.
import { inject } from 'vitest';
import { useCluster, type Cluster } from '../../../hack/cluster/cluster.ts';

export const theCluster = (): Cluster => useCluster(inject('cluster'));

/** With a name that nothing had before. */
export async function newNamespace(
  cluster: Cluster,
  purpose: string,
  labels: Readonly<Record<string, string>> = {},
): Promise<string> {
  const name = `${purpose}-${crypto.randomUUID().slice(0, 8)}`;
  await cluster.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
  return name;
}

/** One request on a connection of its own, as another client would make it. */
export async function get(url: string): Promise<{ readonly status: number; readonly body: string }> {
  const response = await fetch(url, { headers: { connection: 'close' }, signal: AbortSignal.timeout(10_000) });
  return { status: response.status, body: await response.text() };
}
