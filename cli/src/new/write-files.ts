// Puts made files where they belong, all of them or none: they are written beside the folder first, and what was moved
// goes back when something fails.
import { randomUUID } from 'node:crypto';
import type { Stats } from 'node:fs';
import { mkdir, readdir, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cannotWrite, folderInTheWay, folderNotEmpty, notAFolder } from '../errors.ts';
import type { RenderedFile } from './render.ts';

export interface WriteOptions {
  /** Absolute. */
  readonly folder: string;
  readonly files: readonly RenderedFile[];
  /** Relative to `folder`. */
  readonly folders?: readonly string[];
  /** Into a folder that has files, over those of the same names. */
  readonly overwrite: boolean;
  /** What else has to work out; when it throws, the files go again. */
  readonly afterwards?: () => Promise<void>;
}

/** Refuses a folder that has files, unless it may. */
export async function checkTarget(folder: string, overwrite: boolean): Promise<void> {
  const entries = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') {
      return [];
    }
    throw error.code === 'ENOTDIR' ? notAFolder(folder) : cannotWrite(folder, error);
  });
  if (entries.length > 0 && !overwrite) {
    throw folderNotEmpty(folder);
  }
}

export async function writeFiles(options: WriteOptions): Promise<void> {
  const { folder, overwrite, afterwards = async () => {} } = options;
  await checkTarget(folder, overwrite);
  const undo: (() => Promise<unknown>)[] = [];
  // In the nearest folder that exists: a rename works only within a file system.
  const draft = join(await nearestFolder(folder), `.spindle-${randomUUID()}`);
  try {
    await writeDraft(draft, options);
    await moveInto(draft, options, undo);
    await afterwards();
  } catch (error) {
    for (const step of undo.toReversed()) {
      await step();
    }
    throw (error as NodeJS.ErrnoException).syscall === undefined ? error : cannotWrite(folder, error);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function writeDraft(draft: string, { files, folders = [] }: WriteOptions): Promise<void> {
  await mkdir(draft, { recursive: true });
  for (const name of folders) {
    await mkdir(join(draft, name), { recursive: true });
  }
  for (const { path, bytes } of files) {
    await mkdir(dirname(join(draft, path)), { recursive: true });
    await writeFile(join(draft, path), bytes);
  }
}

async function moveInto(draft: string, options: WriteOptions, undo: (() => Promise<unknown>)[]): Promise<void> {
  const { folder, files, folders = [] } = options;
  for (const name of folders) {
    await makeFolder(join(folder, name), undo);
  }
  for (const { path } of files) {
    const target = join(folder, path);
    await makeFolder(dirname(target), undo);
    const there = await stateOf(target);
    if (there?.isDirectory()) {
      throw folderInTheWay(target);
    }
    if (there !== undefined) {
      const kept = join(draft, `kept-${randomUUID()}`);
      await rename(target, kept);
      undo.push(() => rename(kept, target));
    } else {
      undo.push(() => rm(target, { force: true }));
    }
    await rename(join(draft, path), target);
  }
}

/** With those above it; they go from the innermost on, as each must be empty. */
async function makeFolder(folder: string, undo: (() => Promise<unknown>)[]): Promise<void> {
  const first = await mkdir(folder, { recursive: true });
  if (first !== undefined) {
    undo.push(...foldersBetween(first, folder).map((made) => () => rmdir(made)));
  }
}

/** Both included, the outermost first. */
const foldersBetween = (first: string, last: string): string[] =>
  last.length > first.length ? [...foldersBetween(first, dirname(last)), last] : [last];

async function nearestFolder(folder: string): Promise<string> {
  const parent = dirname(folder);
  return parent === folder || (await stateOf(parent)) !== undefined ? parent : nearestFolder(parent);
}

/** Undefined where nothing is, as mostly. */
const stateOf = (path: string): Promise<Stats | undefined> => stat(path).catch(() => undefined);
