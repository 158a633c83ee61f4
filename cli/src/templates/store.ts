// The templates at hand: those that come with Spindle, and those that were installed, in the place and the layout that
// Spin has too. An installed one comes before the built-in of the same id.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { readToml } from '@spindle/api';
import type { Console } from '../console.ts';
import { BUILT_IN_TEMPLATES } from '../template-folder.ts';
import { readTemplate, type Template } from './template.ts';

/** Where `templates install` puts them, as the Rust crate `dirs` says and so Spin. */
export function installedTemplatesFolder({ env }: Pick<Console, 'env'>): string {
  const given = env['SPIN_DATA_DIR'];
  if (given) {
    return join(given, 'templates');
  }
  const home = env['HOME'] || homedir();
  const xdg = env['XDG_DATA_HOME'];
  const data =
    process.platform === 'darwin'
      ? join(home, 'Library/Application Support')
      : xdg && isAbsolute(xdg)
        ? xdg
        : join(home, '.local/share');
  return join(data, 'spin/templates');
}

/** Of one template below it: readable, and still its own for ids that look alike. */
export const folderOf = (id: string): string =>
  `${id.replaceAll(/[^-\w]/g, '_')}_${createHash('sha256').update(id).digest('hex')}`;

/** Says where a template came from; what `templates install` wrote. */
export const INSTALL_RECORD = '.install.toml';

export interface FoundTemplates {
  /** By id. */
  readonly templates: readonly Template[];
  /** Installed ones that cannot be read, with the reason. */
  readonly broken: readonly { readonly folder: string; readonly error: unknown }[];
}

export async function allTemplates(console: Pick<Console, 'env'>): Promise<FoundTemplates> {
  const found = new Map<string, Template>();
  for (const folder of await subfolders(BUILT_IN_TEMPLATES)) {
    const template = await readTemplate(folder);
    found.set(template.id, template);
  }
  const broken: { folder: string; error: unknown }[] = [];
  for (const folder of await subfolders(installedTemplatesFolder(console))) {
    try {
      const template = await readTemplate(folder, await installedFrom(folder));
      found.set(template.id, template);
    } catch (error) {
      // expected: another version's template; the others are of use all the same
      broken.push({ folder, error });
    }
  }
  return { templates: [...found.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1)), broken };
}

/** Those whose name begins with a dot are being installed or removed. */
export async function subfolders(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    // expected: nothing was installed yet
    if (error.code === 'ENOENT') {
      return [];
    }
    throw error;
  });
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ name }) => join(folder, name))
    .toSorted();
}

/** For lists of templates. */
async function installedFrom(folder: string): Promise<string> {
  const { git, dir, url } = await readInstallRecord(folder);
  return git ?? url ?? dir ?? '';
}

/** One of git, dir and url. */
export interface InstallRecord {
  readonly git?: string;
  readonly branch?: string;
  readonly dir?: string;
  /** Of an archive. */
  readonly url?: string;
}

export async function readInstallRecord(folder: string): Promise<InstallRecord> {
  try {
    const file = join(folder, INSTALL_RECORD);
    const record = readToml(await readFile(file, 'utf8'), file, 'SPK5010').table();
    const fields = ['git', 'branch', 'dir', 'url'].flatMap((name) => {
      const value = record.get(name)?.string();
      return value === undefined ? [] : [[name, value]];
    });
    return Object.fromEntries(fields) as InstallRecord;
  } catch {
    // expected: older installations have no record, and nothing depends on it
    return {};
  }
}
