// Where the stdout and stderr of guests go: one file per component and stream, and the runtime's own stderr
// (spin-contract.md §5.4). Taking bytes never makes a guest wait.
import { createWriteStream, mkdirSync, writeFileSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '@spindle/api';
import type { Stdio } from '../host/guest.ts';

export interface GuestOutputOptions {
  /** Directory for the files; none are written without it. */
  readonly directory?: string;
  /** Components whose files are emptied first, also those that will print nothing. */
  readonly truncate: readonly string[];
  /** Components whose output is echoed: all, or only these. */
  readonly follow: 'all' | ReadonlySet<string>;
  readonly echo: (bytes: Uint8Array) => void;
}

export class GuestOutput {
  readonly #options: GuestOutputOptions;
  readonly #files = new Map<string, WriteStream>();

  constructor(options: GuestOutputOptions) {
    this.#options = options;
    if (options.directory !== undefined) {
      prepareDirectory(options.directory, options.truncate);
    }
  }

  write(componentId: string, stream: Stdio, bytes: Uint8Array): void {
    const { directory, follow, echo } = this.#options;
    if (directory !== undefined) {
      this.#file(directory, componentId, stream).write(bytes);
    }
    if (follow === 'all' || follow.has(componentId)) {
      echo(bytes);
    }
  }

  /** Resolves when the files do not lag behind: at once, unless the disk is slower than the guests. */
  async ready(): Promise<void> {
    for (const file of this.#files.values()) {
      while (file.writableNeedDrain && !file.destroyed) {
        await drained(file);
      }
    }
  }

  /** Resolves when everything is in the files. */
  async close(): Promise<void> {
    await Promise.all([...this.#files.values()].map((file) => new Promise<void>((done) => file.end(done))));
  }

  #file(directory: string, componentId: string, stream: Stdio): WriteStream {
    const name = fileName(componentId, stream);
    let file = this.#files.get(name);
    if (file === undefined) {
      file = createWriteStream(join(directory, name), { flags: 'a' });
      // A full disk must not end the app; the echo still has the text.
      file.on('error', () => {});
      this.#files.set(name, file);
    }
    return file;
  }
}

const drained = (file: WriteStream): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      file.off('drain', done);
      file.off('close', done);
      resolve();
    };
    file.on('drain', done);
    file.on('close', done);
  });

const fileName = (componentId: string, stream: Stdio): string =>
  `${componentId.replace(/[^A-Za-z0-9_.-]/g, '_')}_${stream}.txt`;

function prepareDirectory(directory: string, truncate: readonly string[]): void {
  try {
    mkdirSync(directory, { recursive: true });
    for (const name of truncate.flatMap((id) => [fileName(id, 'stdout'), fileName(id, 'stderr')])) {
      writeFileSync(join(directory, name), '');
    }
  } catch (cause) {
    throw new UserError(`cannot write to the log directory ${directory}: ${(cause as Error).message}`, {
      code: 'SPK4006',
      file: directory,
      field: '--log-dir',
      remedy: 'Give a directory that can be written, or --log-dir "" for no log files.',
      cause,
    });
  }
}
