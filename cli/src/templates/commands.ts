// `spindle templates install|upgrade|list|uninstall` (spin-contract.md §5.5). Each is loaded when it runs.
import { Option, type Command } from 'commander';
import type { Console } from '../console.ts';
import { repeatable } from '../pairs.ts';
import type { InstallFlags } from './install.ts';
import type { ListFlags } from './list.ts';
import type { UpgradeFlags } from './upgrade.ts';

export function addTemplatesCommands(templates: Command, console: Console): void {
  templates
    .command('install')
    .description('Install templates from a Git repository, a folder or an archive, for Spin too.')
    .option('--git <url>', 'repository with a folder "templates"')
    .addOption(new Option('--repo <url>', 'older name of --git').hideHelp())
    .option('--branch <name>', 'branch or tag of the repository')
    .option('--dir <folder>', 'folder with a folder "templates", or one template')
    .option('--tar <url>', 'archive (.tar.gz) with a folder "templates"')
    .option('--upgrade', 'replace templates that are already installed')
    .addOption(new Option('--update', 'older name of --upgrade').hideHelp())
    .addHelpText(
      'after',
      '\nExample:\n  spindle templates install --git https://github.com/spinframework/spin --upgrade',
    )
    .action(async (flags: InstallFlags) => (await import('./install.ts')).install(flags, console));
  templates
    .command('upgrade')
    .description('Fetch installed templates again from where they came from.')
    .addOption(new Option('--repo <url>', 'only from this Git repository').conflicts('all'))
    .addOption(new Option('--git <url>', 'alias of --repo').hideHelp().conflicts('all'))
    .option('--branch <name>', 'branch or tag of that repository (default: the one they were installed from)')
    .option('--all', 'from all, without asking')
    .action(async (flags: UpgradeFlags) => (await import('./upgrade.ts')).upgrade(flags, console));
  templates
    .command('list')
    .description('List the templates at hand.')
    .option('--tag <tag>', 'only those with this tag (repeatable)', repeatable)
    .option('--verbose', 'with tags and where each came from')
    .addOption(
      new Option('--format <format>', 'how to print').choices(['table', 'names-only', 'json']).default('table'),
    )
    .action(async (flags: ListFlags) => (await import('./list.ts')).list(flags, console));
  templates
    .command('uninstall')
    .description('Remove an installed template.')
    .argument('<id>', 'the template')
    .action(async (id: string) => (await import('./uninstall.ts')).uninstall(id, console));
}
