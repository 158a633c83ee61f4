// The cluster and the user that one context of a kubeconfig names, as a way to the API server.
import { UserError } from '@spindle/api';
import type { Clock } from '../clock.ts';
import type { ClusterAccess } from '../transport/access.ts';
import type { ClusterEntry, Kubeconfig, Named } from './kubeconfig-file.ts';
import { readMaterial } from './material.ts';
import { proxyFromEnvironment } from './proxy-environment.ts';
import { userCredentials } from './user-credentials.ts';

export interface KubeconfigOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The current one when undefined. */
  readonly context: string | undefined;
  readonly proxyFromEnvironment: boolean;
  readonly isInteractive: boolean;
  readonly clock: Clock;
}

export function kubeconfigAccess(config: Kubeconfig, options: KubeconfigOptions): ClusterAccess {
  const { env, clock, isInteractive } = options;
  const context = entryOf('context', config.contexts, options.context ?? config.currentContext);
  const cluster = entryOf('cluster', config.clusters, context.cluster);
  const user = context.user === undefined ? undefined : entryOf('user', config.users, context.user);
  const authority = (): Promise<Buffer | undefined> => readMaterial(cluster.authority, 'certificate of the authority');
  const credentials = userCredentials(user, { cluster, authority, clock, env, isInteractive });
  const proxy = cluster.proxy ?? (options.proxyFromEnvironment ? proxyFromEnvironment(cluster.server, env) : undefined);
  return {
    server: cluster.server,
    namespace: context.namespace ?? 'default',
    ...(proxy === undefined ? {} : { proxy }),
    async tls() {
      const [ca, { certificate }] = [await authority(), await credentials.current()];
      return { ...(ca === undefined ? {} : { ca }), ...certificate, ...verification(cluster) };
    },
    headers: async () => (await credentials.current()).headers,
    renew: (headers) => credentials.renew(headers),
  };
}

const verification = ({ insecure, tlsServerName }: ClusterEntry): { insecure: boolean; serverName?: string } => ({
  insecure,
  ...(tlsServerName === undefined ? {} : { serverName: tlsServerName }),
});

function entryOf<T>(what: string, entries: readonly Named<T>[], name: string | undefined): Named<T> {
  const found = entries.find((entry) => entry.name === name);
  if (found !== undefined) {
    return found;
  }
  const known = entries.length === 0 ? 'it has none' : `it has ${entries.map((entry) => entry.name).join(', ')}`;
  const message =
    name === undefined
      ? 'the kubeconfig has no current-context'
      : `the kubeconfig has no ${what} ${JSON.stringify(name)}; ${known}`;
  throw new UserError(message, {
    code: 'SPK7003',
    remedy: 'Choose one with `kubectl config use-context`, or name one that exists.',
  });
}
