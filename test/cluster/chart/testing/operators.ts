// The operator as the chart has installed it.
import type { Cluster } from '../../../../hack/cluster/cluster.ts';
import { NAMESPACE } from './helm.ts';

const SELECTOR = 'app.kubernetes.io/component=operator';

/** Name of the pod that leads. */
export async function leader(cluster: Cluster, namespace = NAMESPACE): Promise<string> {
  const holder = 'jsonpath={.spec.holderIdentity}';
  const identity = await cluster.kubectl('-n', namespace, 'get', 'lease/90ba2d18.spinkube.dev', '-o', holder);
  return identity.split('_')[0] ?? '';
}

export async function operatorPods(cluster: Cluster, namespace = NAMESPACE): Promise<string[]> {
  const names = await cluster.kubectl('-n', namespace, 'get', 'pods', '-l', SELECTOR, '-o', 'name');
  return names.split('\n').flatMap((line) => (line === '' ? [] : [line.replace('pod/', '')]));
}

/** Takes the definitions away, which the suite has installed without Helm. */
export async function withoutDefinitions(cluster: Cluster): Promise<void> {
  const executors = 'jsonpath={range .items[*]}{.metadata.namespace} {.metadata.name}\n{end}';
  const held = await cluster.kubectl('get', 'spinappexecutors', '-A', '-o', executors).catch(() => '');
  for (const line of held.split('\n').filter((one) => one !== '')) {
    const [namespace = '', name = ''] = line.split(' ');
    const patch = ['--type=merge', '-p', '{"metadata":{"finalizers":[]}}'];
    await cluster.kubectl('-n', namespace, 'patch', 'spinappexecutor', name, ...patch);
  }
  const definitions = ['spinapps.core.spinkube.dev', 'spinappexecutors.core.spinkube.dev'];
  await cluster.kubectl('delete', 'crd', ...definitions, '--ignore-not-found', '--timeout=60s');
}

/** As the suite's setup made them. */
export async function withDefinitions(cluster: Cluster): Promise<void> {
  await cluster.kubectl('apply', '-f', 'crds');
  await cluster.kubectl('wait', '--for=condition=Established', '--all', 'crd');
}
