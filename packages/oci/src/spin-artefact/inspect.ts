// Looks at an image without fetching its content: whether the registry has it, its digest, and whether it may be a Spin app.
import { notSpinApp } from '../errors.ts';
import { SPIN_APPLICATION, isWasmLayer } from '../media-types.ts';
import { formatReference, parseReference } from '../reference.ts';
import { parseManifest, type ImageManifest } from '../registry/manifest.ts';
import { getManifest } from '../registry/manifests.ts';
import { chooseManifest, machinePlatform } from '../registry/platform.ts';
import { RegistrySession } from '../registry/session.ts';
import type { PushedApp, RegistryOptions } from '../types.ts';

/** Throws what a pull would: the registry refuses, there is no such image, or it is no Spin app. */
export async function inspectApp(text: string, options: RegistryOptions): Promise<PushedApp> {
  const reference = parseReference(text);
  const where = formatReference(reference);
  const session = new RegistrySession(reference.registry, reference.repository, where, options);
  const first = await getManifest(session, reference.digest ?? reference.tag ?? 'latest');
  const document = parseManifest(first.bytes, where);
  if (document.kind === 'manifest') {
    checkLayers(document, where);
    return { reference: where, digest: first.digest };
  }
  const chosen = chooseManifest(document, machinePlatform(process.platform, process.arch), where);
  const second = await getManifest(session, chosen.digest);
  const manifest = parseManifest(second.bytes, where);
  if (manifest.kind === 'index') {
    throw notSpinApp(where, 'its index leads to another index');
  }
  checkLayers(manifest, where);
  return { reference: where, digest: second.digest };
}

/** Artefacts of Spin 1.x have the locked app as their configuration. */
function checkLayers({ config, layers }: ImageManifest, where: string): void {
  const types = [config, ...layers].map(({ mediaType }) => mediaType);
  if (!types.some((type) => type === SPIN_APPLICATION || isWasmLayer(type))) {
    throw notSpinApp(where, 'it has neither a locked application nor a Wasm layer, as an ordinary container image');
  }
}
