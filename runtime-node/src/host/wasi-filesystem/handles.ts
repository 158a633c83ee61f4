// Open files and directories of the host. A handle is counted: the descriptor, its streams and reads in flight each
// hold it, and the last to let go closes it, so that no number is reused under a read in the thread pool.
import { closeSync, constants, openSync } from 'node:fs';
import { errnoOf } from './errors.ts';

/** A name under which the kernel finds exactly the open file again, whatever has become of its path. */
export type Anchor = (fd: number, path: string) => string;

/** Linux: a magic link to the open file itself. */
export const procAnchor: Anchor = (fd) => `/proc/self/fd/${fd}`;

/** Elsewhere: the path it was opened by. Another process that swaps a parent for a link may mislead it. */
export const pathAnchor: Anchor = (_fd, path) => path;

/** What the kernel has open, and what it counts against. */
interface Opened {
  readonly fd: number;
  readonly place: Disposable | undefined;
  closed: boolean;
}

function close(opened: Opened): void {
  if (!opened.closed) {
    closeSync(opened.fd);
    // Without a call in between: when this is false the file is open.
    opened.closed = true;
  }
  opened.place?.[Symbol.dispose]();
}

/**
 * Closes what was lost. A guest that lets go of a file at the very end of its stack ends `release` too, anywhere on the
 * way to the kernel; request by request it would take all files from the process.
 */
const lost = new FinalizationRegistry<Opened>((opened) => {
  try {
    close(opened);
  } catch (error) {
    // expected: the kernel may say that it could not write all; nobody is left to be told
    if (errnoOf(error) === undefined) {
      throw error;
    }
  }
});

class Handle {
  readonly fd: number;
  readonly path: string;
  readonly anchorOf: Anchor;
  readonly #opened: Opened;
  #holders = 1;

  /** `place` is given back when the file is closed. */
  constructor(fd: number, path: string, anchorOf: Anchor, place?: Disposable) {
    this.fd = fd;
    this.path = path;
    this.anchorOf = anchorOf;
    this.#opened = { fd, place, closed: false };
    lost.register(this, this.#opened, this.#opened);
  }

  get anchor(): string {
    return this.anchorOf(this.fd, this.path);
  }

  hold(): this {
    this.#holders += 1;
    return this;
  }

  release(): void {
    this.#holders -= 1;
    if (this.#holders === 0) {
      close(this.#opened);
      lost.unregister(this.#opened);
    }
  }
}

/** How the guest asked to open a file. */
export interface AccessMode {
  readonly read: boolean;
  readonly write: boolean;
}

export class OpenFile extends Handle {
  readonly mode: AccessMode;

  constructor(fd: number, path: string, anchorOf: Anchor, mode: AccessMode, place?: Disposable) {
    super(fd, path, anchorOf, place);
    this.mode = mode;
  }
}

/** Never follows a link, never waits for the other end of a pipe, never takes a terminal. */
export const SAFE_OPEN = constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY;

export class OpenDirectory extends Handle {
  /** The path of one entry. `name` is one component, never `..`. */
  entry(name: string): string {
    return `${this.anchor}/${name}`;
  }

  /** Throws ENOTDIR when the entry is not a directory itself, a link to one included. */
  openDirectory(name: string): OpenDirectory {
    const fd = openSync(this.entry(name), constants.O_RDONLY | constants.O_DIRECTORY | SAFE_OPEN);
    try {
      return new OpenDirectory(fd, `${this.path}/${name}`, this.anchorOf);
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }
}
