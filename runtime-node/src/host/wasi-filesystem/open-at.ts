// descriptor.open-at: opens a file or directory below a directory, with the permissions of its mount.
import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { Descriptor, type DescriptorFlags } from './descriptor.ts';
import { FilesystemError } from './errors.ts';
import { OpenDirectory, OpenFile, SAFE_OPEN, type AccessMode } from './handles.ts';
import { withEntry, type Entry } from './resolve.ts';

export interface PathFlags {
  readonly symlinkFollow: boolean;
}

export interface OpenFlags {
  readonly create: boolean;
  readonly directory: boolean;
  readonly exclusive: boolean;
  readonly truncate: boolean;
}

/** What a new file may be, less the process's umask. */
const NEW_FILE_MODE = 0o666;

export function openAt(
  base: Descriptor,
  pathFlags: PathFlags,
  path: string,
  openFlags: OpenFlags,
  flags: DescriptorFlags,
): Descriptor {
  const { directory } = base;
  refuse(base.mutable, openFlags, flags);
  const mode = accessMode(openFlags, flags);
  // O_EXCL means that there is nothing, not even a link, so there is nothing to follow.
  const follow = pathFlags.symlinkFollow && !(openFlags.create && openFlags.exclusive);
  return withEntry(directory, path, follow, (entry) => {
    if (entry.directoryOnly && openFlags.create) {
      throw new FilesystemError('is-directory');
    }
    return openEntry(entry, kernelFlags(openFlags, mode, entry), mode, base);
  });
}

function refuse(mutable: boolean, openFlags: OpenFlags, flags: DescriptorFlags): void {
  const changes = openFlags.create || openFlags.truncate || flags.write || flags.mutateDirectory;
  if (changes && !mutable) {
    throw new FilesystemError('not-permitted');
  }
  // Every write would wait for the disk in this thread; wasmtime refuses them too.
  if (flags.fileIntegritySync || flags.dataIntegritySync || flags.requestedWriteSync) {
    throw new FilesystemError('unsupported');
  }
  if (openFlags.directory && (openFlags.create || openFlags.exclusive || openFlags.truncate)) {
    throw new FilesystemError('invalid');
  }
}

/** Creating and truncating are ways of writing; what is opened for nothing is opened for reading. */
function accessMode(openFlags: OpenFlags, flags: DescriptorFlags): AccessMode {
  const write = flags.write || openFlags.create || openFlags.truncate;
  return { read: flags.read || !write, write };
}

function kernelFlags(openFlags: OpenFlags, mode: AccessMode, entry: Entry): number {
  const access = mode.write ? (mode.read ? constants.O_RDWR : constants.O_WRONLY) : constants.O_RDONLY;
  return (
    SAFE_OPEN |
    access |
    (openFlags.create ? constants.O_CREAT : 0) |
    (openFlags.create && openFlags.exclusive ? constants.O_EXCL : 0) |
    (openFlags.truncate ? constants.O_TRUNC : 0) |
    (openFlags.directory || entry.directoryOnly ? constants.O_DIRECTORY : 0)
  );
}

function openEntry(entry: Entry, flags: number, mode: AccessMode, { mutable, quotas }: Descriptor): Descriptor {
  return quotas.open.take((place) => {
    const fd = openSync(entry.parent.entry(entry.name), flags, NEW_FILE_MODE);
    return new Descriptor(owned(fd, entry, mode, place), mutable, quotas);
  });
}

/** Whoever owns `fd` from now on; it is closed when nobody does. */
function owned(fd: number, { parent, name }: Entry, mode: AccessMode, place: Disposable): OpenFile | OpenDirectory {
  try {
    const path = `${parent.path}/${name}`;
    const stat = fstatSync(fd);
    if (stat.isDirectory()) {
      return new OpenDirectory(fd, path, parent.anchorOf, place);
    }
    if (stat.isFile()) {
      return new OpenFile(fd, path, parent.anchorOf, mode, place);
    }
    // A pipe or a device could keep this thread, or act on being read; no mount is for that.
    throw new FilesystemError('not-permitted');
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}
