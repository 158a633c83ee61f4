// `spindle registry push|pull|login` (spin-contract.md §2.2, §2.3, §5.5). Each is loaded when it runs.
import { Option, type Command } from 'commander';
import type { Console } from '../console.ts';
import { repeatable } from '../pairs.ts';
import type { LoginFlags } from './login.ts';
import type { PullFlags } from './pull.ts';
import type { PushFlags } from './push.ts';

export function addRegistryCommands(registry: Command, console: Console): void {
  registry
    .command('push')
    .description('Store an application in a registry.')
    .argument('<reference>', 'where to, e.g. registry.example.com/team/shop:1.5')
    .option('-f, --from <source>', 'spin.toml or its folder (default: the nearest spin.toml)')
    .addOption(new Option('--file <source>', 'older name of --from').hideHelp())
    .option('--profile <name>', 'build profile of the manifest to use')
    .option('--build', 'run the build commands first (env: SPIN_ALWAYS_BUILD)')
    .option('-k, --insecure', 'reach the registry over plain HTTP')
    .option('--compose <boolean>', 'make one component of each with its dependencies', 'true')
    .option('--annotation <key=value>', 'annotation of the manifest (repeatable)', repeatable)
    .option('--cache-dir <dir>', 'cache of registry content')
    .addHelpText(
      'after',
      '\nWith the environment variable SPIN_OCI_ARCHIVE_LAYERS, each mounted folder becomes one archive layer.',
    )
    .action(async (reference: string, flags: PushFlags) => {
      await (await import('./push.ts')).push(reference, flags, console);
    });
  registry
    .command('pull')
    .description('Fetch an application into the cache. "up" with the digest that this prints then needs no registry.')
    .argument('<reference>', 'what to fetch, by tag or digest')
    .option('-k, --insecure', 'reach the registry over plain HTTP')
    .option('--cache-dir <dir>', 'cache of registry content')
    .action(async (reference: string, flags: PullFlags) => (await import('./pull.ts')).pull(reference, flags, console));
  registry
    .command('login')
    .description('Keep credentials for a registry, shared with Spin.')
    .argument('<server>', 'host name, with a port if it is not the usual one')
    .option('-u, --username <name>', 'user name')
    .option('-p, --password <password>', 'password; better given through --password-stdin')
    .option('--password-stdin', 'read the password from standard input')
    .option('-k, --insecure', 'reach the registry over plain HTTP')
    .addHelpText('after', '\nExample:\n  echo "$TOKEN" | spindle registry login ghcr.io -u me --password-stdin')
    .action(async (server: string, flags: LoginFlags) => (await import('./login.ts')).login(server, flags, console));
}
