// A process that leads, writes through the fence and stops itself at the worst moment: when a write has passed the first look
// at the fence and is on its way. A test wakes it.
// Arguments: kubeconfig, namespace, identity.
import { writeSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
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

/** Before it stops. */
const WRITES = 20;

const access = await loadClusterAccess({ env: {}, kubeconfig });
let stops = false;
const stopping: typeof access = {
  ...access,
  async headers() {
    if (stops) {
      stops = false;
      writeSync(process.stdout.fd, 'stopped\n');
      process.kill(process.pid, 'SIGSTOP');
    }
    return access.headers();
  },
};
const transport = createTransport(stopping, { userAgent: identity });
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
  // In the turn in which it is set, the next request to ask for headers is the write.
  stops = count === WRITES;
  const written = client.apply(CONFIG_MAPS, { metadata: { namespace, name: 'written' }, data }, { force: true });
  await written.catch(() => undefined);
  // Refusals by the fence take no turn of the event loop, which the elector's timers need.
  await turn();
}
