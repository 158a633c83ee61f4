// Carries a push plan out: archives are made, blobs go up side by side, the manifest last, so that a reference never
// names an image of which a part is missing.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { UserError } from '@spindle/api';
import { digestFrom, type Expected } from '../digest.ts';
import { changedWhilePushing, fileTrouble, invalidReference } from '../errors.ts';
import { writeArchive } from '../layers/archive-writer.ts';
import { OCI_MANIFEST } from '../media-types.ts';
import { inParallel } from '../parallel.ts';
import { formatReference, parseReference } from '../reference.ts';
import { type BlobSource, uploadBlob } from '../registry/blob-upload.ts';
import { putManifest } from '../registry/manifests.ts';
import { RegistrySession } from '../registry/session.ts';
import type { Descriptor, PushedApp, RegistryOptions } from '../types.ts';
import type { PlannedLayer, PushPlan } from './plan-push.ts';

const PARALLEL_UPLOADS = 5; // Docker's default (`max-concurrent-uploads`); registries limit writers, not readers.

export interface PushOptions extends RegistryOptions {
  /** Archives are made in a folder below it; default: the system's. */
  readonly tempDir?: string | undefined;
}

export async function pushApp(plan: PushPlan, reference: string, options: PushOptions): Promise<PushedApp> {
  const target = parseReference(reference);
  if (target.tag === undefined || target.digest !== undefined) {
    throw invalidReference(reference, 'a push chooses a tag; the digest is known only afterwards');
  }
  const where = formatReference(target);
  const session = new RegistrySession(target.registry, target.repository, where, options);
  const workDir = await makeWorkDir(options.tempDir ?? tmpdir());
  try {
    const layers = await finishLayers(plan.layers, workDir);
    const blobs = [...new Map([...layers, plan.config].map((blob) => [blob.descriptor.digest, blob])).values()];
    await inParallel(blobs, PARALLEL_UPLOADS, options.signal, async (blob, signal) => {
      await uploadBlob(session, sourceOf(blob), signal);
    });
    const manifest = imageManifest(
      plan,
      layers.map(({ descriptor }) => descriptor),
    );
    return { reference: where, digest: await putManifest(session, target.tag, manifest, OCI_MANIFEST) };
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}

async function makeWorkDir(tempDir: string): Promise<string> {
  try {
    return await mkdtemp(join(tempDir, 'spindle-push-'));
  } catch (cause) {
    throw fileTrouble(tempDir, 'make a folder for archive layers', cause);
  }
}

/** Content whose digest is known. */
type FinishedLayer = Exclude<PlannedLayer, { kind: 'archive' }>;

async function finishLayers(layers: readonly PlannedLayer[], workDir: string): Promise<FinishedLayer[]> {
  const finished = new Map<string, FinishedLayer>();
  for (const [at, layer] of layers.entries()) {
    const done = layer.kind === 'archive' ? await makeArchive(layer, join(workDir, `${at}.tar.gz`)) : layer;
    // Two mounts with the same files give the same archive.
    const { mediaType, digest } = done.descriptor;
    finished.set(`${mediaType} ${digest}`, finished.get(`${mediaType} ${digest}`) ?? done);
  }
  return [...finished.values()];
}

async function makeArchive(layer: Extract<PlannedLayer, { kind: 'archive' }>, path: string): Promise<FinishedLayer> {
  const files = layer.files.map((file) => ({
    name: file.name,
    size: file.size,
    open: () => unchanged(file.path, file),
  }));
  const { digest, size } = await writeArchive(files, path).catch((cause: unknown) => {
    throw cause instanceof UserError ? cause : fileTrouble(path, 'write an archive layer', cause);
  });
  return { kind: 'file', path, descriptor: { mediaType: layer.mediaType, digest, size } };
}

type Blob = FinishedLayer | PushPlan['config'];

const sourceOf = (blob: Blob): BlobSource => ({
  digest: blob.descriptor.digest,
  size: blob.descriptor.size,
  open: () => ('path' in blob ? unchanged(blob.path, blob.descriptor) : once(blob.bytes)),
});

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes;
}

/** The file's content, which must still be what was hashed when the push was planned. */
async function* unchanged(path: string, { digest, size }: Expected): AsyncGenerator<Uint8Array, void, undefined> {
  const hash = createHash('sha256');
  let read = 0;
  try {
    for await (const chunk of createReadStream(path)) {
      if (Buffer.isBuffer(chunk)) {
        read += chunk.byteLength;
        if (read > size) {
          break;
        }
        hash.update(chunk);
        yield chunk;
      }
    }
  } catch (cause) {
    throw fileTrouble(path, 'read a file of the app', cause);
  }
  if (read !== size) {
    throw changedWhilePushing(path, `it had ${size} bytes`);
  }
  if (digestFrom(hash) !== digest) {
    throw changedWhilePushing(path, 'its content is another');
  }
}

/** Pure; the media type is written out because the specification recommends it and some registries insist. */
function imageManifest(plan: PushPlan, layers: readonly Descriptor[]): Buffer {
  const annotated = Object.keys(plan.annotations).length > 0;
  const manifest = {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: plan.config.descriptor,
    layers,
    ...(annotated ? { annotations: plan.annotations } : {}),
  };
  return Buffer.from(JSON.stringify(manifest));
}
