// A command's way to its cluster, for as long as it runs: from flags and kubeconfig to a client.
import { homedir } from 'node:os';
import {
  createClient,
  createTransport,
  loadClusterAccess,
  type ClusterAccess,
  type KubeClient,
  type Transport,
} from '@spindle/kube';
import type { Console } from '../console.ts';
import { stopSignal } from '../up/stop-signal.ts';
import { VERSION } from '../version.ts';
import { actingAs } from './acting-as.ts';
import { interrupted } from './errors.ts';
import { explained } from './failures.ts';
import type { ClusterFlags } from './options.ts';

/** Upstream's plugin: what it has applied is then ours to change and to remove. */
export const FIELD_MANAGER = 'spin-plugin-kube';

/** A person waits. */
const REQUEST_DEADLINE_MS = 15_000;

export interface Session {
  readonly client: KubeClient;
  readonly transport: Transport;
  readonly access: ClusterAccess;
  readonly namespace: string;
  /** Undefined with --all-namespaces. */
  readonly selected: string | undefined;
  readonly console: Console;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

export const call = ({
  signal,
}: Pick<Session, 'signal'>): { readonly signal: AbortSignal; readonly deadlineMs: number } => ({
  signal,
  deadlineMs: REQUEST_DEADLINE_MS,
});

/** What fails in `work` is said in the words of a user. */
export async function inCluster<T>(
  flags: ClusterFlags,
  console: Console,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const access = await clusterAccess(flags, console);
  const transport = observed(createTransport(access, { userAgent: `spindle/${VERSION}` }), flags, console);
  const stop = stopSignal(process);
  const namespace = flags.namespace ?? access.namespace;
  try {
    return await work({
      client: createClient(transport, { fieldManager: FIELD_MANAGER }),
      transport,
      access,
      namespace,
      selected: flags.allNamespaces === true ? undefined : namespace,
      console,
      signal: stop.signal,
    });
  } catch (error) {
    throw stop.signal.aborted ? interrupted() : explained(error, access.server.host);
  } finally {
    stop.release();
    await transport.close();
  }
}

export async function clusterAccess(
  { kubeconfig, context, as, asGroup }: ClusterFlags,
  { env, canAsk }: Pick<Console, 'env' | 'canAsk'>,
): Promise<ClusterAccess> {
  const access = await loadClusterAccess({
    env,
    homeDirectory: env['HOME'] ?? homedir(),
    proxyFromEnvironment: true,
    isInteractive: canAsk,
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(context === undefined ? {} : { context }),
  });
  return actingAs(access, as, asGroup);
}

/** With --verbose each request is a line. */
function observed(transport: Transport, { verbose }: ClusterFlags, console: Console): Transport {
  if (verbose !== true) {
    return transport;
  }
  const said = async <T>(method: string, path: string, ask: () => Promise<T>): Promise<T> => {
    const begun = performance.now();
    const answer = await ask().catch((error: unknown) => {
      console.err(`${method} ${path}: ${error instanceof Error ? error.message : String(error)}`);
      throw error;
    });
    console.err(`${method} ${path} ${Math.round(performance.now() - begun)}ms`);
    return answer;
  };
  return {
    request: (request) => said(request.method, request.path, () => transport.request(request)),
    stream: (request) => said(request.method, request.path, () => transport.stream(request)),
    close: () => transport.close(),
  };
}
