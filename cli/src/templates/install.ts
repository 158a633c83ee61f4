// `spindle templates install`: every template of a folder, a Git repository or an archive goes into the store, each
// whole or not at all.
import { randomUUID } from 'node:crypto';
import { cp, lstat, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Console } from '../console.ts';
import { branchWithoutGit, exactlyOneSource, noTemplatesIn } from '../errors.ts';
import { makeWorkDir } from '../work-dir.ts';
import { clone, gitUrl } from './git.ts';
import { folderOf, INSTALL_RECORD, installedTemplatesFolder, subfolders, type InstallRecord } from './store.ts';
import { table } from './table.ts';
import { unpackTarball } from './tarball.ts';
import { checkFiles, readTemplate, type Template } from './template.ts';

export interface InstallFlags {
  git?: string;
  /** Older name of git. */
  repo?: string;
  branch?: string;
  dir?: string;
  /** URL. */
  tar?: string;
  upgrade?: boolean;
  /** Older name of upgrade. */
  update?: boolean;
}

export async function install(flags: InstallFlags, console: Console): Promise<void> {
  const git = flags.git ?? flags.repo;
  const sources = [git, flags.dir, flags.tar].filter((source) => source !== undefined);
  if (sources.length !== 1) {
    throw exactlyOneSource();
  }
  if (flags.branch !== undefined && git === undefined) {
    throw branchWithoutGit();
  }
  const branch = flags.branch === undefined ? {} : { branch: flags.branch };
  const record =
    git !== undefined
      ? { git: gitUrl(git), ...branch }
      : flags.tar !== undefined
        ? { url: flags.tar }
        : { dir: resolve(console.cwd, flags.dir ?? '') };
  tell(await installFrom(record, flags.upgrade ?? flags.update ?? false, console), console);
}

export interface Installed {
  readonly installed: readonly Template[];
  /** They were there, and were not to be replaced. */
  readonly skipped: readonly Template[];
}

/** With `update`, what is installed already is replaced. */
export async function installFrom(record: InstallRecord, update: boolean, console: Console): Promise<Installed> {
  if (record.dir !== undefined) {
    return installFolder(record.dir, { record, update }, console);
  }
  const workDir = await makeWorkDir('spindle-templates-');
  try {
    console.err('Copying remote template source');
    if (record.git === undefined) {
      const folder = await unpackTarball(record.url ?? '', workDir.path);
      return await installFolder(folder, { record, update }, console);
    }
    await clone(record.git, record.branch, workDir.path);
    return await installFolder(workDir.path, { record, update }, console);
  } finally {
    workDir.remove();
  }
}

interface Installation {
  readonly record: InstallRecord;
  readonly update: boolean;
}

async function installFolder(source: string, { record, update }: Installation, console: Console): Promise<Installed> {
  // All are read before any is written: a mistake in the last one leaves nothing half installed.
  const templates = await templatesIn(source, record);
  for (const template of templates) {
    await checkFiles(template);
  }
  const store = installedTemplatesFolder(console);
  const installed: Template[] = [];
  const skipped: Template[] = [];
  for (const template of templates) {
    const target = join(store, folderOf(template.id));
    if (!update && (await isThere(target))) {
      skipped.push(template);
    } else {
      await place(template.folder, target, record);
      installed.push(template);
    }
  }
  return { installed, skipped };
}

function tell({ installed, skipped }: Installed, console: Console): void {
  console.out(`Installed ${installed.length} template(s)`);
  table(installed.map(({ id, description }) => [id, description])).forEach(console.out);
  if (skipped.length > 0) {
    console.out(`\nSkipped ${skipped.length} template(s)`);
    table(skipped.map(({ id }) => [id, 'Already exists: --upgrade replaces it'])).forEach(console.out);
  }
}

/** Spin's rule: the templates of a source stand in its folder `templates`. One template by itself is taken too. */
async function templatesIn(source: string, { git, url }: InstallRecord): Promise<Template[]> {
  if (await isThere(join(source, 'metadata/spin-template.toml'))) {
    return [await readTemplate(source)];
  }
  const folders = await subfolders(join(source, 'templates'));
  if (folders.length === 0) {
    throw noTemplatesIn(git ?? url ?? source);
  }
  return Promise.all(folders.map((folder) => readTemplate(folder)));
}

/** Beside its place first, so that no reader and no failure ever meets half of it. */
async function place(source: string, target: string, record: InstallRecord): Promise<void> {
  const draft = join(target, '..', `.${randomUUID()}`);
  const old = `${draft}-old`;
  try {
    await mkdir(draft, { recursive: true });
    await cp(source, draft, { recursive: true, filter: isContent });
    const lines = Object.entries(record).map(([key, value]) => `${key} = ${JSON.stringify(value)}\n`);
    await writeFile(join(draft, INSTALL_RECORD), lines.join(''));
    if (await isThere(target)) {
      await rename(target, old);
    }
    await rename(draft, target);
  } finally {
    await rm(draft, { recursive: true, force: true });
    await rm(old, { recursive: true, force: true });
  }
}

/** Pipes, sockets and devices are nothing that a template could write out. */
async function isContent(path: string): Promise<boolean> {
  const found = await lstat(path);
  return !path.endsWith('/.git') && (found.isFile() || found.isDirectory() || found.isSymbolicLink());
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    // expected: most are not
    () => false,
  );
