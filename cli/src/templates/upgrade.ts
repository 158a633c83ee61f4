// `spindle templates upgrade`: fetches again what was installed from a repository or an archive.
import type { Console } from '../console.ts';
import { errorText } from '../error-text.ts';
import { branchWithoutGit, nothingToChooseWith, upgradesFailed } from '../errors.ts';
import { gitUrl } from './git.ts';
import { installFrom } from './install.ts';
import { installedTemplatesFolder, readInstallRecord, subfolders, type InstallRecord } from './store.ts';
import { table } from './table.ts';
import type { Template } from './template.ts';

export interface UpgradeFlags {
  repo?: string;
  /** Alias of repo. */
  git?: string;
  branch?: string;
  all?: boolean;
}

export async function upgrade(flags: UpgradeFlags, console: Console): Promise<void> {
  const repo = flags.repo ?? flags.git;
  if (flags.branch !== undefined && repo === undefined) {
    throw branchWithoutGit();
  }
  const sources = repo === undefined ? await chooseSources(flags.all ?? false, console) : [given(repo, flags.branch)];
  const upgraded: Template[] = [];
  const failed: string[] = [];
  for (const source of sources) {
    console.err(`Upgrading templates from ${nameOf(source)}...`);
    try {
      upgraded.push(...(await installFrom(source, true, console)).installed);
    } catch (error) {
      // expected: a repository that is gone does not keep the others from being upgraded; the end tells of it
      console.err(errorText(error));
      failed.push(nameOf(source));
    }
  }
  if (sources.length > 0) {
    console.out(upgraded.length === 0 ? 'No templates were installed' : `Upgraded ${upgraded.length} template(s)`);
    table(upgraded.map(({ id, description }) => [id, description])).forEach(console.out);
  }
  if (failed.length > 0) {
    throw upgradesFailed(failed);
  }
}

const given = (repo: string, branch: string | undefined): InstallRecord => ({
  git: gitUrl(repo),
  ...(branch === undefined ? {} : { branch }),
});

const nameOf = ({ git, url, branch }: InstallRecord): string =>
  `${git ?? url ?? ''}${branch === undefined ? '' : ` (${branch})`}`;

async function chooseSources(all: boolean, console: Console): Promise<InstallRecord[]> {
  const sources = await remoteSources(console);
  if (sources.length === 0) {
    console.err('No template repositories found to upgrade');
    console.err(
      'What was installed from a folder is replaced by "spindle templates install --upgrade --dir <folder>".',
    );
    return [];
  }
  if (all) {
    return sources;
  }
  if (!console.canAsk) {
    throw nothingToChooseWith(sources.map(nameOf));
  }
  sources.forEach((source, index) => console.err(`  ${index + 1}  ${nameOf(source)}`));
  for (;;) {
    const answer = await console.ask('Upgrade which (numbers, or "all")? ');
    const chosen = readChoice(answer, sources.length);
    if (chosen !== undefined) {
      return sources.filter((_source, index) => chosen.has(index));
    }
    console.err(`Give numbers from 1 to ${sources.length}, with blanks between them`);
  }
}

/** From 0; undefined when it is no answer. None at all is one. */
function readChoice(answer: string, count: number): Set<number> | undefined {
  if (answer.trim() === 'all') {
    return new Set(Array.from({ length: count }, (_, index) => index));
  }
  const words = answer.split(/[\s,]+/).filter(Boolean);
  const numbers = words.map((word) => (/^\d{1,6}$/.test(word) ? Number(word) - 1 : -1));
  return numbers.every((number) => number >= 0 && number < count) ? new Set(numbers) : undefined;
}

/** Each once, however many templates came from it. */
async function remoteSources(console: Console): Promise<InstallRecord[]> {
  const found = new Map<string, InstallRecord>();
  for (const folder of await subfolders(installedTemplatesFolder(console))) {
    const record = await readInstallRecord(folder);
    if (record.git !== undefined || record.url !== undefined) {
      found.set(nameOf(record), record);
    }
  }
  return [...found].toSorted(([left], [right]) => (left < right ? -1 : 1)).map(([, record]) => record);
}
