// A process that leads and writes as fast as it can through the fence: what a test stops and wakes.
// Arguments: kubeconfig, namespace, identity.
import { createClient } from '../client/kube-client.ts';
import { resource, type KubeObject } from '../client/resource.ts';
import { loadClusterAccess } from '../config/load.ts';
import { startElector } from '../lease/elector.ts';
import { fencedTransport } from '../lease/fence.ts';
import { createTransport } from '../transport/http-transport.ts';

const [kubeconfig = '', namespace = '', identity = ''] = process.argv.slice(2);
const CONFIG_MAPS = resource<KubeObject & { readonly data?: Readonly<Record<string, string>> }>({
  group: '',
  version: 'v1',
  plural: 'configmaps',
  kind: 'ConfigMap',
  namespaced: true,
});

const transport = createTransport(await loadClusterAccess({ env: {}, kubeconfig }), { userAgent: identity });
const elector = startElector({
  client: createClient(transport, { fieldManager: identity }),
  lease: { namespace, name: 'leader' },
  identity,
  leaseDurationMs: 4_000,
  renewDeadlineMs: 3_000,
  retryPeriodMs: 300,
  onLost: (why) => {
    process.stdout.write(`lost: ${why}\n`);
    // Whatever is still under way must not be waited for.
    process.exit(1);
  },
});
const client = createClient(fencedTransport(transport, await elector.elected), { fieldManager: identity });
process.stdout.write('elected\n');
for (let count = 0; ; count += 1) {
  const data = { writer: identity, count: String(count) };
  await client
    .apply(CONFIG_MAPS, { metadata: { namespace, name: 'written' }, data }, { force: true })
    .catch(() => undefined);
}
