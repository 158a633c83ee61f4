// Writes an archive layer (tar in gzip) that depends on nothing but names and contents: sorted, without times and
// owners. Only files have entries; readers make the directories between.
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Pack } from 'tar-stream';
import { digestFrom, type Expected } from '../digest.ts';
import { byCodePoints } from '../order.ts';

export interface ArchiveFile {
  /** Relative, with `/`. */
  readonly name: string;
  readonly size: number;
  /** Must give `size` bytes. */
  readonly open: () => AsyncIterable<Uint8Array>;
}

const FILE_MODE = 0o644; // A guest sees no permissions; the same as Spin's archives have.
const EPOCH = new Date(0);

/** Writes the archive to a new file and says what it is. */
export async function writeArchive(files: readonly ArchiveFile[], path: string): Promise<Expected> {
  const hash = createHash('sha256');
  let size = 0;
  async function* hashed(compressed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const chunk of compressed) {
      hash.update(chunk);
      size += chunk.byteLength;
      yield chunk;
    }
  }
  // Loading it takes a tenth of the time to start, and few pushes make archives.
  const { pack } = await import('tar-stream');
  const tar = pack();
  const written = pipeline(tar, createGzip(), hashed, createWriteStream(path, { flags: 'wx' }));
  const filled = fill(tar, files).catch((error: unknown) => {
    tar.destroy(error instanceof Error ? error : new Error('the archive could not be filled', { cause: error }));
    throw error;
  });
  // Both are waited for, so that no file is open any more when the caller hears of a failure.
  const [filling, writing] = await Promise.allSettled([filled, written]);
  for (const outcome of [filling, writing]) {
    if (outcome.status === 'rejected') {
      throw outcome.reason;
    }
  }
  return { digest: digestFrom(hash), size };
}

async function fill(tar: Pack, files: readonly ArchiveFile[]): Promise<void> {
  for (const file of files.toSorted((a, b) => byCodePoints(a.name, b.name))) {
    const entry = tar.entry({
      name: file.name,
      size: file.size,
      mode: FILE_MODE,
      mtime: EPOCH,
      uid: 0,
      gid: 0,
      type: 'file',
    });
    await pipeline(file.open(), entry);
  }
  tar.finalize();
}
