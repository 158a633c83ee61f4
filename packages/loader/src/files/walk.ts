// Finds the files that a list of segments selects below a folder. It follows a symlink only as far as the folders that
// the app may read from: one that leads out is refused by name, because a component's assets must hold nothing that the
// manifest does not name (spin-contract.md §1.7).
import { realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { nameNotText, specialFile, symlinkLoop, symlinkOutside, unreadablePath } from '../errors.ts';
import { isInside } from './containment.ts';
import { isSystemError, readDirectory, readEntry, typeFrom, type Entry, type EntryType } from './directory.ts';
import { firstPlaces, literalNames, placesBelow, selectsFile, type Places, type Segment } from './segments.ts';

export interface WalkOptions {
  /** Absolute, symlinks resolved: where the segments begin. */
  readonly start: string;
  readonly segments: readonly Segment[];
  /** Absolute, symlinks resolved: the folders that symlinks may lead to. */
  readonly allowed: readonly string[];
  /** A path of the tree as messages should name it. */
  readonly show: (path: string) => string;
  /** Asked for each selected file before anything else is asked of it; `path` is relative to `start`. */
  readonly isExcluded?: (path: string) => boolean;
  /** A real directory that is never entered: the one that copies are written to. */
  readonly skip?: string;
  readonly warn: (message: string) => void;
  readonly signal?: AbortSignal | undefined;
}

export interface FoundFile {
  /** Relative to `start`, through the names of the tree, those of symlinks included. */
  readonly path: string;
  /** Where the bytes are, symlinks resolved. */
  readonly realPath: string;
}

/** A directory on the way, with the real paths from `start` down to it: a symlink to one of them would never end. */
interface Position {
  readonly path: string;
  readonly chain: readonly string[];
  readonly places: Places;
}

interface Target {
  readonly type: EntryType;
  readonly realPath: string;
}

export function walk(options: WalkOptions): AsyncGenerator<FoundFile> {
  return walkFrom(options, { path: '', chain: [options.start], places: firstPlaces(options.segments) });
}

async function* walkFrom(options: WalkOptions, position: Position): AsyncGenerator<FoundFile> {
  const { segments } = options;
  const real = position.chain.at(-1) ?? options.start;
  const only = literalNames(segments, position.places);
  for await (const entry of entriesOf(real, options.show(position.path), only)) {
    options.signal?.throwIfAborted();
    const path = join(position.path, entry.name);
    const below = placesBelow(segments, position.places, entry.name);
    const excluded = options.isExcluded?.(path) === true;
    const selected = selectsFile(segments, position.places, entry.name) && !excluded;
    if (!selected && (below.size === 0 || entry.type === 'file' || entry.type === 'special')) {
      continue;
    }
    refuseUnreadableName(options, position, entry);
    const target = await follow(options, path, join(real, entry.name), entry.type, excluded);
    if (target?.type === 'directory') {
      if (below.size > 0 && target.realPath !== options.skip) {
        refuseLoop(options, path, position.chain, target.realPath);
        yield* walkFrom(options, { path, chain: [...position.chain, target.realPath], places: below });
      }
    } else if (selected && target !== undefined) {
      refuseSpecial(options, path, target.type);
      yield { path, realPath: target.realPath };
    }
  }
}

/** `only`: the names to look at, when no others can fit. */
async function* entriesOf(folder: string, shown: string, only?: readonly string[]): AsyncGenerator<Entry> {
  try {
    if (only === undefined) {
      yield* readDirectory(folder);
    } else {
      for (const name of only) {
        yield await readEntry(folder, name);
      }
    }
  } catch (error) {
    throw isSystemError(error) ? unreadablePath(shown, error) : error;
  }
}

/** What an entry is once its symlinks are resolved; undefined when there is nothing to take. */
async function follow(
  options: WalkOptions,
  path: string,
  full: string,
  type: EntryType,
  excluded: boolean,
): Promise<Target | undefined> {
  if (type === 'absent') {
    return undefined;
  }
  if (type !== 'symlink') {
    return { type, realPath: full };
  }
  const target = await resolveSymlink(full, options.show(path));
  if (target === undefined) {
    options.warn(`${options.show(path)} is left out: it is a symlink to nothing`);
    return undefined;
  }
  if (!options.allowed.some((folder) => isInside(folder, target.realPath))) {
    if (excluded) {
      return undefined;
    }
    throw symlinkOutside(options.show(path), full, target.realPath);
  }
  return target;
}

async function resolveSymlink(path: string, shown: string): Promise<Target | undefined> {
  try {
    const realPath = await realpath(path);
    return { type: typeFrom(await stat(realPath)), realPath };
  } catch (error) {
    // expected: ENOENT and ENOTDIR for a target that is not there, ELOOP for links that only name each other
    if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) {
      return undefined;
    }
    throw isSystemError(error) ? unreadablePath(shown, error) : error;
  }
}

/** Refuses what leads out of the allowed folders, in a tree that is used where it stands and so may hold anything else. */
export async function refuseOutwardSymlinks(
  folder: string,
  { allowed, show, signal }: Pick<WalkOptions, 'allowed' | 'show' | 'signal'>,
  path = '',
): Promise<void> {
  for await (const entry of entriesOf(folder, show(path))) {
    signal?.throwIfAborted();
    const full = join(folder, entry.name);
    const shown = show(join(path, entry.name));
    if (entry.type === 'directory' && entry.nameInBytes === undefined) {
      await refuseOutwardSymlinks(full, { allowed, show, signal }, join(path, entry.name));
    } else if (entry.type === 'symlink') {
      const target = await resolveSymlink(full, shown);
      if (target !== undefined && !allowed.some((one) => isInside(one, target.realPath))) {
        throw symlinkOutside(shown, full, target.realPath);
      }
    }
  }
}

function refuseUnreadableName(options: WalkOptions, position: Position, entry: Entry): void {
  if (entry.nameInBytes !== undefined) {
    throw nameNotText(options.show(position.path), entry.nameInBytes);
  }
}

function refuseLoop(options: WalkOptions, path: string, chain: readonly string[], realPath: string): void {
  if (chain.includes(realPath)) {
    throw symlinkLoop(options.show(path), realPath);
  }
}

function refuseSpecial(options: WalkOptions, path: string, type: EntryType): void {
  if (type === 'special') {
    throw specialFile(options.show(path));
  }
}
