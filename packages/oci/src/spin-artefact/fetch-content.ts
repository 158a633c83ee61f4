// Brings everything that a locked app refers to into the cache: layers by their digest, files out of archive layers
// by theirs, inline Wasm by its own. Ends with a file for every reference, or with an error that names what is missing.
import { createReadStream } from 'node:fs';
import type { LockedApp } from '@spindle/api';
import { missingContent } from '../errors.ts';
import { readArchive } from '../layers/archive-reader.ts';
import { ARCHIVE_LAYER, isWasmLayer } from '../media-types.ts';
import { inParallel } from '../parallel.ts';
import { downloadBlob } from '../registry/blob-download.ts';
import type { ImageManifest } from '../registry/manifest.ts';
import type { Descriptor } from '../types.ts';
import type { PullContext } from './pull-context.ts';
import { wantedContent } from './wanted-content.ts';

const PARALLEL_BLOBS = 16; // spin-contract.md §2.2

/** Digest to file of the cache, for every content that is not inline. */
export async function fetchContent(
  locked: LockedApp,
  manifest: ImageManifest,
  context: PullContext,
): Promise<Map<string, string>> {
  const { session, content, where } = context;
  const wanted = wantedContent(locked, where);
  const layers = new Map(manifest.layers.map((layer) => [layer.digest, layer]));
  const paths = new Map<string, string>();
  const missing = (): string[] => [...wanted.keys()].filter((digest) => !paths.has(digest));

  await inParallel(wanted, PARALLEL_BLOBS, session.signal, async ([digest, { inline }], signal) => {
    const path = (await content.find(digest)) ?? (await fetchOne(digest, inline, layers.get(digest), context, signal));
    if (path !== undefined) {
      paths.set(digest, path);
    }
  });
  if (missing().length > 0) {
    const archives = manifest.layers.filter(({ mediaType }) => mediaType === ARCHIVE_LAYER);
    await inParallel(archives, PARALLEL_BLOBS, session.signal, async (archive, signal) => {
      await unpackArchive(archive, context, signal, (digest, path) => {
        if (wanted.has(digest)) {
          paths.set(digest, path);
        }
      });
    });
  }
  const [lost] = missing();
  if (lost !== undefined) {
    throw missingContent(where, wanted.get(lost)?.what ?? 'the app', `has the digest ${lost}, which no layer has`);
  }
  return paths;
}

/** Undefined when neither the locked app nor a layer has it: then an archive may. */
async function fetchOne(
  digest: string,
  inline: Buffer | undefined,
  layer: Descriptor | undefined,
  { session, content, where }: PullContext,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (inline !== undefined) {
    return await content.store('wasm', once(inline), { digest, size: inline.byteLength }, where);
  }
  if (layer === undefined) {
    return undefined;
  }
  const kind = isWasmLayer(layer.mediaType) ? 'wasm' : 'data';
  return await content.store(kind, downloadBlob(session, layer, signal), layer, where);
}

/** The archive gets its name in the cache only after its files: Spin takes the one for a sign of the others. */
async function unpackArchive(
  archive: Descriptor,
  { session, content, where }: PullContext,
  signal: AbortSignal,
  onFile: (digest: string, path: string) => void,
): Promise<void> {
  const unpack = async (path: string): Promise<void> => {
    await readArchive(
      contentOf(path),
      async (_name, file) => {
        const stored = await content.storeAsIs('data', file);
        onFile(stored.digest, stored.path);
      },
      { where, layer: archive.digest },
    );
  };
  const present = await content.find(archive.digest);
  if (present === undefined) {
    await content.storeAfter('data', downloadBlob(session, archive, signal), archive, where, unpack);
  } else {
    await unpack(present);
  }
}

/** Opens the file only when it is read: a stream that nobody listens to yet would end the process if it failed. */
async function* contentOf(path: string): AsyncGenerator<Uint8Array, void, undefined> {
  yield* createReadStream(path) as AsyncIterable<Uint8Array>;
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes;
}
