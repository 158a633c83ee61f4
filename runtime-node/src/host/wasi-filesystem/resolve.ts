// From a guest's path to one entry of one open directory, without ever leaving the directory it starts from.
//
// The kernel is never given more than one component at a time, and never follows a link for us: each directory on the
// way is opened with O_NOFOLLOW below the one opened before (its anchor stands for openat, which Node lacks), links
// are read and walked here, `..` goes back to the directory we came from, and `..` above the start, absolute paths and
// absolute links are refused with `not-permitted`. So it does not matter what others rename or link meanwhile: the walk
// holds the directories it has passed, and what is done in the end is done in the directory found. The same rules as
// cap-std, which Spin uses (spin-contract.md §4.11).
import { lstatSync, readlinkSync } from 'node:fs';
import { errnoOf, FilesystemError } from './errors.ts';
import type { OpenDirectory } from './handles.ts';

/** Linux's MAXSYMLINKS. */
const MAX_LINKS = 40;
/** Linux's PATH_MAX, without the final zero. */
const MAX_PATH_BYTES = 4095;

export interface Entry {
  readonly parent: OpenDirectory;
  /** One component, or `.` for the directory itself; may not exist. Never a link when links were to be followed. */
  readonly name: string;
  /** The path ended in a slash, so that it may only mean a directory. */
  readonly directoryOnly: boolean;
}

/** Calls `use` with the entry that `path` means; the directories of the way stay open until it returns. */
export function withEntry<T>(base: OpenDirectory, path: string, followLast: boolean, use: (entry: Entry) => T): T {
  const walk = new Walk(base);
  try {
    return use(walk.to(path, followLast));
  } finally {
    walk.leaveAll();
  }
}

class Walk {
  readonly #base: OpenDirectory;
  /** The directories entered below the base, innermost last. */
  readonly #entered: OpenDirectory[] = [];
  #links = 0;

  constructor(base: OpenDirectory) {
    this.#base = base;
  }

  to(path: string, followLast: boolean): Entry {
    let directoryOnly = path.endsWith('/');
    const pending = componentsOf(path).toReversed();
    for (;;) {
      const name = pending.pop();
      const last = pending.length === 0;
      if (name === undefined || (name === '.' && last)) {
        return { parent: this.#here, name: '.', directoryOnly };
      }
      if (name === '.') {
        continue;
      }
      if (name === '..') {
        this.#leave();
        continue;
      }
      if (last && !followLast && !directoryOnly) {
        return { parent: this.#here, name, directoryOnly };
      }
      const link = last ? this.#linkAt(name, directoryOnly) : this.#enter(name);
      if (link !== undefined) {
        this.#countLink();
        directoryOnly ||= last && link.endsWith('/');
        pending.push(...componentsOf(link).toReversed());
      } else if (last) {
        return { parent: this.#here, name, directoryOnly };
      }
    }
  }

  leaveAll(): void {
    for (const directory of this.#entered.splice(0)) {
      directory.release();
    }
  }

  get #here(): OpenDirectory {
    return this.#entered.at(-1) ?? this.#base;
  }

  /** Goes into a directory, or gives the target of a link. */
  #enter(name: string): string | undefined {
    try {
      this.#entered.push(this.#here.openDirectory(name));
      return undefined;
    } catch (error) {
      if (errnoOf(error) !== 'ENOTDIR' && errnoOf(error) !== 'ELOOP') {
        throw error;
      }
    }
    const link = this.#linkAt(name, false);
    if (link === undefined) {
      throw new FilesystemError('not-directory');
    }
    return link;
  }

  /** The target when the entry is a link. */
  #linkAt(name: string, directoryOnly: boolean): string | undefined {
    const path = this.#here.entry(name);
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat?.isSymbolicLink() === true) {
      return readlinkSync(path);
    }
    if (directoryOnly && stat?.isDirectory() === false) {
      throw new FilesystemError('not-directory');
    }
    return undefined;
  }

  #leave(): void {
    const directory = this.#entered.pop();
    if (directory === undefined) {
      throw new FilesystemError('not-permitted');
    }
    directory.release();
  }

  #countLink(): void {
    this.#links += 1;
    if (this.#links > MAX_LINKS) {
      throw new FilesystemError('loop');
    }
  }
}

/** Components without empty ones, and without `.` unless it is the last: `link/.` means what the link points to. */
function componentsOf(path: string): string[] {
  if (path === '') {
    throw new FilesystemError('no-entry');
  }
  if (path.startsWith('/')) {
    throw new FilesystemError('not-permitted');
  }
  if (path.includes('\0')) {
    throw new FilesystemError('invalid');
  }
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) {
    throw new FilesystemError('name-too-long');
  }
  return path
    .split('/')
    .filter((component, index, all) => component !== '' && (component !== '.' || index === all.length - 1));
}
