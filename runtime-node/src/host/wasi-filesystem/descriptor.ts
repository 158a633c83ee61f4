// The `descriptor` resource: an open file or directory and what the guest may do with it.
import { FilesystemError } from './errors.ts';
import { OpenDirectory, OpenFile } from './handles.ts';
import type { GuestQuotas } from './quota.ts';

export interface DescriptorFlags {
  readonly read: boolean;
  readonly write: boolean;
  readonly fileIntegritySync: boolean;
  readonly dataIntegritySync: boolean;
  readonly requestedWriteSync: boolean;
  readonly mutateDirectory: boolean;
}

export class Descriptor implements Disposable {
  readonly #node: OpenFile | OpenDirectory;
  /** Whether the mount may be written to; inherited by everything opened below. */
  readonly mutable: boolean;
  /** What is opened through it counts here; inherited too. */
  readonly quotas: GuestQuotas;

  /** Takes over one hold of `node`. */
  constructor(node: OpenFile | OpenDirectory, mutable: boolean, quotas: GuestQuotas) {
    this.#node = node;
    this.mutable = mutable;
    this.quotas = quotas;
  }

  get fd(): number {
    return this.#node.fd;
  }

  get node(): OpenFile | OpenDirectory {
    return this.#node;
  }

  get file(): OpenFile {
    if (this.#node instanceof OpenFile) {
      return this.#node;
    }
    throw new FilesystemError('bad-descriptor');
  }

  get directory(): OpenDirectory {
    if (this.#node instanceof OpenDirectory) {
      return this.#node;
    }
    throw new FilesystemError('not-directory');
  }

  /** The directory, for an operation that changes it. */
  get mutableDirectory(): OpenDirectory {
    const { directory } = this;
    this.#requireMutable();
    return directory;
  }

  /** The file, for an operation that changes it. */
  get mutableFile(): OpenFile {
    const { file } = this;
    this.#requireMutable();
    return file;
  }

  get flags(): DescriptorFlags {
    const directory = this.#node instanceof OpenDirectory;
    return {
      read: directory || this.#node.mode.read,
      write: !directory && this.#node.mode.write,
      fileIntegritySync: false,
      dataIntegritySync: false,
      requestedWriteSync: false,
      mutateDirectory: directory && this.mutable,
    };
  }

  [Symbol.dispose](): void {
    this.#node.release();
  }

  #requireMutable(): void {
    if (!this.mutable) {
      throw new FilesystemError('not-permitted');
    }
  }
}
