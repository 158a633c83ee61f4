// A process that writes what the operator would write for each app that it is told of, as many at once, and does nothing else:
// no watch, no look at what is there. What it needs is the API server's share.
// Usage: forked with a kubeconfig; says `ready`, gets apps as messages, answers each by its name.
import type { Secret, SpinApp } from '@spindle/api';
import { createClient, createTransport, loadClusterAccess, type KubeObject } from '@spindle/kube';
import { DEPLOYMENTS, SECRETS, SERVICES, SPIN_APPS } from '../../../operator/src/reconcile/resources.ts';
import { planOf } from './apps.ts';

const [kubeconfig = '', atOnce = ''] = process.argv.slice(2);
const transport = createTransport(await loadClusterAccess({ env: {}, kubeconfig }), { userAgent: 'bare-writer' });
const client = createClient(transport, { fieldManager: 'spin-operator' });
const waiting: SpinApp[] = [];
let working = 0;

process.on('message', (app: SpinApp) => {
  waiting.push(app);
  fill();
});
process.on('disconnect', () => void transport.close());
process.send?.('ready');

function fill(): void {
  while (working < Number(atOnce)) {
    const app = waiting.shift();
    if (app === undefined) {
      return;
    }
    working += 1;
    void write(app).then(() => {
      working -= 1;
      process.send?.(app.metadata.name);
      fill();
    });
  }
}

async function write(app: SpinApp): Promise<void> {
  const { namespace = '', name } = app.metadata;
  const { secret, deployment, service, status } = planOf(app, '2026-01-01T00:00:00Z');
  if (secret !== undefined) {
    await client.create<Secret>(SECRETS, secret);
  }
  if (deployment !== undefined) {
    await client.apply<KubeObject>(DEPLOYMENTS, deployment);
  }
  if (service !== undefined) {
    await client.apply<KubeObject>(SERVICES, service);
  }
  await client.patchStatus(SPIN_APPS, { namespace, name }, status);
}
