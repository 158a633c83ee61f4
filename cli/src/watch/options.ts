// The flags of `spindle watch` (spin-contract.md §5.5). Others are those of `up`.
import { Option, type Command } from 'commander';
import type { Console } from '../console.ts';
import { wholeNumber } from '../up/values.ts';
import type { WatchFlags } from './flags.ts';

/** Spin's: what an editor writes in several steps counts as one change. */
const DEBOUNCE_MS = 100;

/** An hour: more is a mistake in the unit. */
const MOST_DEBOUNCE_MS = 3_600_000;

export function addWatchCommand(program: Command, console: Console): void {
  program
    .command('watch')
    .description('Build and serve an application, and do it again whenever its files change.')
    .argument('[up-args...]', 'flags for "up"')
    .option('-f, --from <path>', 'spin.toml or its folder (default: the nearest spin.toml)')
    .addOption(new Option('--file <path>', 'older name of --from').hideHelp())
    .option('--profile <name>', 'build profile of the manifest to use')
    .option('-c, --clear', 'clear the screen before each run')
    .option(
      '-d, --debounce <ms>',
      'how long to wait for further changes',
      wholeNumber('--debounce', { least: 0, most: MOST_DEBOUNCE_MS, expected: 'a number of milliseconds' }),
      DEBOUNCE_MS,
    )
    .option('--skip-build', 'do not build; reload when what was built elsewhere changes')
    .addHelpText('after', WATCH_HELP)
    .allowUnknownOption()
    .action(async (upArgs: string[], flags: WatchFlags) =>
      (await import('./watch.ts')).watchApp(flags, upArgs, console),
    );
}

const WATCH_HELP = `
A component is built again when a file changes that its "build.watch" names. The application is loaded again, without a
request being lost, when the manifest, a component or a file of "files" changes. As long as a build or a start fails,
what ran before serves on.

Example:
  spindle watch --quiet --listen 127.0.0.1:8080`;
