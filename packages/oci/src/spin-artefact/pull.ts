// Pulls a Spin application: manifest, locked app, then the content that it refers to, sixteen blobs at a time, into
// the shared cache (spin-contract.md §2.2). What is in the cache is not fetched again; a reference with a digest
// that was pulled before needs no registry at all.
import type { LockedApp } from '@spindle/api';
import { ContentCache } from '../cache/content-cache.ts';
import { ManifestCache } from '../cache/manifest-cache.ts';
import { digestOf } from '../digest.ts';
import { notSpinApp } from '../errors.ts';
import { formatReference, parseReference, type Reference } from '../reference.ts';
import { downloadBlob } from '../registry/blob-download.ts';
import { readBounded } from '../registry/bounded.ts';
import { type ImageManifest, parseManifest } from '../registry/manifest.ts';
import { getManifest, type StoredManifest } from '../registry/manifests.ts';
import { chooseManifest, machinePlatform } from '../registry/platform.ts';
import { RegistrySession } from '../registry/session.ts';
import type { Descriptor, PulledApp, PullOptions } from '../types.ts';
import { lockedAppBlob, lockedAppFrom } from './locked-app-blob.ts';
import { fetchContent } from './fetch-content.ts';
import type { PullContext } from './pull-context.ts';

const MAX_LOCKED_APP_BYTES = 32 * 1024 * 1024; // Room for the entries of ARCHIVE_LIMITS.entries files, 300 bytes each.

export async function pullApp(text: string, options: PullOptions): Promise<PulledApp> {
  const reference = parseReference(text);
  const where = formatReference(reference);
  const session = new RegistrySession(reference.registry, reference.repository, where, options);
  const content = new ContentCache(options.cacheDir, session.transport.now);
  const context: PullContext = { session, content, manifests: new ManifestCache(content.root), where };

  const { manifest, digest } = await pullManifest(reference, context);
  const bytes = await pullLockedApp(reference, lockedAppBlob(manifest, where), context);
  const packageName = reference.repository.slice(reference.repository.lastIndexOf('/') + 1);
  const locked = lockedAppFrom(bytes, manifest, packageName, where);
  const paths = await fetchContent(locked, manifest, context);
  return { locked: withOrigin(locked, where, digest), reference: where, digest, paths };
}

interface PulledManifest {
  readonly manifest: ImageManifest;
  readonly digest: string;
}

/** An index leads to one of its manifests, never to another index. */
async function pullManifest(reference: Reference, context: PullContext): Promise<PulledManifest> {
  const first = await manifestBytes(reference, context);
  const document = parseManifest(first.bytes, context.where);
  if (document.kind === 'manifest') {
    return { manifest: document, digest: first.digest };
  }
  const chosen = chooseManifest(document, machinePlatform(process.platform, process.arch), context.where);
  const second = await manifestBytes({ ...reference, tag: undefined, digest: chosen.digest }, context);
  const manifest = parseManifest(second.bytes, context.where);
  if (manifest.kind === 'index') {
    throw notSpinApp(context.where, 'its index leads to another index');
  }
  return { manifest, digest: second.digest };
}

async function manifestBytes(reference: Reference, { session, manifests }: PullContext): Promise<StoredManifest> {
  const cached = await manifests.read(reference, 'manifest.json');
  if (cached !== undefined && digestOf(cached) === reference.digest) {
    return { bytes: cached, digest: reference.digest };
  }
  const fetched = await getManifest(session, reference.digest ?? reference.tag ?? 'latest');
  // Not written when it is there: what is all in the cache must also come from one that cannot be written to.
  if (cached === undefined || !cached.equals(fetched.bytes)) {
    await manifests.write(reference, 'manifest.json', fetched.bytes);
  }
  return fetched;
}

/**
 * The locked app stands beside the manifest and not with the layers: Spin takes a digest among its layers for a
 * fetched layer and would then not look for the locked app any more.
 */
async function pullLockedApp(
  reference: Reference,
  descriptor: Descriptor,
  { session, manifests, where }: PullContext,
): Promise<Buffer> {
  const cached = await manifests.read(reference, 'config.json');
  if (cached !== undefined && digestOf(cached) === descriptor.digest) {
    return cached;
  }
  if (descriptor.size > MAX_LOCKED_APP_BYTES) {
    throw notSpinApp(where, `its locked app is larger than ${MAX_LOCKED_APP_BYTES} bytes`);
  }
  const bytes = await readBounded(downloadBlob(session, descriptor), MAX_LOCKED_APP_BYTES);
  if (bytes === undefined) {
    throw notSpinApp(where, `its locked app is larger than ${MAX_LOCKED_APP_BYTES} bytes`);
  }
  await manifests.write(reference, 'config.json', bytes);
  return bytes;
}

const withOrigin = (locked: LockedApp, where: string, digest: string): LockedApp => ({
  ...locked,
  metadata: { ...locked.metadata, origin: `vnd.fermyon.origin-oci:${where}`, oci_image_digest: digest },
});
