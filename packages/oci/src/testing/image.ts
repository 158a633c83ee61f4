// Builds images as bytes, and serves them from a fault registry with well-formed answers.
import { digestOf } from '../digest.ts';
import { DATA_LAYER, OCI_IMAGE_CONFIG, OCI_MANIFEST, SPIN_APPLICATION, WASM_LAYER } from '../media-types.ts';
import type { Descriptor } from '../types.ts';
import type { ServerResponse } from 'node:http';
import { type RecordedRequest, send } from './fault-registry.ts';

export interface Image {
  readonly manifest: Buffer;
  readonly digest: string;
  /** By digest. */
  readonly blobs: ReadonlyMap<string, Buffer>;
}

export const wasm = (label: string): Buffer =>
  Buffer.concat([Buffer.from('0061736d0d000100', 'hex'), Buffer.from(label)]);

export const descriptorOf = (mediaType: string, bytes: Uint8Array): Descriptor => ({
  mediaType,
  digest: digestOf(bytes),
  size: bytes.byteLength,
});

/** An image of any layers. */
export function image(
  layers: readonly { mediaType: string; bytes: Buffer }[],
  config = { mediaType: OCI_IMAGE_CONFIG, bytes: Buffer.from('{}') },
): Image {
  const blobs = new Map([config, ...layers].map(({ bytes }) => [digestOf(bytes), bytes]));
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: OCI_MANIFEST,
      config: descriptorOf(config.mediaType, config.bytes),
      layers: layers.map(({ mediaType, bytes }) => descriptorOf(mediaType, bytes)),
    }),
  );
  return { manifest, digest: digestOf(manifest), blobs };
}

export interface SpinImageOptions {
  readonly component?: Buffer;
  /** Guest path to content; each a layer. */
  readonly files?: Readonly<Record<string, Buffer>>;
  readonly extraLayers?: readonly { mediaType: string; bytes: Buffer }[];
}

export function lockedApp(component: Buffer, files: Readonly<Record<string, Buffer>> = {}): Record<string, unknown> {
  return {
    spin_lock_version: 0,
    metadata: { name: 'app', trigger: { type: 'http' }, triggers: {} },
    triggers: [
      { id: 'hello-http-trigger', trigger_type: 'http', trigger_config: { component: 'hello', route: '/...' } },
    ],
    components: [
      {
        id: 'hello',
        source: { content_type: 'application/wasm', digest: digestOf(component) },
        ...(Object.keys(files).length === 0
          ? {}
          : { files: Object.entries(files).map(([path, bytes]) => ({ digest: digestOf(bytes), path })) }),
      },
    ],
  };
}

/** An image as Spin writes it: Wasm, files, locked app. */
export function spinImage({ component = wasm('hello'), files = {}, extraLayers = [] }: SpinImageOptions = {}): Image {
  return image([
    { mediaType: WASM_LAYER, bytes: component },
    ...Object.values(files).map((bytes) => ({ mediaType: DATA_LAYER, bytes })),
    ...extraLayers,
    { mediaType: SPIN_APPLICATION, bytes: Buffer.from(JSON.stringify(lockedApp(component, files))) },
  ]);
}

/** Answers reads of one image under the repository `me/app`, tag `v1`; false when the request is for something else. */
export function serveImage(stored: Image, request: RecordedRequest, response: ServerResponse): boolean {
  const [, kind, reference] = /^(?:GET|HEAD) \/v2\/me\/app\/(manifests|blobs)\/(\S+)$/.exec(request.line) ?? [];
  if (kind === 'manifests' && (reference === 'v1' || reference === stored.digest)) {
    send(response, 200, { 'content-type': OCI_MANIFEST, 'docker-content-digest': stored.digest }, stored.manifest);
    return true;
  }
  const blob = kind === 'blobs' ? stored.blobs.get(reference ?? '') : undefined;
  if (blob === undefined) {
    return false;
  }
  send(response, 200, { 'content-length': String(blob.byteLength) }, blob);
  return true;
}
