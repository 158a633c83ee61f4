// What the tests of the suite share: the cluster, namespaces of their own, and asking until something holds.
import { setTimeout as sleep } from 'node:timers/promises';
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

/** A busy machine gets time; nothing that works comes near it. */
const DEADLINE_MS = 90_000;
const LOOK_AGAIN_MS = 100;

/** The first answer that is not undefined. An error counts as none, and is told when no answer comes in time. */
export async function eventually<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + DEADLINE_MS;
  let last: unknown;
  while (Date.now() < deadline) {
    try {
      const found = await look();
      if (found !== undefined) {
        return found;
      }
      last = undefined;
    } catch (error) {
      // expected: not there yet.
      last = error;
    }
    await sleep(LOOK_AGAIN_MS);
  }
  throw new Error(`not in time: ${what}`, { cause: last });
}

/** One request on a connection of its own, as another client would make it. */
export async function get(url: string): Promise<{ readonly status: number; readonly body: string }> {
  const response = await fetch(url, { headers: { connection: 'close' }, signal: AbortSignal.timeout(10_000) });
  return { status: response.status, body: await response.text() };
}
