// Image manifests and indexes as data, from bytes of a stranger (OCI image-spec 1.1 manifest.md, image-index.md;
// Docker image manifest 2.2). Pure.
import { isDigest } from '../digest.ts';
import { invalidManifest, quoted } from '../errors.ts';
import { isRecord } from '../json.ts';
import { DOCKER_INDEX, DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST } from '../media-types.ts';
import type { Descriptor } from '../types.ts';

export interface ImageManifest {
  readonly kind: 'manifest';
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly annotations: Readonly<Record<string, string>>;
}

export interface Platform {
  readonly os: string;
  readonly architecture: string;
}

export interface IndexEntry extends Descriptor {
  readonly platform: Platform | undefined;
}

export interface ImageIndex {
  readonly kind: 'index';
  readonly manifests: readonly IndexEntry[];
}

const MANIFESTS = new Set([OCI_MANIFEST, DOCKER_MANIFEST]);
const INDEXES = new Set([OCI_INDEX, DOCKER_INDEX]);

/** What a client says it can read. */
export const MANIFEST_ACCEPT = [...MANIFESTS, ...INDEXES].join(', ');

/** Reads a manifest or an index; `where` names it in errors. */
export function parseManifest(bytes: Uint8Array, where: string): ImageManifest | ImageIndex {
  const fail = (field: string, reason: string): never => {
    throw invalidManifest(where, field, reason);
  };
  let document: unknown;
  try {
    document = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch (error) {
    return fail('', `it is not JSON: ${quoted(error instanceof Error ? error.message : 'unreadable')}`);
  }
  if (!isRecord(document)) {
    return fail('', 'it is not a JSON object');
  }
  if (document['schemaVersion'] !== 2) {
    return fail('schemaVersion', 'only version 2 is supported');
  }
  const mediaType = document['mediaType'];
  const isIndex = document['manifests'] !== undefined;
  // A document that can be read as both is an attack on whoever checks it as the one and uses it as the other
  // (CVE-2021-41190).
  if (isIndex && (document['layers'] !== undefined || document['config'] !== undefined)) {
    return fail('manifests', 'it is a manifest and an index at once');
  }
  if (mediaType !== undefined && !(typeof mediaType === 'string' && (isIndex ? INDEXES : MANIFESTS).has(mediaType))) {
    return fail('mediaType', `it is not the media type of ${isIndex ? 'an index' : 'an image manifest'}`);
  }
  if (isIndex) {
    const manifests = readList(document['manifests'], 'manifests', fail);
    return { kind: 'index', manifests: manifests.map((entry, at) => readIndexEntry(entry, `manifests[${at}]`, fail)) };
  }
  return {
    kind: 'manifest',
    config: readDescriptor(document['config'], 'config', fail),
    layers: readList(document['layers'], 'layers', fail).map((layer, at) =>
      readDescriptor(layer, `layers[${at}]`, fail),
    ),
    annotations: readAnnotations(document['annotations'], 'annotations', fail) ?? {},
  };
}

type Fail = (field: string, reason: string) => never;

function readList(value: unknown, field: string, fail: Fail): readonly unknown[] {
  return Array.isArray(value) ? value : fail(field, `"${field}" is not a list`);
}

function readDescriptor(value: unknown, field: string, fail: Fail): Descriptor {
  if (!isRecord(value)) {
    return fail(field, `"${field}" is not a descriptor`);
  }
  const { mediaType, digest, size } = value;
  if (typeof mediaType !== 'string' || mediaType === '') {
    return fail(`${field}.mediaType`, 'a descriptor has no media type');
  }
  if (typeof digest !== 'string' || !isDigest(digest)) {
    return fail(`${field}.digest`, 'a descriptor has no sha256 digest');
  }
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
    return fail(`${field}.size`, 'a descriptor has no size');
  }
  const annotations = readAnnotations(value['annotations'], `${field}.annotations`, fail);
  return { mediaType, digest, size, ...(annotations === undefined ? {} : { annotations }) };
}

function readIndexEntry(value: unknown, field: string, fail: Fail): IndexEntry {
  const descriptor = readDescriptor(value, field, fail);
  const platform = isRecord(value) ? value['platform'] : undefined;
  const { os, architecture } = isRecord(platform) ? platform : {};
  const known = typeof os === 'string' && typeof architecture === 'string';
  return { ...descriptor, platform: known ? { os, architecture } : undefined };
}

function readAnnotations(value: unknown, field: string, fail: Fail): Record<string, string> | undefined {
  if (value === undefined || value === null) {
    return undefined;
  }
  const entries = isRecord(value) ? Object.entries(value) : fail(field, 'annotations are not an object');
  const texts = entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return texts.length === entries.length ? Object.fromEntries(texts) : fail(field, 'an annotation is not a string');
}
