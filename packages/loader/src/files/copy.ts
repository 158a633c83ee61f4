// Puts the assets of a component below its own directory. Copies are independent of their sources (a component may be
// allowed to write to them); where the file system can share the blocks until then, it does.
import { access, constants, copyFile, lstat, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ContentPath } from '@spindle/api';
import { copyFailed, destinationTaken, directoryNotEmpty, noAssetDirectory } from '../errors.ts';
import { isSystemError } from './directory.ts';

/** Spin's limit on files being copied at once (`MAX_FILE_LOADING_CONCURRENCY`). */
export const MAX_PARALLEL_COPIES = 16;

export interface AssetDirectory {
  /** The directory as the root of what the component sees. */
  readonly mount: ContentPath;
  /** Copies a file to a guest path, over one that is there already. */
  readonly copy: (realPath: string, guestPath: readonly string[]) => Promise<void>;
  readonly write: (content: Uint8Array, guestPath: readonly string[]) => Promise<void>;
}

/**
 * Makes `<workDir>/assets/<component id>`, empty. Guest paths must hold no `..`; nothing below it is ever a symlink.
 */
export async function openAssetDirectory(workDir: string, componentId: string): Promise<AssetDirectory> {
  const root = join(workDir, 'assets', componentId);
  await emptyDirectory(root, join(workDir, 'assets', `.${componentId}.made-by-spindle`));
  const made = new Map<string, Promise<unknown>>([[root, Promise.resolve()]]);
  const place = (guestPath: readonly string[], put: (destination: string) => Promise<void>): Promise<void> =>
    placeFile(root, made, guestPath, put);
  return {
    mount: { source: pathToFileURL(root).href, path: '/' },
    copy: (realPath, guestPath) =>
      place(guestPath, (destination) =>
        copyFile(realPath, destination, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL),
      ),
    write: (content, guestPath) => place(guestPath, (destination) => writeFile(destination, content, { flag: 'wx' })),
  };
}

/**
 * A work directory may be used again, but may also be one that has other things in it: only what the marker tells to be
 * of an earlier load is removed.
 */
async function emptyDirectory(root: string, marker: string): Promise<void> {
  try {
    await mkdir(root, { recursive: true });
    if ((await readdir(root)).length > 0) {
      await access(marker).catch(() => {
        throw directoryNotEmpty(root);
      });
      await rm(root, { recursive: true });
      await mkdir(root);
    }
    await writeFile(marker, '');
  } catch (error) {
    throw isSystemError(error) ? noAssetDirectory(root, error) : error;
  }
}

async function placeFile(
  root: string,
  made: Map<string, Promise<unknown>>,
  guestPath: readonly string[],
  put: (destination: string) => Promise<void>,
): Promise<void> {
  const destination = join(root, ...guestPath);
  try {
    await makeOnce(made, dirname(destination));
    try {
      await put(destination);
    } catch (error) {
      if (!isSystemError(error, 'EEXIST') || (await lstat(destination)).isDirectory()) {
        throw error;
      }
      await rm(destination);
      await put(destination);
    }
  } catch (error) {
    if (isSystemError(error, 'EEXIST', 'ENOTDIR', 'EISDIR')) {
      throw destinationTaken(guestPath.join('/'), error);
    }
    throw isSystemError(error) ? copyFailed(guestPath.join('/'), error) : error;
  }
}

function makeOnce(made: Map<string, Promise<unknown>>, directory: string): Promise<unknown> {
  const known = made.get(directory);
  if (known !== undefined) {
    return known;
  }
  const making = mkdir(directory, { recursive: true });
  made.set(directory, making);
  return making;
}
