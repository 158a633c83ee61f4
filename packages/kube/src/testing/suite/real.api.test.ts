// The shared suite on a real etcd and kube-apiserver.
import { startControlPlane } from '../../../../../hack/cluster/control-plane.ts';
import { describeControllers } from './controller-suite.ts';
import { describeObjects } from './objects-suite.ts';
import { describeWatches } from './watch-suite.ts';
import { pause, type TestServer } from './test-server.ts';

/** What is older than two of these is forgotten. */
const COMPACTION_S = 1;
/** Looks for it are rare, and the server's cache must forget it, too. */
const EXPIRY_DEADLINE_MS = 60_000;

async function refused(ask: () => Promise<unknown>): Promise<void> {
  const end = performance.now() + EXPIRY_DEADLINE_MS;
  while (performance.now() < end) {
    try {
      await ask();
    } catch {
      // expected: what was waited for.
      return;
    }
    await pause(500);
  }
}

async function start(): Promise<TestServer> {
  const cluster = await startControlPlane({ apiServerFlags: [`--etcd-compaction-interval=${COMPACTION_S}s`] });
  return {
    access: {
      server: new URL(cluster.url),
      namespace: 'default',
      tls: async () => ({ ca: cluster.certificateAuthority }),
      headers: async () => ({ authorization: `Bearer ${cluster.adminToken}` }),
      renew: async () => false,
    },
    expire: refused,
    crash: () => cluster.restartApiServer(),
    stop: () => cluster.stop(),
  };
}

describeObjects('the real API server', start);
describeWatches('the real API server', start);
describeControllers('the real API server', start);
