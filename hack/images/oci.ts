// An image as the blobs of the OCI image specification 1.1: layers, a config, a manifest for each machine, one index over them.
// Pure: bytes in, blobs out.
import { hash } from 'node:crypto';
import { gzipSync } from 'node:zlib';

export const MEDIA_TYPES = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
  empty: 'application/vnd.oci.empty.v1+json',
} as const;

export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly platform?: { readonly os: string; readonly architecture: string };
  readonly annotations?: Readonly<Record<string, string>>;
  readonly artifactType?: string;
}

/** By digest. */
export type Blobs = Map<string, Uint8Array>;

export interface Layer {
  readonly descriptor: Descriptor;
  /** Of the tar archive in it. */
  readonly diffId: string;
  readonly createdBy: string;
}

/** Of the image specification's `config`. */
export interface ContainerConfig {
  readonly Entrypoint: readonly string[];
  readonly Cmd?: readonly string[];
  readonly Env: readonly string[];
  readonly User: string;
  readonly WorkingDir: string;
  readonly ExposedPorts?: Readonly<Record<string, object>>;
  readonly Labels: Readonly<Record<string, string>>;
}

export const digestOf = (content: Uint8Array): string => `sha256:${hash('sha256', content)}`;

/** gzip, which everything can read; the header has no time (RFC 1952), and says nothing of the machine. */
export const compressed = (archive: Uint8Array): Buffer => gzipSync(archive, { level: 9 });

export function layerOf(archive: Uint8Array, gzipped: Uint8Array, createdBy: string): Layer {
  return { descriptor: descriptorOf(MEDIA_TYPES.layer, gzipped), diffId: digestOf(archive), createdBy };
}

export const descriptorOf = (mediaType: string, content: Uint8Array): Descriptor => ({
  mediaType,
  digest: digestOf(content),
  size: content.length,
});

export function addJson(blobs: Blobs, mediaType: string, value: object): Descriptor {
  const content = Buffer.from(JSON.stringify(value));
  const descriptor = descriptorOf(mediaType, content);
  blobs.set(descriptor.digest, content);
  return descriptor;
}

/** The manifest of one machine. */
export function addImage(
  blobs: Blobs,
  architecture: string,
  layers: readonly Layer[],
  config: ContainerConfig,
  created: string,
): Descriptor {
  const platform = { os: 'linux', architecture };
  const configDescriptor = addJson(blobs, MEDIA_TYPES.config, {
    created,
    ...platform,
    config,
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
    history: layers.map(({ createdBy }) => ({ created, created_by: createdBy })),
  });
  const manifest = addJson(blobs, MEDIA_TYPES.manifest, {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.manifest,
    config: configDescriptor,
    layers: layers.map(({ descriptor }) => descriptor),
    annotations: config.Labels,
  });
  return { ...manifest, platform };
}

export const addIndex = (
  blobs: Blobs,
  manifests: readonly Descriptor[],
  annotations: Readonly<Record<string, string>>,
): Descriptor =>
  addJson(blobs, MEDIA_TYPES.index, { schemaVersion: 2, mediaType: MEDIA_TYPES.index, manifests, annotations });

/** Something about an image, which registries and `oras` find by it (referrers, distribution specification 1.1). */
export function addReferrer(blobs: Blobs, subject: Descriptor, artifactType: string, content: Uint8Array): Descriptor {
  const layer = descriptorOf(artifactType, content);
  blobs.set(layer.digest, content);
  const { mediaType, digest, size } = subject;
  const manifest = addJson(blobs, MEDIA_TYPES.manifest, {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.manifest,
    artifactType,
    config: addJson(blobs, MEDIA_TYPES.empty, {}),
    layers: [layer],
    subject: { mediaType, digest, size },
  });
  return { ...manifest, artifactType };
}
