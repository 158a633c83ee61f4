// Writes files so that a final name only ever has whole content: a temporary name in the same directory, fsync,
// rename. A process that is killed leaves a temporary file, which `removeStaleFiles` finds later.
import { randomBytes } from 'node:crypto';
import { open, readdir, rename, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isMissing } from '../file-errors.ts';

const TEMPORARY = /^\.tmp-\d+-[0-9a-f]{16}$/;

/** A file being written under a temporary name; ends by `commit` or `abandon`, never by both. */
export interface PendingFile {
  readonly path: string;
  write(chunk: Uint8Array): Promise<void>;
  /** Gives the content to the disk and the final name to the file; replaces what had it. */
  commit(finalPath: string): Promise<void>;
  abandon(): Promise<void>;
}

export interface AtomicOptions {
  /** Permission bits; the process's mask applies. */
  readonly mode?: number;
}

export async function createPendingFile(directory: string, { mode = 0o644 }: AtomicOptions = {}): Promise<PendingFile> {
  // The process and a random number: two threads or containers may share a process number.
  const path = join(directory, `.tmp-${process.pid}-${randomBytes(8).toString('hex')}`);
  const file = await open(path, 'wx', mode);
  let closed = false;
  return {
    path,
    write: async (chunk) => {
      for (let at = 0; at < chunk.byteLength;) {
        at += (await file.write(chunk, at)).bytesWritten;
      }
    },
    commit: async (finalPath) => {
      // Without the sync a power cut could leave the name with an empty file behind it. The directory needs none:
      // a rename that is lost only means that the content is fetched again.
      await file.sync();
      closed = true;
      await file.close();
      await rename(path, finalPath);
    },
    abandon: async () => {
      if (!closed) {
        closed = true;
        await file.close();
      }
      await unlink(path).catch((error: unknown) => {
        // expected: a cleaner of another process may have been faster, or `commit` failed after its rename.
        if (!isMissing(error)) {
          throw error;
        }
      });
    },
  };
}

/** Runs `fill` on a pending file and commits it under the name that `fill` gives; abandons it when that fails. */
export async function writeAtomically(
  directory: string,
  fill: (file: PendingFile) => Promise<string>,
  options?: AtomicOptions,
): Promise<string> {
  const file = await createPendingFile(directory, options);
  try {
    const finalPath = await fill(file);
    await file.commit(finalPath);
    return finalPath;
  } catch (error) {
    await file.abandon();
    throw error;
  }
}

export async function writeFileAtomically(path: string, bytes: Uint8Array, options?: AtomicOptions): Promise<void> {
  const fill = async (file: PendingFile): Promise<string> => {
    await file.write(bytes);
    return path;
  };
  await writeAtomically(dirname(path), fill, options);
}

/** Removes temporary files that nobody has written to for `ageMs`. */
export async function removeStaleFiles(directory: string, ageMs: number, now: number): Promise<void> {
  const names = await readdir(directory);
  for (const name of names.filter((one) => TEMPORARY.test(one))) {
    const path = join(directory, name);
    try {
      // The time of the last write: a slow download that still gets data is never stale.
      if (now - (await stat(path)).mtimeMs > ageMs) {
        await unlink(path);
      }
    } catch (error) {
      // expected: its owner has renamed it, or another process has removed it.
      if (!isMissing(error)) {
        throw error;
      }
    }
  }
}
