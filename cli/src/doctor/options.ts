// The flags of `spindle doctor` (spin-contract.md §5.5).
import { Option, type Command } from 'commander';
import type { CheckFlags } from '../cluster/check/check.ts';
import { clusterOptions } from '../cluster/options.ts';
import type { Console } from '../console.ts';
import type { DoctorFlags } from './doctor.ts';

type AllFlags = DoctorFlags & CheckFlags & { readonly cluster?: boolean };

export function addDoctorCommand(program: Command, console: Console): void {
  const command = program
    .command('doctor')
    .description(
      'Find problems of an application, and mend them after asking; with --cluster of a cluster and its apps.',
    )
    .option('-f, --from <path>', 'spin.toml or its folder (default: the nearest spin.toml)')
    .addOption(new Option('--file <path>', 'older name of --from').hideHelp())
    .option('-y, --yes', 'mend without asking')
    .option('--cluster', 'look at a cluster and the apps of a namespace there')
    .option('--skip <checks...>', 'with --cluster: leave out checks, by their names in the first column');
  clusterOptions(command, { output: ['table', 'json', 'yaml'] })
    .addHelpText(
      'after',
      '\nThe exit status is 1 as long as a problem is left that keeps the application from running.',
    )
    .action(async (flags: AllFlags) =>
      flags.cluster === true
        ? (await import('../cluster/check/check.ts')).checkCluster(flags, { apps: true }, console)
        : (await import('./doctor.ts')).doctor(flags, console),
    );
}
