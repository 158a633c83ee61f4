// The flags of `spindle new` and `spindle add`, which are Spin's (spin-contract.md §5.5).
import { Option, type Command } from 'commander';
import type { Console } from '../console.ts';
import { repeatable } from '../pairs.ts';
import type { AddFlags, NewFlags } from './flags.ts';

export function addNewCommands(program: Command, console: Console): void {
  templateOptions(program.command('new'), 'application')
    .description('Make an application from a template.')
    .addHelpText('after', NEW_EXAMPLES)
    .action(async (first: string | undefined, second: string | undefined, flags: NewFlags) =>
      (await import('./new.ts')).newApplication(first, second, flags, console),
    );
  templateOptions(program.command('add'), 'component')
    .description('Add a component from a template to an application.')
    .option('-f, --file <manifest>', 'spin.toml to add to, or its folder (default: that of this folder)')
    .action(async (first: string | undefined, second: string | undefined, flags: AddFlags) =>
      (await import('./new.ts')).addComponent(first, second, flags, console),
    );
}

const templateOptions = (command: Command, noun: string): Command =>
  command
    .argument('[name]', `name of the ${noun}; with a second word, the template`)
    .argument('[word]', 'name, when the first word is the template')
    .option('-t, --template <id>', 'template to start from; "spindle templates list" shows them')
    .option('--tag <tag>', 'choose among templates with this tag (repeatable)', repeatable)
    .option('-o, --output <folder>', `where to make the ${noun} (default: a folder of its name)`)
    .addOption(new Option('--init', `make the ${noun} in the current folder`).conflicts('output'))
    .option('-v, --value <name=value>', 'value of a parameter of the template (repeatable)', repeatable)
    .option('--values-file <file>', 'TOML file with values of parameters')
    .option('-a, --accept-defaults', 'take defaults in place of asking')
    .option('--no-vcs', 'make no .gitignore')
    .option('--allow-overwrite', 'make it in a folder that has files, over those of the same names')
    .addOption(new Option('--allow-overwrites', 'alias of --allow-overwrite').hideHelp())
    // Spin's choice among the targets of a template, which none of ours has.
    .addOption(new Option('-E, --environment <name>', 'accepted for compatibility; has no effect').hideHelp())
    // Spin's own templates then write more comments.
    .addOption(new Option('--explain', 'accepted for compatibility; has no effect').hideHelp());

const NEW_EXAMPLES = `
Examples:
  spindle new http-js hello                       asks for what the template wants to know
  spindle new hello -t http-js --accept-defaults
  spindle new hello -t http-rust -a --value http-path=/hello
  spindle new                                     asks for everything`;
