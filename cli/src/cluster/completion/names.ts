// What only the cluster and the kubeconfig know, for shell completion. It must be quick, and say nothing when it cannot be.
import { homedir } from 'node:os';
import type { RootCommand } from '@bomb.sh/tab';
import { kubeconfigContexts, type KubeObject, type ResourceType } from '@spindle/kube';
import type { Console } from '../../console.ts';
import type { ClusterFlags } from '../options.ts';
import { EXECUTORS, NAMESPACES, SPIN_APPS } from '../resources.ts';
import { inCluster } from '../session.ts';

/** Longer nobody waits for a TAB. */
const DEADLINE_MS = 1500;

/** More are no help to choose from. */
const MOST = 200;

type Look = (flags: ClusterFlags, console: Console) => Promise<readonly string[]>;

const OPTIONS: Readonly<Record<string, Look>> = {
  namespace: (flags, console) => namesOf(NAMESPACES, flags, console),
  executor: (flags, console) => namesOf(EXECUTORS, flags, console),
  context: (flags, { env }) =>
    kubeconfigContexts({
      env,
      homeDirectory: env['HOME'] ?? homedir(),
      ...(flags.kubeconfig === undefined ? {} : { kubeconfig: flags.kubeconfig }),
    }),
};

/** Only what the word at the end may be is asked for. */
export async function namesFor(words: readonly string[], root: RootCommand, console: Console): Promise<void> {
  const given = words.slice(0, -1);
  const option = longName(given.at(-1) ?? '');
  const command = commandOf(given, root);
  const flags = flagsOf(given);
  const look = option === undefined ? undefined : OPTIONS[option];
  if (look !== undefined && option !== undefined) {
    const names = await quietly(look, flags, console);
    const handler = command?.options.get(option);
    if (handler !== undefined) {
      handler.handler = (complete) => names.forEach((name) => complete(name, ''));
    }
    return;
  }
  const app = command?.arguments.get('app') ?? command?.arguments.get('apps');
  if (app !== undefined && !(words.at(-1) ?? '').startsWith('-')) {
    const names = await quietly((of, to) => namesOf(SPIN_APPS, of, to), flags, console);
    app.handler = (complete) => names.forEach((name) => complete(name, ''));
  }
}

const longName = (word: string): string | undefined =>
  word === '-n' ? 'namespace' : word.startsWith('--') ? word.slice('--'.length) : undefined;

/** `variable set` is one command. */
function commandOf(words: readonly string[], root: RootCommand): ReturnType<RootCommand['commands']['get']> {
  const [first = '', second = ''] = words;
  return root.commands.get(`${first} ${second}`) ?? root.commands.get(first);
}

function flagsOf(words: readonly string[]): ClusterFlags {
  const after = (...names: readonly string[]): string | undefined => {
    const at = words.findLastIndex((word) => names.includes(word));
    return at === -1 ? undefined : words[at + 1];
  };
  const [namespace, context, kubeconfig] = [after('-n', '--namespace'), after('--context'), after('--kubeconfig')];
  return {
    ...(namespace === undefined ? {} : { namespace }),
    ...(context === undefined ? {} : { context }),
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
  };
}

async function namesOf<T extends KubeObject>(
  type: ResourceType<T>,
  flags: ClusterFlags,
  console: Console,
): Promise<string[]> {
  return inCluster(flags, console, async ({ client, namespace, signal }) => {
    const { items } = await client.page(type, {
      ...(type.namespaced ? { namespace } : {}),
      limit: MOST,
      metadataOnly: true,
      deadlineMs: DEADLINE_MS,
      signal,
    });
    return items.map(({ metadata }) => metadata.name ?? '');
  });
}

async function quietly(look: Look, flags: ClusterFlags, console: Console): Promise<readonly string[]> {
  const late = new Promise<readonly string[]>((resolve) => setTimeout(resolve, DEADLINE_MS, []).unref());
  try {
    return await Promise.race([look(flags, { ...console, canAsk: false }), late]);
  } catch {
    // expected: no cluster, no permission: then there is nothing to suggest.
    return [];
  }
}
