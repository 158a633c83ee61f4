// Cache entries on disk: one file of named parts behind its checksum. It appears whole, by rename, so that processes
// share it without locks; what does not match its checksum counts as not there, and is replaced by the next write.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

export type Parts = ReadonlyMap<string, Uint8Array<ArrayBuffer>>;

/** Begins the name of what is not an entry yet. */
export const DRAFT = '.draft-';
/** Checksum of all that follows, and place of the index, which ends the file: 32 bits each, in this machine's order. */
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
  const [sum, indexAt] = new Uint32Array(bytes.buffer, 0, HEAD_BYTES / CHECKSUM_BYTES);
  if (crc32(bytes.subarray(CHECKSUM_BYTES)) !== sum) {
    return undefined;
  }
  const index = JSON.parse(Buffer.from(bytes.subarray(indexAt)).toString()) as Index;
  return new Map(index.map(([part, offset, length]) => [part, bytes.subarray(offset, offset + length)]));
}

/** Another process may write the same entry at the same time: it is equal, and whichever comes last stays. */
export async function writeEntry(folder: string, name: string, parts: Parts): Promise<void> {
  await mkdir(folder, { recursive: true });
  const draft = join(folder, `${DRAFT}${randomUUID()}`);
  try {
    await writePieces(draft, format(parts));
    await rename(draft, join(folder, name));
  } finally {
    await rm(draft, { force: true });
  }
}

/** The whole in pieces: the parts are not copied. */
function format(parts: Parts): Uint8Array[] {
  const index: [string, number, number][] = [];
  let end = HEAD_BYTES;
  for (const [name, { length }] of parts) {
    index.push([name, end, length]);
    end += length;
  }
  const indexBytes = new TextEncoder().encode(JSON.stringify(index));
  const words = new Uint32Array(HEAD_BYTES / CHECKSUM_BYTES);
  const head = new Uint8Array(words.buffer);
  words[1] = end;
  const pieces = [head, ...parts.values(), indexBytes];
  words[0] = [head.subarray(CHECKSUM_BYTES), ...pieces.slice(1)].reduce((sum, piece) => crc32(piece, sum), 0);
  return pieces;
}

async function writePieces(path: string, pieces: readonly Uint8Array[]): Promise<void> {
  const file = await open(path, 'w');
  try {
    for (const piece of pieces) {
      await file.writeFile(piece);
    }
  } finally {
    await file.close();
  }
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
