// The `directory-entry-stream` resource: entries one by one, so that a large directory never keeps the thread long.
import { opendirSync, type Dir, type Dirent } from 'node:fs';
import { textOf } from './entries.ts';
import type { OpenDirectory } from './handles.ts';
import type { Place } from './quota.ts';
import { typeOfEntry, type DescriptorType } from './stat.ts';

export interface DirectoryEntry {
  readonly type: DescriptorType;
  readonly name: string;
}

export class DirectoryEntryStream implements Disposable {
  readonly #entries: Dir;
  readonly #place: Place;

  /** `place` is given back when the directory is closed. */
  constructor(directory: OpenDirectory, place: Place) {
    // The declared options leave out 'buffer', which the documentation and the code have.
    this.#entries = opendirSync(directory.anchor, { encoding: 'buffer' as BufferEncoding });
    this.#place = place;
    // Node closes a directory that was lost, and says so in a warning.
    place.endWith(this);
  }

  /** Undefined after the last one. `.` and `..` are left out. */
  next(): DirectoryEntry | undefined {
    const entry = this.#entries.readSync() as Dirent<Buffer> | null;
    return entry === null ? undefined : { type: typeOfEntry(entry), name: textOf(entry.name) };
  }

  [Symbol.dispose](): void {
    this.#entries.closeSync();
    this.#place[Symbol.dispose]();
  }
}
