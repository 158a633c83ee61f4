// Shell completion: `completion <shell>` prints a script that calls the hidden `complete` at each TAB.
import { Argument, type Command } from 'commander';
import type { RootCommand } from '@bomb.sh/tab';

const SHELLS = ['bash', 'zsh', 'fish', 'powershell'];

/** `tree` makes the commands anew, without these two. */
export function addCompletion(program: Command, tree: () => Command): void {
  program
    .command('completion')
    .description('Print a completion script for a shell.')
    .addArgument(new Argument('<shell>', 'your shell').choices(SHELLS))
    .addHelpText(
      'after',
      '\nExample:\n  source <(spindle completion bash)\n\nBash needs its package bash-completion too.',
    )
    .action(async (shell: string) => (await completions(tree())).setup(program.name(), program.name(), shell));
  program
    .command('complete', { hidden: true })
    .argument('[words...]')
    .allowUnknownOption()
    .action(async (words: string[]) => (await completions(tree())).parse(words));
}

/** Loaded on demand: no other command should pay for it at start. It adds its own two commands to the tree. */
async function completions(tree: Command): Promise<RootCommand> {
  const { default: tab } = await import('@bomb.sh/tab/commander');
  return tab(tree, { completionCommandName: 'completion' });
}
