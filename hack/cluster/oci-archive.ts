// Makes an OCI image archive of a folder, for programs that a test puts into a container: one layer, no registry, no
// builder. https://github.com/opencontainers/image-spec
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { run } from './commands.ts';

export interface ImageConfig {
  readonly Entrypoint: readonly string[];
  readonly Cmd?: readonly string[];
  readonly Env?: readonly string[];
  readonly User?: string;
  readonly WorkingDir?: string;
}

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const CONFIG = 'application/vnd.oci.image.config.v1+json';
const LAYER = 'application/vnd.oci.image.layer.v1.tar';

/** Writes the archive `file`; `name` is what pods call the image, with its tag. */
export async function writeImageArchive(
  file: string,
  name: string,
  rootfs: string,
  config: ImageConfig,
): Promise<void> {
  const layout = await mkdtemp(join(tmpdir(), 'image-'));
  try {
    const blobs = join(layout, 'blobs/sha256');
    await mkdir(blobs, { recursive: true });
    const layerFile = join(layout, 'layer.tar');
    await tar(layerFile, rootfs, '.');
    const layer = await descriptorOf(LAYER, layerFile);
    await moveBlob(layerFile, blobs, layer);
    const json = async (mediaType: string, value: object): Promise<Descriptor> => {
      const path = join(layout, 'blob.json');
      await writeFile(path, JSON.stringify(value));
      const descriptor = await descriptorOf(mediaType, path);
      await moveBlob(path, blobs, descriptor);
      return descriptor;
    };
    const platform = { architecture: process.arch === 'arm64' ? 'arm64' : 'amd64', os: 'linux' };
    const imageConfig = await json(CONFIG, {
      ...platform,
      config,
      rootfs: { type: 'layers', diff_ids: [layer.digest] },
    });
    const manifest = await json(MANIFEST, {
      schemaVersion: 2,
      mediaType: MANIFEST,
      config: imageConfig,
      layers: [layer],
    });
    const annotations = { 'io.containerd.image.name': name, 'org.opencontainers.image.ref.name': name };
    await writeFile(join(layout, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
    await writeFile(
      join(layout, 'index.json'),
      JSON.stringify({ schemaVersion: 2, manifests: [{ ...manifest, platform, annotations }] }),
    );
    await archiveLayout(layout, file);
  } finally {
    await rm(layout, { recursive: true, force: true });
  }
}

/** Of a folder in OCI layout. */
export const archiveLayout = (layout: string, file: string): Promise<void> =>
  tar(file, layout, 'oci-layout', 'index.json', 'blobs');

async function tar(file: string, folder: string, ...entries: readonly string[]): Promise<void> {
  await run('tar', ['--owner=0', '--group=0', '--numeric-owner', '-cf', file, '-C', folder, ...entries]);
}

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

async function descriptorOf(mediaType: string, file: string): Promise<Descriptor> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) {
    hash.update(chunk as Buffer);
  }
  return { mediaType, digest: `sha256:${hash.digest('hex')}`, size: (await stat(file)).size };
}

async function moveBlob(from: string, blobs: string, { digest }: Descriptor): Promise<void> {
  await copyFile(from, join(blobs, digest.slice('sha256:'.length)));
  await rm(from);
}
