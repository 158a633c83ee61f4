// The files that a push needs, as facts: what each holds (digest, size) and, when it is small, its bytes.
// `readPushContent` makes them from a locked app whose content is on this machine.
import type { LockedApp } from '@spindle/api';
import type { Expected } from '../digest.ts';

/** Content of at most this many bytes is written into the locked app (spin-contract.md §2.2). */
export const INLINE_MAX_BYTES = 128;

export interface LocalFile extends Expected {
  readonly path: string;
  /** The content, when it is small enough to be inlined. */
  readonly inline?: Buffer | undefined;
}

export interface MountedFile extends LocalFile {
  /** Path below the mount, with `/`; empty when the mount is one file. */
  readonly name: string;
}

export interface PushContent {
  readonly locked: LockedApp;
  /** Wasm files by the `file://` URL that the locked app names. */
  readonly wasm: ReadonlyMap<string, LocalFile>;
  /** The files of each mount by its `file://` URL, sorted by name. */
  readonly mounts: ReadonlyMap<string, readonly MountedFile[]>;
}
