// Inside a pod: the API server as the kubelet's environment names it, the service account's token and authority as files that
// are renewed (kube-client 22).
import { readFile } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import type { ClusterAccess } from '../transport/access.ts';
import { readMaterial } from './material.ts';
import { tokenFileCredentials } from './token-file.ts';

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

export interface InClusterOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Where the kubelet mounts the service account; another folder for tests. */
  readonly serviceAccount?: string;
}

/** Undefined when this is not a pod. */
export async function inClusterAccess(options: InClusterOptions): Promise<ClusterAccess | undefined> {
  const { env, clock, serviceAccount = SERVICE_ACCOUNT } = options;
  const host = env['KUBERNETES_SERVICE_HOST'] ?? '';
  const port = env['KUBERNETES_SERVICE_PORT'] ?? '';
  if (host === '' || port === '') {
    return undefined;
  }
  const token = tokenFileCredentials(join(serviceAccount, 'token'), clock);
  await token.current();
  const authority = { data: undefined, file: join(serviceAccount, 'ca.crt') };
  return {
    server: new URL(`https://${isIPv6(host) ? `[${host}]` : host}:${port}`),
    namespace: await ownNamespace(serviceAccount),
    async tls() {
      const ca = await readMaterial(authority, 'certificate of the authority');
      return ca === undefined ? {} : { ca };
    },
    headers: async () => (await token.current()).headers,
    renew: (headers) => token.renew(headers),
  };
}

async function ownNamespace(serviceAccount: string): Promise<string> {
  try {
    return (await readFile(join(serviceAccount, 'namespace'), 'utf8')).trim() || 'default';
  } catch {
    // expected: a token that was mounted by hand, without it.
    return 'default';
  }
}
