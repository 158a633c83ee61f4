// The two images: what is in each, how it starts, what it says of itself.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RUNTIME_IMAGE, VERSION } from '../../operator/src/operations/release.ts';
import { ARCHITECTURES, type Architecture } from './architectures.ts';
import { cached } from './cache.ts';
import {
  addImage,
  addIndex,
  compressed,
  descriptorOf,
  digestOf,
  layerOf,
  type Blobs,
  type ContainerConfig,
  type Descriptor,
  type Layer,
} from './oci.ts';
import { baseFor, NON_ROOT, programEntries, type Base, type Program } from './rootfs.ts';
import type { Component } from './sbom.ts';
import { tar, type Entry } from './tar.ts';

const ROOT = join(import.meta.dirname, '../..');
const REPOSITORY = RUNTIME_IMAGE.slice(0, RUNTIME_IMAGE.lastIndexOf(':'));

export interface Image extends Program {
  readonly image: 'operator' | 'runtime';
  /** With its tag, as the operator and the chart call it. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly ports: readonly number[];
  readonly environment: readonly string[];
}

export const IMAGES: readonly Image[] = [
  {
    image: 'operator',
    name: `${REPOSITORY}-operator:v${VERSION}`,
    title: 'Spindle operator',
    description: 'Runs SpinApps on a Kubernetes cluster',
    source: 'operator',
    command: 'spindle-operator',
    links: [],
    // As operator/bin has it.
    nodeFlags: ['--max-semi-space-size=2'],
    environment: ['MALLOC_ARENA_MAX=1'],
    ports: [8080, 8082, 9443],
  },
  {
    image: 'runtime',
    name: RUNTIME_IMAGE,
    title: 'Spindle runtime',
    description: 'Serves Spin applications; takes the place of the image of Spin itself',
    source: 'cli',
    command: 'spindle',
    links: ['spin'],
    nodeFlags: [],
    // An executor's certificates are mounted where those of the system are.
    environment: ['NODE_USE_SYSTEM_CA=1'],
    ports: [80],
  },
];

export interface BuiltImage {
  readonly image: Image;
  readonly index: Descriptor;
  readonly manifests: readonly { readonly manifest: Descriptor; readonly components: readonly Component[] }[];
  /** Of its layers as they are pulled, by machine. */
  readonly bytes: Readonly<Record<string, number>>;
}

export interface BuildOptions {
  readonly images: readonly Image['image'][];
  readonly architectures: readonly Architecture['name'][];
  /** RFC 3339. */
  readonly created: string;
  /** Debian's newest packages in place of those written down. */
  readonly latest: boolean;
  readonly warn: (message: string) => void;
}

/** A file tree for each image and machine, and what it is made of. */
export interface Tree {
  readonly image: Image;
  readonly architecture: Architecture;
  readonly base: Base;
  readonly program: readonly Entry[];
}

export async function trees({ images, architectures, latest, warn }: BuildOptions): Promise<Tree[]> {
  const bases = await Promise.all(
    ARCHITECTURES.filter(({ name }) => architectures.includes(name)).map(async (architecture) => ({
      architecture,
      base: await baseFor(architecture, latest, warn),
    })),
  );
  const found: Tree[] = [];
  for (const image of IMAGES.filter((one) => images.includes(one.image))) {
    const program = await programEntries(image);
    found.push(...bases.map((base) => ({ image, program, ...base })));
  }
  return found;
}

export async function build(all: readonly Tree[], created: string): Promise<{ blobs: Blobs; built: BuiltImage[] }> {
  const blobs: Blobs = new Map();
  const built: BuiltImage[] = [];
  for (const [image, own] of Map.groupBy(all, (tree) => tree.image)) {
    const manifests = [];
    const bytes: Record<string, number> = {};
    for (const { architecture, base, program } of own) {
      const layers = [
        await layer(blobs, base.entries, `Node ${base.nodeVersion} and the libraries it needs`),
        await layer(blobs, program, image.title),
      ];
      manifests.push({
        manifest: addImage(blobs, architecture.name, layers, configOf(image), created),
        components: await componentsOf(image, base),
      });
      bytes[architecture.name] = layers.reduce((sum, { descriptor }) => sum + descriptor.size, 0);
    }
    built.push({
      image,
      index: addIndex(
        blobs,
        manifests.map(({ manifest }) => manifest),
        labelsOf(image),
      ),
      manifests,
      bytes,
    });
  }
  return { blobs, built };
}

/** Compressing Node takes ten seconds, and gives the same each time. */
async function layer(blobs: Blobs, entries: readonly Entry[], createdBy: string): Promise<Layer> {
  const archive = tar(entries);
  const name = `layer-${digestOf(archive).replace('sha256:', '')}-node${process.versions.node}.gz`;
  const gzipped = await cached(name, () => Promise.resolve(compressed(archive)));
  blobs.set(descriptorOf('', gzipped).digest, gzipped);
  return layerOf(archive, gzipped, createdBy);
}

const configOf = (image: Image): ContainerConfig => ({
  Entrypoint: [`/usr/bin/${image.command}`],
  // By number: Kubernetes cannot tell that a name is not root's.
  User: `${NON_ROOT}:${NON_ROOT}`,
  WorkingDir: '/home/nonroot',
  Env: ['PATH=/usr/local/bin:/usr/bin:/bin', 'SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt', ...image.environment],
  ExposedPorts: Object.fromEntries(image.ports.map((port) => [`${port}/tcp`, {}])),
  Labels: labelsOf(image),
});

const labelsOf = ({ title, description }: Image): Record<string, string> => ({
  'org.opencontainers.image.title': title,
  'org.opencontainers.image.description': description,
  'org.opencontainers.image.version': `v${VERSION}`,
  'org.opencontainers.image.licenses': 'Apache-2.0',
});

interface Bundled {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
}

async function componentsOf({ source }: Image, { nodeVersion, packages }: Base): Promise<Component[]> {
  const bundled = JSON.parse(await readFile(join(ROOT, source, 'dist/packages.json'), 'utf8')) as Bundled[];
  return [
    { name: 'node', version: nodeVersion, license: 'MIT', purl: `pkg:generic/node@${nodeVersion}` },
    ...packages.map(({ name, version }) => ({
      name,
      version,
      purl: `pkg:deb/debian/${encodeURIComponent(name)}@${encodeURIComponent(version)}`,
    })),
    ...bundled.map(({ name, version, license }) => ({
      name,
      version,
      ...(license === undefined ? {} : { license }),
      purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
    })),
  ];
}
