// The functions of a descriptor on what it has open: read, write, change and sync a file, and look at it.
import {
  fdatasync,
  fsync,
  ftruncateSync,
  futimesSync,
  openSync,
  constants,
  readSync,
  writeSync,
  type NoParamCallback,
} from 'node:fs';
import type { Descriptor } from './descriptor.ts';
import { FilesystemError } from './errors.ts';
import { FileInputStream, FileOutputStream, SYNC_BYTES, writeOffset } from './file-streams.ts';
import { OpenFile } from './handles.ts';
import { statOpen, utimesSeconds, type NewTimestamp } from './stat.ts';

/** At most SYNC_BYTES, as a guest must expect: it tells how many it got. The flag says that the end was reached. */
export function read(descriptor: Descriptor, length: bigint, offset: bigint): [Uint8Array, boolean] {
  const { file } = descriptor;
  const size = length > SYNC_BYTES ? SYNC_BYTES : Number(length);
  const buffer = new Uint8Array(size);
  const count = readSync(file.fd, buffer, 0, size, offset);
  return [buffer.subarray(0, count), count === 0];
}

/** At most SYNC_BYTES at once; the answer says how many. */
export function write(descriptor: Descriptor, bytes: Uint8Array, offset: bigint): bigint {
  const { mutableFile } = descriptor;
  const length = Math.min(bytes.length, SYNC_BYTES);
  return BigInt(writeSync(mutableFile.fd, bytes, 0, length, writeOffset(offset)));
}

export function readViaStream(descriptor: Descriptor, offset: bigint): FileInputStream {
  const { file } = descriptor;
  if (!file.mode.read) {
    throw new FilesystemError('bad-descriptor');
  }
  return descriptor.quotas.readers.take(
    (place) => new FileInputStream(file, { offset, immutable: !descriptor.mutable, place }),
  );
}

export function writeViaStream(descriptor: Descriptor, offset: bigint): FileOutputStream {
  return new FileOutputStream(fileToWrite(descriptor), offset);
}

/** Through a handle of its own, opened for appending: the kernel then finds the end at each write, also for others. */
export function appendViaStream(descriptor: Descriptor): FileOutputStream {
  const { anchor, path, anchorOf } = fileToWrite(descriptor);
  const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_NONBLOCK | constants.O_NOCTTY;
  const appender = descriptor.quotas.open.take(
    (place) => new OpenFile(openSync(anchor, flags), path, anchorOf, { read: false, write: true }, place),
  );
  try {
    return new FileOutputStream(appender, 'end');
  } finally {
    // The stream has its own hold by now.
    appender.release();
  }
}

function fileToWrite(descriptor: Descriptor): OpenFile {
  const { file } = descriptor;
  if (!descriptor.mutable || !file.mode.write) {
    throw new FilesystemError('bad-descriptor');
  }
  return file;
}

export function setSize(descriptor: Descriptor, size: bigint): void {
  ftruncateSync(descriptor.mutableFile.fd, writeOffset(size));
}

export function setTimes(descriptor: Descriptor, access: NewTimestamp, modification: NewTimestamp): void {
  if (!descriptor.mutable) {
    throw new FilesystemError('not-permitted');
  }
  const { fd } = descriptor;
  const now = Date.now() / 1000;
  futimesSync(
    fd,
    utimesSeconds(access, now, () => statOpen(fd).atimeNs),
    utimesSeconds(modification, now, () => statOpen(fd).mtimeNs),
  );
}

/** These wait for the disk, so they wait in the thread pool, and hold the file meanwhile. */
export const sync = (descriptor: Descriptor): Promise<void> => inThreadPool(descriptor, fsync);
export const syncData = (descriptor: Descriptor): Promise<void> => inThreadPool(descriptor, fdatasync);

function inThreadPool(descriptor: Descriptor, operation: (fd: number, done: NoParamCallback) => void): Promise<void> {
  const node = descriptor.node.hold();
  return new Promise((resolve, reject) => {
    operation(node.fd, (error) => {
      node.release();
      if (error === null) {
        resolve();
      } else {
        reject(error);
      }
    });
  });
}

export function isSameObject(one: Descriptor, other: Descriptor): boolean {
  const [a, b] = [statOpen(one.fd), statOpen(other.fd)];
  return a.dev === b.dev && a.ino === b.ino;
}
