// Which blob of an image holds the locked app, and what is made of it: a layer of its own, or the configuration in
// artefacts of Spin 1.x; without either the image is a plain Wasm package (spin-contract.md §2.2). Pure.
import { type LockedApp, parseLockedApp } from '@spindle/api';
import { notSpinApp, quoted } from '../errors.ts';
import { isRecord } from '../json.ts';
import { isWasmLayer, SPIN_APPLICATION } from '../media-types.ts';
import type { ImageManifest } from '../registry/manifest.ts';
import type { Descriptor } from '../types.ts';
import { wasmPackageApp } from './wasm-package.ts';

/** An application layer overrides the configuration, which then need not be fetched. */
export function lockedAppBlob({ config, layers }: ImageManifest, where: string): Descriptor {
  const [application, ...others] = layers.filter(({ mediaType }) => mediaType === SPIN_APPLICATION);
  if (others.length > 0) {
    throw notSpinApp(where, `it has ${others.length + 1} layers of the type ${SPIN_APPLICATION}`);
  }
  return application ?? config;
}

export function lockedAppFrom(bytes: Buffer, manifest: ImageManifest, packageName: string, where: string): LockedApp {
  const text = bytes.toString('utf8');
  if (isLockedApp(text)) {
    return parseLockedApp(text, where);
  }
  const blob = lockedAppBlob(manifest, where);
  if (blob.mediaType === SPIN_APPLICATION) {
    throw notSpinApp(where, 'its locked app has no "spin_lock_version"');
  }
  // An ordinary container image has one or more layers as well, but none that is Wasm.
  if (!manifest.layers.some(({ mediaType }) => isWasmLayer(mediaType))) {
    throw notSpinApp(where, `config media type ${quoted(blob.mediaType)}, and no layer is Wasm`);
  }
  return wasmPackageApp(manifest, packageName, where);
}

function isLockedApp(text: string): boolean {
  try {
    const document: unknown = JSON.parse(text);
    return isRecord(document) && document['spin_lock_version'] !== undefined;
  } catch {
    // expected: the configuration of an artefact that is not Spin's may be anything, even empty.
    return false;
  }
}
