// wasi:filesystem types and preopens as function tables. Local metadata is asked for in this thread: it does not wait
// on a network, and a turn through the thread pool costs more than most such calls. What may take long is streamed in
// pieces (file-streams.ts, directory-entry-stream.ts) or waits in the thread pool (sync).
import { plain, waiting, type HostFunction, type HostInterface } from '../../component/index.ts';
import { attempt } from '../attempt.ts';
import type { Guest } from '../guest.ts';
import type { IoError } from '../io/streams.ts';
import { Descriptor, type DescriptorFlags } from './descriptor.ts';
import { DirectoryEntryStream } from './directory-entry-stream.ts';
import * as entries from './entries.ts';
import { errorCodeOf, FileIoError } from './errors.ts';
import * as files from './files.ts';
import { openAt, type OpenFlags, type PathFlags } from './open-at.ts';
import type { Mount } from './mounts.ts';
import { guestQuotas, type GuestQuotas, type Quota } from './quota.ts';
import { descriptorStat, metadataHash, statOpen, typeOfMode, type NewTimestamp } from './stat.ts';

/** A method that answers at once, with what it throws as error-code. */
const method = <Args extends unknown[]>(call: (self: Descriptor, ...args: Args) => unknown): HostFunction<Guest> =>
  plain((_guest: Guest, self: Descriptor, ...args: Args) => attempt(() => call(self, ...args), errorCodeOf));

const waitingMethod = (call: (self: Descriptor) => Promise<void>): HostFunction<Guest> =>
  waiting((_guest: Guest, self: Descriptor) => attempt(() => call(self), errorCodeOf));

const onFiles: HostInterface<Guest>['functions'] = {
  '[method]descriptor.read-via-stream': method(files.readViaStream),
  '[method]descriptor.write-via-stream': method(files.writeViaStream),
  '[method]descriptor.append-via-stream': method(files.appendViaStream),
  // Advice may be ignored; a directory has no data to advise on.
  '[method]descriptor.advise': method((self) => void self.file),
  '[method]descriptor.sync-data': waitingMethod(files.syncData),
  '[method]descriptor.get-flags': method((self) => self.flags),
  '[method]descriptor.get-type': method((self) => typeOfMode(statOpen(self.fd).mode)),
  '[method]descriptor.set-size': method(files.setSize),
  '[method]descriptor.set-times': method(files.setTimes),
  '[method]descriptor.read': method(files.read),
  '[method]descriptor.write': method(files.write),
  '[method]descriptor.sync': waitingMethod(files.sync),
  '[method]descriptor.stat': method((self) => descriptorStat(statOpen(self.fd))),
  '[method]descriptor.is-same-object': plain((_guest, self: Descriptor, other: Descriptor) =>
    files.isSameObject(self, other),
  ),
  '[method]descriptor.metadata-hash': method((self) => metadataHash(statOpen(self.fd))),
};

const openEntries = ({ directory, quotas }: Descriptor): DirectoryEntryStream =>
  quotas.open.take((place) => new DirectoryEntryStream(directory, place));

const onDirectories: HostInterface<Guest>['functions'] = {
  '[method]descriptor.read-directory': method(openEntries),
  '[method]descriptor.create-directory-at': method(entries.createDirectoryAt),
  '[method]descriptor.stat-at': method((self, flags: PathFlags, path: string) =>
    descriptorStat(entries.statAt(self, flags, path)),
  ),
  '[method]descriptor.set-times-at': method(
    (self, flags: PathFlags, path: string, access: NewTimestamp, modification: NewTimestamp) =>
      entries.setTimesAt(self, flags, path, access, modification),
  ),
  '[method]descriptor.link-at': method(entries.linkAt),
  '[method]descriptor.open-at': method(
    (self, pathFlags: PathFlags, path: string, openFlags: OpenFlags, flags: DescriptorFlags) =>
      openAt(self, pathFlags, path, openFlags, flags),
  ),
  '[method]descriptor.readlink-at': method(entries.readlinkAt),
  '[method]descriptor.remove-directory-at': method(entries.removeDirectoryAt),
  '[method]descriptor.rename-at': method(entries.renameAt),
  '[method]descriptor.symlink-at': method(entries.symlinkAt),
  '[method]descriptor.unlink-file-at': method(entries.unlinkFileAt),
  '[method]descriptor.metadata-hash-at': method((self, flags: PathFlags, path: string) =>
    metadataHash(entries.statAt(self, flags, path)),
  ),
};

export const types: HostInterface<Guest> = {
  resources: { descriptor: Descriptor, 'directory-entry-stream': DirectoryEntryStream },
  functions: {
    ...onFiles,
    ...onDirectories,
    '[method]directory-entry-stream.read-directory-entry': plain((_guest, self: DirectoryEntryStream) =>
      attempt(() => self.next(), errorCodeOf),
    ),
    'filesystem-error-code': plain((_guest, error: IoError) =>
      error instanceof FileIoError ? error.errorCode : undefined,
    ),
  },
};

const QUOTAS = Symbol('wasi-filesystem quotas');

/** `whole` is what all guests have together. */
export function preopens(mounts: readonly Mount[], whole: Quota): HostInterface<Guest> {
  const quotasOf = (guest: Guest): GuestQuotas => guest.state(QUOTAS, () => guestQuotas(whole));
  return {
    repeatable: true,
    resources: {},
    functions: {
      'get-directories': plain((guest: Guest): [Descriptor, string][] =>
        mounts.map(({ root, guestPath, writable }) => [
          new Descriptor(root.hold(), writable, quotasOf(guest)),
          guestPath,
        ]),
      ),
    },
  };
}
