// Every object of a cluster by kind, namespace and name, to see what an uninstall leaves.
import type { Cluster } from '../../../../hack/cluster/cluster.ts';

/** They come and go by themselves. */
const FLEETING = new Set(['events', 'events.events.k8s.io', 'componentstatuses']);

/** What the cluster itself makes of a namespace, of a definition, of a Service and of its node. */
const BY_THE_CLUSTER = [
  /^ConfigMap \S+ kube-root-ca\.crt$/,
  /^ServiceAccount \S+ default$/,
  /^IPAddress <none> /,
  /^Lease kube-node-lease /,
  /^CSINode <none> /,
  /^APIService <none> v1alpha1\.core\.spinkube\.dev$/,
];

const COLUMNS = 'custom-columns=KIND:.kind,NAMESPACE:.metadata.namespace,NAME:.metadata.name';

export async function inventory(cluster: Cluster): Promise<Set<string>> {
  const kinds = (await cluster.kubectl('api-resources', '--verbs=list', '-o', 'name')).trim().split('\n');
  const asked = kinds.filter((kind) => !FLEETING.has(kind)).join();
  const table = await cluster.kubectl('get', asked, '-A', '--no-headers', '-o', COLUMNS);
  const lines = table.split('\n').map((line) => line.trim().replaceAll(/\s+/g, ' '));
  return new Set(lines.filter((line) => line !== '' && !BY_THE_CLUSTER.some((own) => own.test(line))));
}

/** What was not there before, sorted. */
export async function addedSince(before: ReadonlySet<string>, cluster: Cluster): Promise<string[]> {
  return [...(await inventory(cluster))].filter((line) => !before.has(line)).toSorted();
}
