// From where this process runs to a way to its cluster. The order is controller-runtime's: a kubeconfig that was named, those
// of KUBECONFIG, the pod's own service account, the kubeconfig of the home directory.
import { readFile } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { UserError } from '@spindle/api';
import { systemClock, type Clock } from '../clock.ts';
import type { ClusterAccess } from '../transport/access.ts';
import { inClusterAccess } from './in-cluster.ts';
import { kubeconfigAccess } from './kubeconfig-access.ts';
import type { Kubeconfig } from './kubeconfig-file.ts';

export interface LoadOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Path of a kubeconfig, and no other place. */
  readonly kubeconfig?: string;
  /** Of the kubeconfig; its current-context when absent. */
  readonly context?: string;
  readonly homeDirectory?: string;
  /** HTTPS_PROXY and NO_PROXY count. */
  readonly proxyFromEnvironment?: boolean;
  /** Credential plugins may ask whoever sits before the terminal. */
  readonly isInteractive?: boolean;
  readonly clock?: Clock;
  /** Where a pod's service account is mounted, when it is elsewhere. */
  readonly serviceAccount?: string;
}

export async function loadClusterAccess(options: LoadOptions): Promise<ClusterAccess> {
  const { env, clock = systemClock, homeDirectory, serviceAccount } = options;
  const explicit = options.kubeconfig ?? '';
  const files = explicit !== '' ? [explicit] : (env['KUBECONFIG'] ?? '').split(delimiter).filter((file) => file !== '');
  if (files.length > 0) {
    return fromKubeconfigs(await readAll(files, explicit !== ''), files, options);
  }
  const pod = await inClusterAccess({ env, clock, ...(serviceAccount === undefined ? {} : { serviceAccount }) });
  if (pod !== undefined) {
    return pod;
  }
  const home = homeDirectory === undefined ? [] : [join(homeDirectory, '.kube/config')];
  return fromKubeconfigs(await readAll(home, false), home, options);
}

/** Names of the contexts that could be given; none where there is no kubeconfig. */
export async function kubeconfigContexts({ env, kubeconfig = '', homeDirectory }: LoadOptions): Promise<string[]> {
  const listed = (env['KUBECONFIG'] ?? '').split(delimiter).filter((file) => file !== '');
  const home = homeDirectory === undefined ? [] : [join(homeDirectory, '.kube/config')];
  const files = kubeconfig !== '' ? [kubeconfig] : listed.length > 0 ? listed : home;
  return mergeKubeconfigs(await readAll(files, false)).contexts.map(({ name }) => name);
}

/** A file that KUBECONFIG lists need not be there, as with kubectl. */
async function readAll(files: readonly string[], mustExist: boolean): Promise<Kubeconfig[]> {
  // A pod has no use for a reader of YAML.
  const { parseKubeconfig } = await import('./kubeconfig-file.ts');
  const configs: Kubeconfig[] = [];
  for (const file of files.map((one) => resolve(one))) {
    const text = await readKubeconfig(file, mustExist);
    if (text !== undefined) {
      configs.push(parseKubeconfig(text, file));
    }
  }
  return configs;
}

async function readKubeconfig(file: string, mustExist: boolean): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    if (isMissing && !mustExist) {
      return undefined;
    }
    const why = isMissing ? 'there is no such file' : cause instanceof Error ? cause.message : String(cause);
    throw new UserError(`the kubeconfig cannot be read: ${why}`, {
      code: 'SPK7001',
      file,
      remedy: 'Check the path and the permissions of the file.',
      cause,
    });
  }
}

function fromKubeconfigs(
  configs: readonly Kubeconfig[],
  files: readonly string[],
  options: LoadOptions,
): ClusterAccess {
  if (configs.length === 0) {
    throw new UserError(
      files.length === 0 ? 'there is no cluster to talk to' : `there is no kubeconfig: ${files.join(', ')}`,
      { code: 'SPK7006', remedy: 'Set KUBECONFIG, give --kubeconfig, or write ~/.kube/config.' },
    );
  }
  const { env, context, proxyFromEnvironment = false, isInteractive = false, clock = systemClock } = options;
  return kubeconfigAccess(mergeKubeconfigs(configs), {
    env,
    context,
    proxyFromEnvironment,
    isInteractive,
    clock,
  });
}

/** The first file that names a thing has it, as with kubectl. */
const mergeKubeconfigs = (configs: readonly Kubeconfig[]): Kubeconfig => ({
  currentContext: configs.find(({ currentContext }) => currentContext !== undefined)?.currentContext,
  clusters: configs.flatMap(({ clusters }) => clusters),
  contexts: configs.flatMap(({ contexts }) => contexts),
  users: configs.flatMap(({ users }) => users),
});
