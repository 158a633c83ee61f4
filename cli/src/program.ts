// The command tree. Each command is one function in a folder of its own; this file only says how it is called.
import { Command, CommanderError } from 'commander';
import type { Launched } from '@spindle/runtime';
import { addBuildCommand } from './build/options.ts';
import { addClusterCommands } from './cluster/commands.ts';
import { exitCodeOf } from './cluster/exit-code.ts';
import { addCompletion } from './completion.ts';
import { processConsole, type Console } from './console.ts';
import { addDoctorCommand } from './doctor/options.ts';
import { errorJson, errorText } from './error-text.ts';
import { wordWithoutFrom } from './errors.ts';
import { addNewCommands } from './new/options.ts';
import { addRegistryCommands } from './registry/commands.ts';
import { addTemplatesCommands } from './templates/commands.ts';
import { addUpOptions, type UpFlags } from './up/options.ts';
import { VERSION } from './version.ts';
import { addWatchCommand } from './watch/options.ts';

/** The command line itself is wrong, as far as commander sees. */
const EXIT_USAGE = 2;

/** What the program is called, and which commands it has: all, or as a plugin of Spin those for clusters. */
export type ProgramName = 'spindle' | 'kube' | 'k8s';

export interface CliOptions {
  readonly name?: ProgramName;
  readonly console?: Console;
  /** A thread that has been loading since the process began, for the command that serves. */
  readonly launched?: Launched | undefined;
}

export async function runCli(
  args: readonly string[],
  { name = 'spindle', console = processConsole(), launched }: CliOptions = {},
): Promise<number> {
  const { own, guestArgs } = split(args);
  let code = 0;
  const run: Run = { name, first: own[0], launched, guestArgs, ended: (exitCode) => (code = exitCode) };
  try {
    await createProgram(console, run).parseAsync(own, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? 0 : EXIT_USAGE;
    }
    console.err(wantsJson(own) ? errorJson(error) : errorText(error));
    return exitCodeOf(error);
  }
}

/** Whoever asked for JSON reads the error too. */
const wantsJson = (args: readonly string[]): boolean =>
  args.some(
    (arg, at) =>
      arg === '-ojson' ||
      arg === '--output=json' ||
      (arg === 'json' && ['-o', '--output'].includes(args[at - 1] ?? '')),
  );

interface Run {
  readonly name: ProgramName;
  /** The word after it. */
  readonly first: string | undefined;
  readonly launched?: Launched | undefined;
  /** For the command of an app. */
  readonly guestArgs: readonly string[];
  readonly ended: (exitCode: number) => void;
}

/** What stands after `--` of `up` is not ours. */
function split(args: readonly string[]): { own: readonly string[]; guestArgs: readonly string[] } {
  const at = args[0] === 'up' ? args.indexOf('--') : -1;
  return at === -1 ? { own: args, guestArgs: [] } : { own: args.slice(0, at), guestArgs: args.slice(at + 1) };
}

export function createProgram(console: Console, run?: Run): Command {
  const tree = (): Command =>
    run === undefined || run.name === 'spindle' ? commandTree(console, run) : pluginTree(console, run);
  const program = tree();
  addCompletion(program, tree, console);
  return program;
}

/** As upstream's plugin: `spin kube deploy` instead of `spindle deploy`. */
function pluginTree(console: Console, run: Run): Command {
  const program = newProgram(run.name, console)
    .description('Run Spin applications in Kubernetes.')
    .version(VERSION, '-v, --version')
    .usage('<command> [options]');
  addClusterCommands(program, console, { called: `spin ${run.name}`, ended: run.ended });
  return program;
}

const newProgram = (name: ProgramName, console: Console): Command =>
  new Command(name)
    .helpCommand(true)
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => console.out(text.replace(/\n$/, '')),
      writeErr: (text) => console.err(text.replace(/\n$/, '')),
    });

/** A command loads what it needs when it runs, so that help and completion are quick. */
function commandTree(console: Console, run?: Run): Command {
  const program = newProgram('spindle', console)
    .description('Run Spin applications (WebAssembly components) on Node.')
    .version(VERSION, '-V, --version');
  addUpOptions(program.command('up'))
    .description('Serve an application until it is stopped.')
    // Only to say what was meant.
    .argument('[word]')
    .usage('[options] [-- arguments of a command]')
    .addHelpText('after', UP_EXAMPLES)
    .action(async (word: string | undefined, flags: UpFlags) => {
      if (word !== undefined) {
        throw wordWithoutFrom(word);
      }
      const { up } = await import('./up/up.ts');
      run?.ended(await up({ flags, guestArgs: run.guestArgs }, console, run.launched));
    });
  addRegistryCommands(program.command('registry').description('Exchange applications with an OCI registry.'), console);
  addNewCommands(program, console);
  addBuildCommand(program, console, (exitCode) => run?.ended(exitCode));
  addWatchCommand(program, console);
  addDoctorCommand(program, console);
  // Twenty commands take a few milliseconds to describe, which no start of a server should pay for.
  if (run?.first !== 'up') {
    addClusterCommands(program, console, { called: 'spindle', ended: (exitCode) => run?.ended(exitCode) });
  }
  addTemplatesCommands(program.command('templates').description('Manage templates of applications.'), console);
  return program;
}

const UP_EXAMPLES = `
Examples:
  spindle up                                      serve the app of this folder
  spindle up -f app/spin.toml --listen 0.0.0.0:80
  spindle up -f registry.example.com/team/shop:1.4
  spindle up -f hello.wasm                        one component, all routes
  spindle up -f app.yaml                          a SpinApp, with its Secrets and ConfigMaps
  spindle up --variable greeting=Hi --key-value seen=3
  spindle up -f tool.toml -- --count 3            a command, with its arguments

The app's variables are also read from SPIN_VARIABLE_<NAME> and from .env.
A signal (SIGTERM, Ctrl-C) lets running requests finish; a second one ends at once.`;
