// Cache entries on disk: one file of named parts behind its checksum. It appears whole, by rename, so that processes
// share it without locks; what does not match its checksum counts as not there, and is replaced by the next write.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

export type Parts = ReadonlyMap<string, Uint8Array<ArrayBuffer>>;

/** Begins the name of what is not an entry yet. */
export const DRAFT = '.draft-';
/** Checksum of all that follows, and place of the index, which ends the file; 32 bits each, little-endian. */
const HEAD_BYTES = 8;
const CHECKSUM_BYTES = 4;

/** Name, place in the file and length of each part. */
type Index = readonly (readonly [name: string, offset: number, length: number])[];

/**
 * The parts as they were written, as views of one buffer, or nothing: never some of them, never cut or changed ones.
 * Synchronous: at a start nothing else could run meanwhile, and the ways to another thread cost more than the read.
 */
export function readEntry(folder: string, name: string): Parts | undefined {
  const bytes = readWhole(join(folder, name));
  if (bytes === undefined || bytes.length < HEAD_BYTES) {
    return undefined;
  }
  const head = new DataView(bytes.buffer, 0, HEAD_BYTES);
  // A checksum and no digest: it guards against accidents, for a fifth of the time.
  if (crc32(bytes.subarray(CHECKSUM_BYTES)) !== head.getUint32(0, true)) {
    return undefined;
  }
  const index = JSON.parse(Buffer.from(bytes.subarray(head.getUint32(CHECKSUM_BYTES, true))).toString()) as Index;
  return new Map(index.map(([part, offset, length]) => [part, bytes.subarray(offset, offset + length)]));
}

/** Another process may write the same entry at the same time: it is equal, and whichever comes last stays. */
export async function writeEntry(folder: string, name: string, parts: Parts): Promise<void> {
  await mkdir(folder, { recursive: true });
  const draft = join(folder, `${DRAFT}${randomUUID()}`);
  try {
    await writeFile(draft, format(parts));
    await rename(draft, join(folder, name));
  } finally {
    await rm(draft, { force: true });
  }
}

function format(parts: Parts): Uint8Array[] {
  const index: [string, number, number][] = [];
  let end = HEAD_BYTES;
  for (const [name, { length }] of parts) {
    index.push([name, end, length]);
    end += length;
  }
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32LE(end, CHECKSUM_BYTES);
  const rest = [head.subarray(CHECKSUM_BYTES), ...parts.values(), Buffer.from(JSON.stringify(index))];
  head.writeUInt32LE(rest.reduce((sum, bytes) => crc32(bytes, sum), 0));
  return [head.subarray(0, CHECKSUM_BYTES), ...rest];
}

/** In one read, into memory that nothing else shares. */
function readWhole(path: string): Uint8Array<ArrayBuffer> | undefined {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    // expected: it was not written yet, or cannot be read; it is made anew
    return undefined;
  }
  try {
    const bytes = new Uint8Array(fstatSync(file).size);
    return readSync(file, bytes) === bytes.length ? bytes : undefined;
  } catch {
    // expected: it is a folder, or the disk is damaged; it is made anew
    return undefined;
  } finally {
    closeSync(file);
  }
}

export const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '');
