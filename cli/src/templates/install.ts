// `spindle templates install`: every template of a folder or of a Git repository goes into the store, each whole or
// not at all.
import { randomUUID } from 'node:crypto';
import { cp, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Console } from '../console.ts';
import { exactlyOneSource, noTemplatesIn } from '../errors.ts';
import { makeWorkDir } from '../work-dir.ts';
import { clone, gitUrl } from './git.ts';
import { folderOf, INSTALL_RECORD, installedTemplatesFolder, subfolders } from './store.ts';
import { table } from './table.ts';
import { readTemplate, type Template } from './template.ts';

export interface InstallFlags {
  git?: string;
  /** Older name of git. */
  repo?: string;
  branch?: string;
  dir?: string;
  upgrade?: boolean;
  /** Older name of upgrade. */
  update?: boolean;
}

export async function install(flags: InstallFlags, console: Console): Promise<void> {
  const git = flags.git ?? flags.repo;
  const update = flags.upgrade ?? flags.update ?? false;
  if ((git === undefined) === (flags.dir === undefined)) {
    throw exactlyOneSource();
  }
  if (git === undefined) {
    const folder = resolve(console.cwd, flags.dir ?? '');
    await installFrom(folder, { record: { dir: folder }, update }, console);
    return;
  }
  const workDir = await makeWorkDir('spindle-templates-');
  try {
    const url = gitUrl(git);
    console.err('Copying remote template source');
    await clone(url, flags.branch, workDir.path);
    await installFrom(workDir.path, { record: { git: url }, update }, console);
  } finally {
    workDir.remove();
  }
}

interface Installation {
  readonly record: Readonly<Record<string, string>>;
  /** Replaces what is installed already; otherwise it is skipped. */
  readonly update: boolean;
}

async function installFrom(source: string, installation: Installation, console: Console): Promise<void> {
  // All are read before any is written: a mistake in the last one leaves nothing half installed.
  const templates = await templatesIn(source);
  const store = installedTemplatesFolder(console);
  const installed: Template[] = [];
  const skipped: Template[] = [];
  for (const template of templates) {
    const target = join(store, folderOf(template.id));
    if (!installation.update && (await isThere(target))) {
      skipped.push(template);
    } else {
      await place(template.folder, target, installation.record);
      installed.push(template);
    }
  }
  console.out(`Installed ${installed.length} template(s)`);
  table(installed.map(({ id, description }) => [id, description])).forEach(console.out);
  if (skipped.length > 0) {
    console.out(`\nSkipped ${skipped.length} template(s)`);
    table(skipped.map(({ id }) => [id, 'Already exists: --upgrade replaces it'])).forEach(console.out);
  }
}

/** Spin's rule: the templates of a source stand in its folder `templates`. One template by itself is taken too. */
async function templatesIn(source: string): Promise<Template[]> {
  if (await isThere(join(source, 'metadata/spin-template.toml'))) {
    return [await readTemplate(source)];
  }
  const folders = await subfolders(join(source, 'templates'));
  if (folders.length === 0) {
    throw noTemplatesIn(source);
  }
  return Promise.all(folders.map((folder) => readTemplate(folder)));
}

/** Beside its place first, so that no reader and no failure ever meets half of it. */
async function place(source: string, target: string, record: Readonly<Record<string, string>>): Promise<void> {
  const draft = join(target, '..', `.${randomUUID()}`);
  const old = `${draft}-old`;
  try {
    await mkdir(draft, { recursive: true });
    await cp(source, draft, { recursive: true, filter: (path) => !path.endsWith('/.git') });
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

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    // expected: most are not
    () => false,
  );
