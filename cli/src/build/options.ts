// The flags of `spindle build` (spin-contract.md §5.5).
import { Option, type Command } from 'commander';
import type { Console } from '../console.ts';
import { repeatable } from '../pairs.ts';
import type { BuildFlags } from './build.ts';

/** `ended` hears with which exit code. */
export function addBuildCommand(program: Command, console: Console, ended: (exitCode: number) => void): void {
  const command = program.command('build');
  command
    .description('Run the build commands of the components.')
    .argument('[up-args...]', 'flags for "up", with --up, and arguments of a command')
    .option('-f, --from <path>', 'spin.toml or its folder (default: the nearest spin.toml)')
    .addOption(new Option('--file <path>', 'older name of --from').hideHelp())
    .option('--profile <name>', 'build profile of the manifest to use')
    .option('-c, --component-id <id>', 'build only this component (repeatable)', repeatable)
    .option('-u, --up', 'serve the application afterwards')
    .option('--skip-target-checks', 'say nothing of deployment targets, which are not checked')
    .addOption(new Option('--skip-target-check', 'alias of --skip-target-checks').hideHelp())
    // Spin writes WIT files of dependencies beside the sources.
    .addOption(new Option('--skip-generate-wits', 'accepted for compatibility; has no effect').hideHelp())
    .addOption(new Option('--skip-generate-wit', 'accepted for compatibility; has no effect').hideHelp())
    .addHelpText('after', '\nExample:\n  spindle build --up --listen 127.0.0.1:8080')
    .allowUnknownOption()
    .action(async (upArgs: string[], flags: BuildFlags) => {
      const [word] = upArgs;
      if (word !== undefined && !flags.up) {
        command.error(`error: unknown ${word.startsWith('-') ? 'option' : 'argument'} '${word}'`);
      }
      ended(await (await import('./build.ts')).build(flags, upArgs, console));
    });
}
