// The flags of `deploy`: those of upstream's `k8s deploy`, and what building, pushing and waiting need.
import { Option, type Command } from 'commander';
import type { Console } from '../../console.ts';
import { repeatable } from '../../pairs.ts';
import { wholeNumber } from '../../up/values.ts';
import { clusterOptions, type ClusterCommandOptions } from '../options.ts';
import type { DeployFlags } from './flags.ts';

/** Of Kubernetes' replicas. */
const MOST_REPLICAS = 2 ** 31 - 1;

export function addDeployCommand(program: Command, console: Console, { called, ended }: ClusterCommandOptions): void {
  const command = program
    .command('deploy')
    .description('Run an application in a cluster: build and push it if asked, apply it, wait until it is ready.')
    .option('-f, --from <image>', 'OCI reference of the application')
    .option('--push', 'push the application of this folder to that reference first')
    .option('--build', 'run its build commands and push it first')
    .option('--file <source>', 'spin.toml or its folder, with --push or --build (default: the nearest spin.toml)')
    .option('--profile <name>', 'build profile of the manifest, with --push or --build')
    .option('-k, --insecure', 'reach the registry over plain HTTP')
    .option('--name <name>', 'name in the cluster (default: the last part of the reference)')
    .option(
      '-r, --replicas <n>',
      'number of pods (default: 2 for a new app, else what it is)',
      wholeNumber('--replicas', { least: 0, most: MOST_REPLICAS, expected: 'a whole number' }),
    )
    .option(
      '--executor <name>',
      "SpinAppExecutor that runs it (default: the first of the namespace, else Spindle's own)",
    )
    .option('-v, --variable <name=value>', 'variable of the application (repeatable)', repeatable)
    .option('--component <id>', 'run only this component (repeatable)', repeatable)
    .option('-s, --image-pull-secret <name>', 'Secret with a login of the registry (repeatable)', repeatable)
    .option('--service-account-name <name>', 'service account of the pods')
    .addOption(
      new Option('--dry-run [where]', 'change nothing: print the object, as sent or as the server would store it')
        .choices(['client', 'server'])
        .preset('client'),
    )
    .option('--diff', 'change nothing: print what would change; exit status 1 when something would')
    .option('--force-conflicts', 'take over fields that somebody else has set')
    .option('--no-wait', 'do not wait until it is ready');
  clusterOptions(command, { output: ['table', 'json', 'yaml', 'name'], timeout: '2m' })
    .addHelpText('after', EXAMPLES.replaceAll('spindle', called))
    .action(async (flags: DeployFlags) => ended(await (await import('./deploy.ts')).deploy(flags, console)));
}

const EXAMPLES = `
Examples:
  spindle deploy --build --from registry.example.com/team/shop:1.5
  spindle deploy --from registry.example.com/team/shop:1.5 --replicas 3 --variable greeting=Hi
  spindle deploy --from registry.example.com/team/shop:1.6 --diff

Exit status: 0 ready, 1 failed, 2 wrong command line, 3 not ready in time, 4 not found, 5 not permitted.`;
