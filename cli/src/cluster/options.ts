// The flags that all commands for clusters share.
import { Option, type Command } from 'commander';
import { repeatable } from '../pairs.ts';
import { waitTime } from './wait-time.ts';

export type OutputFormat = 'table' | 'wide' | 'json' | 'yaml' | 'name';

export interface ClusterFlags {
  readonly namespace?: string;
  readonly allNamespaces?: boolean;
  readonly context?: string;
  readonly kubeconfig?: string;
  readonly as?: string;
  readonly asGroup?: string[];
  readonly output?: OutputFormat;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  /** In milliseconds. */
  readonly timeout?: number;
  /** False with --no-color. */
  readonly color?: boolean;
}

export interface ClusterCommandOptions {
  /** `spindle`, or `spin kube`: what the user types. */
  readonly called: string;
  /** Takes a status that is no error. */
  readonly ended: (code: number) => void;
}

export interface SharedOptions {
  /** Formats that the command has; none when it has nothing to format. */
  readonly output?: readonly OutputFormat[];
  readonly allNamespaces?: boolean;
  /** Default of --timeout as it is shown, for commands that wait. */
  readonly timeout?: string;
}

export function clusterOptions(command: Command, { output, allNamespaces, timeout }: SharedOptions = {}): Command {
  command.option('-n, --namespace <name>', 'namespace (default: that of the kubeconfig)');
  if (allNamespaces === true) {
    command.option('-A, --all-namespaces', 'all namespaces');
  }
  if (output !== undefined) {
    command.addOption(new Option('-o, --output <format>', 'format of what is printed').choices(output));
  }
  if (timeout !== undefined) {
    command.addOption(
      new Option('--timeout <time>', `how long to wait, e.g. 90s or 5m (default: ${timeout})`).argParser(waitTime),
    );
  }
  return command
    .option('--context <name>', 'context of the kubeconfig')
    .option('--kubeconfig <file>', 'kubeconfig (default: KUBECONFIG, then ~/.kube/config)')
    .option('--as <user>', 'act as this user')
    .addOption(
      new Option('--as-group <group>', 'act as one of this group (repeatable)').argParser(repeatable).hideHelp(),
    )
    .option('-q, --quiet', 'print only the result')
    .option('--verbose', 'print each request to the cluster')
    .option('--no-color', 'no colors (env: NO_COLOR)');
}
