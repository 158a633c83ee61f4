// Makes the images of the operator and of the runtime without a builder and without a registry.
// Usage: node hack/images/build.ts [--out <folder>] [--only operator,runtime] [--arch amd64,arm64] [--rootfs <folder>]
//        [--newest-packages] [--write-lock]
// Into <folder> (dist/images when not given), for each image: <image>/ in OCI layout with both machines, <image>-<arch>.tar for
// `docker load`, `ctr images import` and `skopeo copy oci-archive:`, <image>-<arch>.spdx.json. --rootfs writes file trees for
// hack/images/Dockerfile and nothing else. SOURCE_DATE_EPOCH is the time that an image says it is of.
import { execFile } from 'node:child_process';
import { chmod, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { VERSION } from '../../operator/src/operations/release.ts';
import { writePackageLock } from './debian-libraries.ts';
import { build, IMAGES, trees, type BuiltImage, type Tree } from './images.ts';
import { named, writeArchive, writeLayout } from './layout.ts';
import { addReferrer, type Blobs, type Descriptor } from './oci.ts';
import { spdx } from './sbom.ts';

const ROOT = join(import.meta.dirname, '../..');
const SPDX_TYPE = 'application/spdx+json';
const MEGABYTE = 1_000_000;

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: join(ROOT, 'dist/images') },
    only: { type: 'string', default: IMAGES.map(({ image }) => image).join(',') },
    arch: { type: 'string', default: 'amd64,arm64' },
    rootfs: { type: 'string' },
    'newest-packages': { type: 'boolean', default: false },
    'write-lock': { type: 'boolean', default: false },
  },
});

const created = `${new Date(Number(process.env['SOURCE_DATE_EPOCH'] ?? 0) * 1000).toISOString().slice(0, 19)}Z`;
await promisify(execFile)(process.execPath, [join(ROOT, 'hack/bundle.ts'), '--if-stale']);
const all = await trees({
  images: values.only.split(',') as BuiltImage['image']['image'][],
  architectures: values.arch.split(',') as Tree['architecture']['name'][],
  created,
  latest: values['newest-packages'] || values['write-lock'],
  warn: (message) => console.error(`Warning: ${message}`),
});
if (all.length === 0) {
  console.error(`Error: there is no image "${values.only}" for "${values.arch}"`);
  process.exit(2);
}
if (values['write-lock']) {
  await writePackageLock(Object.fromEntries(all.map(({ architecture, base }) => [architecture.name, base.packages])));
}
if (values.rootfs === undefined) {
  const { blobs, built } = await build(all, created);
  for (const image of built) {
    await write(resolve(values.out), blobs, image);
  }
} else {
  await writeTrees(resolve(values.rootfs), all);
}

async function write(out: string, blobs: Blobs, { image, index, manifests, bytes }: BuiltImage): Promise<void> {
  const own = new Map(blobs);
  const referrers: Descriptor[] = [];
  await mkdir(out, { recursive: true });
  for (const { manifest, components } of manifests) {
    const architecture = manifest.platform?.architecture ?? '';
    const name = `${image.image}-${architecture}`;
    const sbom = spdx({ name: image.name, digest: manifest.digest, version: `v${VERSION}`, created, components });
    const text = Buffer.from(`${JSON.stringify(sbom, null, 2)}\n`);
    await writeFile(join(out, `${name}.spdx.json`), text);
    referrers.push(addReferrer(own, manifest, SPDX_TYPE, text));
    await writeArchive(join(out, `${name}.tar`), blobs, named(manifest, image.name));
    const size = ((bytes[architecture] ?? 0) / MEGABYTE).toFixed(1);
    console.log(`${image.name} ${architecture} ${manifest.digest} ${size} MB`);
  }
  await writeLayout(join(out, image.image), own, [named(index, image.name), ...referrers]);
  console.log(`${image.name} ${index.digest}`);
}

/** `<folder>/<image>/<arch>/` as the layers have it, but for its user's home: only root may give a file away, so builders do. */
async function writeTrees(folder: string, found: readonly Tree[]): Promise<void> {
  await mkdir(join(folder, 'home'), { recursive: true });
  for (const { image, architecture, base, program } of found) {
    const root = join(folder, image.image, architecture.name);
    await rm(root, { recursive: true, force: true });
    for (const entry of [...base.entries, ...program].filter(({ owner = 0 }) => owner === 0)) {
      const path = join(root, entry.path);
      await mkdir(dirname(path), { recursive: true });
      switch (entry.kind) {
        case 'folder':
          await mkdir(path, { recursive: true });
          break;
        case 'link':
          await symlink(entry.target, path);
          break;
        case 'file':
          await writeFile(path, entry.content);
          break;
      }
      if (entry.kind !== 'link' && entry.mode !== undefined) {
        await chmod(path, entry.mode);
      }
    }
  }
}
