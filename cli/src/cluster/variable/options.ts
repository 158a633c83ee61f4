// The flags of `variable list|set|unset`.
import type { Command } from 'commander';
import type { Console } from '../../console.ts';
import { repeatable } from '../../pairs.ts';
import { clusterOptions, type ClusterFlags } from '../options.ts';
import type { VariableFlags } from './variable.ts';

export function addVariableCommands(program: Command, console: Console): void {
  const variable = program.command('variable').description('Show and change the variables of an app in a cluster.');
  const waiting = { output: ['table', 'json'], timeout: '2m' } as const;
  clusterOptions(variable.command('list').description('Show the variables; of those in Secrets only where they are.'), {
    output: ['table', 'json', 'yaml', 'name'],
  })
    .argument('<app>', 'name of the app')
    .action(async (app: string, flags: ClusterFlags) =>
      (await import('./variable.ts')).listVariables(app, flags, console),
    );
  clusterOptions(variable.command('set').description('Set variables; the pods are replaced.'), waiting)
    .argument('<app>', 'name of the app')
    .argument('[name=value...]', 'variables')
    .option('--from-secret <variable=name/key>', 'take the value from a Secret (repeatable)', repeatable)
    .option('--from-config-map <variable=name/key>', 'take the value from a ConfigMap (repeatable)', repeatable)
    .option('--no-wait', 'do not wait until it is ready')
    .action(async (app: string, pairs: string[], flags: VariableFlags) =>
      (await import('./variable.ts')).setVariables(app, pairs, flags, console),
    );
  clusterOptions(variable.command('unset').description('Take variables away; the pods are replaced.'), waiting)
    .argument('<app>', 'name of the app')
    .argument('<names...>', 'names of the variables')
    .option('--no-wait', 'do not wait until it is ready')
    .action(async (app: string, names: string[], flags: VariableFlags) =>
      (await import('./variable.ts')).unsetVariables(app, names, flags, console),
    );
}
