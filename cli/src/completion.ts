// Shell completion: `completion <shell>` prints a script that calls the hidden `complete` at each TAB.
import { Argument, type Command } from 'commander';
import type { RootCommand } from '@bomb.sh/tab';
import type { Console } from './console.ts';

const SHELLS = ['bash', 'zsh', 'fish', 'powershell'];

/** `tree` makes the commands anew, without these two. */
export function addCompletion(program: Command, tree: () => Command, console: Console): void {
  program
    .command('completion')
    .description('Print a completion script for a shell.')
    .addArgument(new Argument('<shell>', 'your shell').choices(SHELLS))
    .addHelpText(
      'after',
      `\nExample:\n  source <(${program.name()} completion bash)\n\nBash needs its package bash-completion too.`,
    )
    .action(async (shell: string) => (await completions(tree())).setup(program.name(), program.name(), shell));
  program
    .command('complete', { hidden: true })
    .argument('[words...]')
    .allowUnknownOption()
    .action(async (words: string[]) => {
      const root = await completions(tree());
      // Also what only the cluster knows: names of apps, namespaces, executors, contexts.
      const { namesFor } = await import('./cluster/completion/names.ts');
      await namesFor(words, root, console);
      root.parse(words);
    });
}

/** Loaded on demand: no other command should pay for it at start. It adds its own two commands to the tree. */
async function completions(tree: Command): Promise<RootCommand> {
  const { default: tab } = await import('@bomb.sh/tab/commander');
  return tab(tree, { completionCommandName: 'completion' });
}
