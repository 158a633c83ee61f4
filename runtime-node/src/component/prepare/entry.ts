// Cache entries on disk: a folder of files with a manifest of their lengths and digests. Folders appear whole, by
// rename, so that processes share them without locks; what does not match its manifest counts as not there.
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export type Files = ReadonlyMap<string, Uint8Array>;

const MANIFEST = 'manifest.json';
const DRAFT = '.draft-';
/** No process takes this long to write an entry: what is older was left by one that was killed. */
const DRAFT_LIFE_MS = 60 * 60 * 1_000;

interface ManifestFile {
  readonly name: string;
  readonly length: number;
  readonly sha256: string;
}

/** The files of an entry as they were written, or nothing: never some of them, never cut or changed ones. */
export async function readEntry(folder: string, name: string): Promise<Files | undefined> {
  const path = join(folder, name);
  const manifest = await readFileOrNothing(join(path, MANIFEST));
  const listed = manifest === undefined ? undefined : parseManifest(manifest);
  if (listed === undefined) {
    return undefined;
  }
  const files = new Map<string, Uint8Array>();
  for (const file of listed) {
    const bytes = await readFileOrNothing(join(path, file.name));
    if (bytes?.length !== file.length || sha256(bytes) !== file.sha256) {
      return undefined;
    }
    files.set(file.name, bytes);
  }
  return files;
}

/** Another process may write the same entry at the same time: it is equal, and whichever is in place first stays. */
export async function writeEntry(folder: string, name: string, files: Files): Promise<void> {
  await mkdir(folder, { recursive: true });
  await removeOldDrafts(folder, Date.now() - DRAFT_LIFE_MS);
  const draft = await mkdtemp(join(folder, DRAFT));
  const place = join(folder, name);
  const damaged = `${draft}-damaged`;
  try {
    const listed: ManifestFile[] = [];
    for (const [file, bytes] of files) {
      await writeFile(join(draft, file), bytes);
      listed.push({ name: file, length: bytes.length, sha256: sha256(bytes) });
    }
    await writeFile(join(draft, MANIFEST), formatManifest(listed));
    if (!(await moved(draft, place)) && (await readEntry(folder, name)) === undefined) {
      // Moved away rather than removed where it stands: another process may be doing the same.
      await moved(place, damaged);
      await moved(draft, place);
    }
  } finally {
    await rm(draft, { recursive: true, force: true });
    await rm(damaged, { recursive: true, force: true });
  }
}

/** False when something stands there already, or when what was to be moved is gone. */
async function moved(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    // A folder is in the way, or a file; or another process was faster.
    if (!['ENOTEMPTY', 'EEXIST', 'ENOTDIR', 'ENOENT'].includes(codeOf(error))) {
      throw error;
    }
    return false;
  }
}

/** The list of files, behind its own digest, so that a cut manifest shows too. */
function formatManifest(files: readonly ManifestFile[]): string {
  const list = JSON.stringify(files);
  return `${sha256(Buffer.from(list))}\n${list}`;
}

function parseManifest(bytes: Buffer): readonly ManifestFile[] | undefined {
  const [digest, list = ''] = bytes.toString().split('\n', 2);
  return sha256(Buffer.from(list)) === digest ? (JSON.parse(list) as readonly ManifestFile[]) : undefined;
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

async function readFileOrNothing(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch {
    // expected: it was not written yet, is gone, or cannot be read; in each case it is made anew
    return undefined;
  }
}

async function removeOldDrafts(folder: string, before: number): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    if (name.startsWith(DRAFT) && (await modifiedAt(path)) < before) {
      await rm(path, { recursive: true, force: true });
    }
  }
}

async function modifiedAt(path: string): Promise<number> {
  try {
    return (await stat(path)).mtimeMs;
  } catch {
    // expected: the process that was writing it has just moved it into place
    return Infinity;
  }
}

export const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '');
