// The flags of `spindle doctor` (spin-contract.md §5.5).
import { Option, type Command } from 'commander';
import type { Console } from '../console.ts';
import type { DoctorFlags } from './doctor.ts';

export function addDoctorCommand(program: Command, console: Console): void {
  program
    .command('doctor')
    .description('Find problems of an application, and mend them after asking.')
    .option('-f, --from <path>', 'spin.toml or its folder (default: the nearest spin.toml)')
    .addOption(new Option('--file <path>', 'older name of --from').hideHelp())
    .option('-y, --yes', 'mend without asking')
    .addHelpText(
      'after',
      '\nThe exit status is 1 as long as a problem is left that keeps the application from running.',
    )
    .action(async (flags: DoctorFlags) => (await import('./doctor.ts')).doctor(flags, console));
}
