// The functions of a directory descriptor on paths, except open-at: look at, make, move and remove entries.
import {
  linkSync,
  lutimesSync,
  mkdirSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
  type BigIntStats,
} from 'node:fs';
import type { Descriptor } from './descriptor.ts';
import { FilesystemError } from './errors.ts';
import type { PathFlags } from './open-at.ts';
import { withEntry, type Entry } from './resolve.ts';
import { statEntry, utimesSeconds, type NewTimestamp } from './stat.ts';

const pathOf = ({ parent, name }: Entry): string => parent.entry(name);

export function statAt(base: Descriptor, flags: PathFlags, path: string): BigIntStats {
  return withEntry(base.directory, path, flags.symlinkFollow, (entry) => statEntry(pathOf(entry)));
}

export function setTimesAt(
  base: Descriptor,
  flags: PathFlags,
  path: string,
  access: NewTimestamp,
  modification: NewTimestamp,
): void {
  withEntry(base.mutableDirectory, path, flags.symlinkFollow, (entry) => {
    const target = pathOf(entry);
    const now = Date.now() / 1000;
    const current = (name: 'atimeNs' | 'mtimeNs') => (): bigint => statEntry(target)[name];
    // lutimes: links that were to be followed have been followed already.
    lutimesSync(
      target,
      utimesSeconds(access, now, current('atimeNs')),
      utimesSeconds(modification, now, current('mtimeNs')),
    );
  });
}

export function createDirectoryAt(base: Descriptor, path: string): void {
  withEntry(base.mutableDirectory, path, false, (entry) => mkdirSync(pathOf(entry)));
}

export function removeDirectoryAt(base: Descriptor, path: string): void {
  withEntry(base.mutableDirectory, path, false, (entry) => rmdirSync(pathOf(entry)));
}

export function unlinkFileAt(base: Descriptor, path: string): void {
  withEntry(base.mutableDirectory, path, false, (entry) => unlinkSync(pathOf(entry)));
}

/** An absolute target is refused, as in cap-std: no mount could make it mean the right thing. */
export function readlinkAt(base: Descriptor, path: string): string {
  return withEntry(base.directory, path, false, (entry) => {
    const target = readlinkSync(pathOf(entry), 'buffer');
    return relativeTarget(textOf(target));
  });
}

/** A target that leads out of the mount may be written down; nothing here will ever follow it there. */
export function symlinkAt(base: Descriptor, target: string, path: string): void {
  const { mutableDirectory } = base;
  relativeTarget(target);
  withEntry(mutableDirectory, path, false, (entry) => {
    requireNoSlash(entry);
    symlinkSync(target, pathOf(entry));
  });
}

export function linkAt(base: Descriptor, flags: PathFlags, path: string, newBase: Descriptor, newPath: string): void {
  const [from, to] = [base.mutableDirectory, newBase.mutableDirectory];
  if (flags.symlinkFollow) {
    throw new FilesystemError('invalid');
  }
  withEntry(from, path, false, (entry) =>
    withEntry(to, newPath, false, (newEntry) => {
      requireNoSlash(newEntry);
      linkSync(pathOf(entry), pathOf(newEntry));
    }),
  );
}

export function renameAt(base: Descriptor, path: string, newBase: Descriptor, newPath: string): void {
  const [from, to] = [base.mutableDirectory, newBase.mutableDirectory];
  withEntry(from, path, false, (entry) =>
    withEntry(to, newPath, false, (newEntry) => {
      const source = pathOf(entry);
      if (newEntry.directoryOnly && !statEntry(source).isDirectory()) {
        throw new FilesystemError('not-directory');
      }
      renameSync(source, pathOf(newEntry));
    }),
  );
}

function relativeTarget(target: string): string {
  if (target.startsWith('/')) {
    throw new FilesystemError('not-permitted');
  }
  if (target.includes('\0')) {
    throw new FilesystemError('invalid');
  }
  return target;
}

/** `name/` can only mean a directory, and what is to be made is none. */
function requireNoSlash({ directoryOnly }: Entry): void {
  if (directoryOnly) {
    throw new FilesystemError('no-entry');
  }
}

/** Names are bytes to the kernel and text to a guest. */
export function textOf(name: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(name);
  } catch (error) {
    // expected: a name that is no UTF-8
    throw error instanceof TypeError ? new FilesystemError('illegal-byte-sequence') : error;
  }
}
