// Reads an archive layer (tar in gzip) as a stream: gives each regular file to the caller, refuses everything that
// could lead out of a directory or fill a disk. Copes with an end that was cut off, as Spin writes it: files that
// are whole count, a file that is not is an error.
import { pipeline } from 'node:stream/promises';
import { constants, createGunzip } from 'node:zlib';
import type { Extract, Header } from 'tar-stream';
import { invalidArchive, quoted } from '../errors.ts';
import { hasCode } from '../file-errors.ts';
import { EntryNames, normaliseEntryName } from './entry-name.ts';
import { ARCHIVE_LIMITS, type ArchiveLimits } from './archive-limits.ts';

const BLOCK = 512; // Unit of tar (POSIX.1-2017, pax, "ustar Interchange Format").

export interface ArchiveOrigin {
  /** The reference, for errors. */
  readonly where: string;
  /** The layer's digest, for errors. */
  readonly layer: string;
}

/** Takes one file; must read its content to the end. */
export type FileSink = (name: string, content: AsyncIterable<Uint8Array>, size: number) => Promise<void>;

/** `compressed` must not begin before it is read: `tar-stream` is loaded first, and only here, since few apps need it. */
export async function readArchive(
  compressed: AsyncIterable<Uint8Array>,
  onFile: FileSink,
  origin: ArchiveOrigin,
  limits: ArchiveLimits = ARCHIVE_LIMITS,
): Promise<void> {
  const fail = (reason: string, cause?: unknown): never => {
    throw invalidArchive(origin.where, origin.layer, reason, cause);
  };
  const meter: Meter = { compressed: 0, unpacked: 0, ended: false };
  const names = new EntryNames();
  let entries = 0;

  async function takeEntry(header: Header, content: AsyncIterable<unknown>): Promise<void> {
    if (++entries > limits.entries) {
      fail(`it has more than ${limits.entries} entries`);
    }
    if (header.type !== 'file' && header.type !== 'contiguous-file' && header.type !== 'directory') {
      fail(`it has an entry of the type "${header.type ?? 'unknown'}"; only files and directories are allowed`);
    }
    const named = normaliseEntryName(header.name);
    const refused = 'refused' in named ? named.refused : names.add(named.name, kindOf(header));
    if ('refused' in named || refused !== undefined) {
      return fail(`it ${refused}: ${quoted(header.name)}`);
    }
    if (kindOf(header) === 'file') {
      await onFile(named.name, wholeFile(content, header, meter, fail), header.size);
    }
  }

  const { extract } = await import('tar-stream');
  const tar = extract();
  const fed = pipeline(
    measured(compressed, meter),
    // An end that is cut off gives what there is instead of an error; a wrong checksum at the end still is one.
    createGunzip({ finishFlush: constants.Z_SYNC_FLUSH }),
    (unpacked: AsyncIterable<Uint8Array>) => bounded(unpacked, meter, limits, fail),
    tar,
  );
  const [taken, feeding] = await Promise.allSettled([takeAll(tar, takeEntry), fed]);
  // Each side that fails takes the other down with it; what the one that failed first says is the reason.
  const error = firstReason(feeding, taken);
  if (error !== undefined && !isArchiveError(error)) {
    throw error;
  }
  if (error !== undefined) {
    fail(reasonFor(error), error);
  }
}

async function takeAll(
  tar: Extract,
  take: (header: Header, content: AsyncIterable<unknown>) => Promise<void>,
): Promise<void> {
  for await (const entry of tar) {
    await take(entry.header, entry);
    entry.resume();
  }
}

/** What has gone in and come out so far. */
interface Meter {
  compressed: number;
  unpacked: number;
  /** All that there is has come out; bytes after it are padding. */
  ended: boolean;
}

async function* measured(
  compressed: AsyncIterable<Uint8Array>,
  meter: Meter,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of compressed) {
    meter.compressed += chunk.byteLength;
    yield chunk;
  }
}

async function* bounded(
  unpacked: AsyncIterable<Uint8Array>,
  meter: Meter,
  limits: ArchiveLimits,
  fail: (reason: string) => never,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of unpacked) {
    meter.unpacked += chunk.byteLength;
    if (meter.unpacked > limits.bytes) {
      fail(`it unpacks to more than ${limits.bytes} bytes`);
    }
    if (meter.unpacked > limits.ratioFrom && meter.unpacked > limits.ratio * meter.compressed) {
      fail(`it unpacks to more than ${limits.ratio} times its size`);
    }
    yield chunk;
  }
  meter.ended = true;
  // Completes the last block and ends the archive, for one that was cut off behind the content of its last file.
  yield new Uint8Array(((BLOCK - (meter.unpacked % BLOCK)) % BLOCK) + 2 * BLOCK);
}

/** Passes a file's content on, and refuses to end it when the last of it was only padding. */
async function* wholeFile(
  content: AsyncIterable<unknown>,
  header: Header,
  meter: Meter,
  fail: (reason: string) => never,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of content) {
    if (chunk instanceof Uint8Array) {
      yield chunk;
    }
  }
  // The padding comes after `ended` is set, so a file that needed some sees it here.
  if (meter.ended && startOf(header) + header.size > meter.unpacked) {
    fail(`it ends in the middle of ${quoted(header.name)}`);
  }
}

// tar-stream sets it (extract.js, `byteOffset`) but does not declare it.
const startOf = (header: Header & { readonly byteOffset?: number }): number => header.byteOffset ?? 0;

const kindOf = (header: Header): 'file' | 'directory' => (header.type === 'directory' ? 'directory' : 'file');

/** Of zlib (`Z_…`), or of tar-stream, which throws plain errors; anything else is not about the archive. */
const isArchiveError = (error: unknown): error is Error =>
  error instanceof Error && ('code' in error ? String(error.code).startsWith('Z_') : error.constructor === Error);

const reasonFor = (error: Error): string =>
  error.message === 'Unexpected end of data'
    ? 'it ends in the middle of a file'
    : `it is not a tar archive in gzip (${error.message})`;

/** The failure that came first: a side that was only taken down says that it was aborted. */
function firstReason(feeding: PromiseSettledResult<void>, taken: PromiseSettledResult<void>): unknown {
  const reasons = [feeding, taken].flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
  return reasons.find((reason) => !isAbort(reason)) ?? reasons[0];
}

const isAbort = (error: unknown): boolean =>
  hasCode(error, 'ABORT_ERR') || hasCode(error, 'ERR_STREAM_PREMATURE_CLOSE');
