// Writes images as a folder in OCI layout, or as one archive of it. An archive for one machine has Docker's older description
// beside, since `docker load` without containerd's image store reads that only.
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { MEDIA_TYPES, type Blobs, type Descriptor } from './oci.ts';
import { tar, type Entry } from './tar.ts';

const LAYOUT = JSON.stringify({ imageLayoutVersion: '1.0.0' });

/** With its name, by which `ctr images import` and `docker load` call it, and its tag for `skopeo`. */
export const named = (descriptor: Descriptor, name: string): Descriptor => ({
  ...descriptor,
  annotations: {
    'io.containerd.image.name': name,
    'org.opencontainers.image.ref.name': name.slice(name.lastIndexOf(':') + 1),
  },
});

/** Only the blobs that its roots have. */
export async function writeLayout(folder: string, blobs: Blobs, roots: readonly Descriptor[]): Promise<void> {
  const draft = `${folder}.${process.pid}`;
  await rm(draft, { recursive: true, force: true });
  for (const entry of layoutOf(reachable(blobs, roots), roots)) {
    const path = join(draft, entry.path);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, entry.kind === 'file' ? entry.content : '');
  }
  await rm(folder, { recursive: true, force: true });
  await rename(draft, folder);
}

/** Only the blobs that the image has. */
export async function writeArchive(file: string, blobs: Blobs, root: Descriptor): Promise<void> {
  const used = reachable(blobs, [root]);
  const entries = [...layoutOf(used, [root]), ...dockerManifest(used, root)];
  const draft = `${file}.${process.pid}`;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(draft, tar(entries));
  await rename(draft, file);
}

function layoutOf(blobs: Blobs, roots: readonly Descriptor[]): Entry[] {
  return [
    json('oci-layout', LAYOUT),
    json('index.json', JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPES.index, manifests: roots })),
    ...[...blobs].map(([digest, content]): Entry => ({ kind: 'file', path: pathOf(digest), content })),
  ];
}

const json = (path: string, text: string): Entry => ({ kind: 'file', path, content: Buffer.from(text) });
const pathOf = (digest: string): string => `blobs/${digest.replace(':', '/')}`;

interface Manifest {
  readonly config?: Descriptor;
  readonly layers?: readonly Descriptor[];
  readonly manifests?: readonly Descriptor[];
}

const read = (blobs: Blobs, { digest }: Descriptor): Manifest =>
  JSON.parse(Buffer.from(blobs.get(digest) ?? []).toString()) as Manifest;

function reachable(blobs: Blobs, roots: readonly Descriptor[]): Blobs {
  const found: Blobs = new Map();
  for (const root of roots) {
    found.set(root.digest, blobs.get(root.digest) ?? new Uint8Array());
    if (root.mediaType === MEDIA_TYPES.index || root.mediaType === MEDIA_TYPES.manifest) {
      const { config, layers = [], manifests = [] } = read(blobs, root);
      for (const [digest, content] of reachable(blobs, [
        ...(config === undefined ? [] : [config]),
        ...layers,
        ...manifests,
      ])) {
        found.set(digest, content);
      }
    }
  }
  return found;
}

function dockerManifest(blobs: Blobs, root: Descriptor): Entry[] {
  const { config, layers = [] } = read(blobs, root);
  if (config === undefined) {
    return [];
  }
  const image = {
    Config: pathOf(config.digest),
    RepoTags: [root.annotations?.['io.containerd.image.name']],
    Layers: layers.map(({ digest }) => pathOf(digest)),
  };
  return [json('manifest.json', JSON.stringify([image]))];
}
