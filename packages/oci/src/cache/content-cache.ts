// The content cache, shared with other processes and with Spin itself: one file per digest, in Spin's layout
// (spin-contract.md §2.2): `<cache>/spin/registry/{wasm,data}/sha256:<hex>`.
//
// Trust: a final name has whole content if we wrote it, but Spin writes in place and disks fail. So an entry is
// checked against its digest when this process first uses it; one that does not match is treated as absent, and what
// is fetched instead replaces it by rename. It is never deleted: another process may just have replaced it.
import { createHash } from 'node:crypto';
import { access, type FileHandle, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { digestFrom, type Expected, verified } from '../digest.ts';
import { fileTrouble } from '../errors.ts';
import { isMissing } from '../file-errors.ts';
import { createPendingFile, removeStaleFiles, type PendingFile } from './atomic-file.ts';

export type ContentKind = 'wasm' | 'data';
const KINDS: readonly ContentKind[] = ['wasm', 'data'];

const STALE_MS = 60 * 60 * 1000; // An hour without a write: sixty times the longest stall that a download survives.
const READ_CHUNK = 1024 * 1024; // Hashing in pieces of a megabyte halves the time of Node's default 64 KiB.

export interface StoredContent {
  readonly digest: string;
  readonly size: number;
  readonly path: string;
}

export class ContentCache {
  /** `<cache>/spin/registry`. */
  readonly root: string;
  readonly #now: () => number;
  /** Digest to path, of what this process has checked or written. */
  readonly #trusted = new Map<string, string>();
  #prepared: Promise<void> | undefined;

  constructor(cacheDir: string, now: () => number = () => Date.now()) {
    this.root = join(cacheDir, 'spin', 'registry');
    this.#now = now;
  }

  /** Path of sound content, or undefined. Both directories are asked: Spin keeps unknown media types under `data`. */
  async find(digest: string): Promise<string | undefined> {
    const trusted = this.#trusted.get(digest);
    if (trusted !== undefined && (await exists(trusted))) {
      return trusted;
    }
    for (const kind of KINDS) {
      const path = this.#path(kind, digest);
      if ((await digestOfFile(path)) === digest) {
        this.#trusted.set(digest, path);
        return path;
      }
    }
    return undefined;
  }

  /** Stores content that must turn out as expected; nothing of it is left when it does not. */
  async store(
    kind: ContentKind,
    content: AsyncIterable<Uint8Array>,
    expected: Expected,
    where: string,
  ): Promise<string> {
    const { path } = await this.#write(kind, verified(content, expected, where));
    return path;
  }

  /** Stores content under the digest it turns out to have. */
  async storeAsIs(kind: ContentKind, content: AsyncIterable<Uint8Array>): Promise<StoredContent> {
    return await this.#write(kind, content);
  }

  /**
   * The same as `store`, but runs `use` on the whole, checked file before it gets its name: whoever finds the name
   * may rely on `use` having been done.
   */
  async storeAfter(
    kind: ContentKind,
    content: AsyncIterable<Uint8Array>,
    expected: Expected,
    where: string,
    use: (path: string) => Promise<void>,
  ): Promise<string> {
    const { path } = await this.#write(kind, verified(content, expected, where), use);
    return path;
  }

  async #write(
    kind: ContentKind,
    content: AsyncIterable<Uint8Array>,
    use?: (path: string) => Promise<void>,
  ): Promise<StoredContent> {
    await this.#prepare();
    const pending = await this.#guarded(() => createPendingFile(join(this.root, kind)));
    try {
      const { digest, size } = await this.#fill(pending, content);
      await use?.(pending.path);
      const present = this.#trusted.get(digest);
      if (present !== undefined && (await exists(present))) {
        await this.#guarded(() => pending.abandon());
        return { digest, size, path: present };
      }
      const path = this.#path(kind, digest);
      await this.#guarded(() => pending.commit(path));
      this.#trusted.set(digest, path);
      return { digest, size, path };
    } catch (error) {
      await this.#guarded(() => pending.abandon());
      throw error;
    }
  }

  async #fill(pending: PendingFile, content: AsyncIterable<Uint8Array>): Promise<Expected> {
    const hash = createHash('sha256');
    let size = 0;
    for await (const chunk of content) {
      hash.update(chunk);
      size += chunk.byteLength;
      await this.#guarded(() => pending.write(chunk));
    }
    return { digest: digestFrom(hash), size };
  }

  /** Makes the directories and takes away what killed processes left, once per process. */
  #prepare(): Promise<void> {
    this.#prepared ??= this.#guarded(async () => {
      for (const kind of KINDS) {
        const directory = join(this.root, kind);
        await mkdir(directory, { recursive: true });
        await removeStaleFiles(directory, STALE_MS, this.#now());
      }
    });
    return this.#prepared;
  }

  /** Failures of the disk are the user's to mend; failures of the content have their own errors. */
  async #guarded<T>(operation: () => Promise<T>): Promise<T> {
    try {
      return await operation();
    } catch (cause) {
      throw fileTrouble(this.root, 'write to the content cache', cause);
    }
  }

  #path(kind: ContentKind, digest: string): string {
    return join(this.root, kind, digest);
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    // expected: someone has emptied the cache.
    return false;
  }
}

/** Undefined when there is no such file. */
async function digestOfFile(path: string): Promise<string | undefined> {
  let file: FileHandle | undefined;
  try {
    file = await open(path);
    const hash = createHash('sha256');
    // Most files are small, and an app has thousands: each gets a buffer of its own size, with a byte to see the end.
    const buffer = Buffer.allocUnsafe(Math.min((await file.stat()).size + 1, READ_CHUNK));
    for (let read = await file.read(buffer); read.bytesRead > 0; read = await file.read(buffer)) {
      hash.update(buffer.subarray(0, read.bytesRead));
    }
    return digestFrom(hash);
  } catch (cause) {
    if (isMissing(cause)) {
      return undefined;
    }
    throw fileTrouble(path, 'read the content cache', cause);
  } finally {
    await file?.close();
  }
}
