// The `directory-entry-stream` resource: entries one by one, so that a large directory never keeps the thread long.
import { opendirSync, type Dir, type Dirent } from 'node:fs';
import { textOf } from './entries.ts';
import type { OpenDirectory } from './handles.ts';
import { typeOfEntry, type DescriptorType } from './stat.ts';

export interface DirectoryEntry {
  readonly type: DescriptorType;
  readonly name: string;
}

export class DirectoryEntryStream implements Disposable {
  readonly #entries: Dir;

  constructor(directory: OpenDirectory) {
    // The declared options leave out 'buffer', which the documentation and the code have.
    this.#entries = opendirSync(directory.anchor, { encoding: 'buffer' as BufferEncoding });
  }

  /** Undefined after the last one. `.` and `..` are left out. */
  next(): DirectoryEntry | undefined {
    const entry = this.#entries.readSync() as Dirent<Buffer> | null;
    return entry === null ? undefined : { type: typeOfEntry(entry), name: textOf(entry.name) };
  }

  [Symbol.dispose](): void {
    this.#entries.closeSync();
  }
}
