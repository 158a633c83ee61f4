// A plain Wasm package (as wkg publishes it) as an app: one component that answers every HTTP request
// (spin-contract.md §2.2; names as Spin's loader gives them to a single .wasm file, §1.5). Pure.
import type { LockedApp } from '@spindle/api';
import { notSpinApp } from '../errors.ts';
import type { ImageManifest } from '../registry/manifest.ts';

export function wasmPackageApp(manifest: ImageManifest, name: string, where: string): LockedApp {
  const [layer, ...others] = manifest.layers;
  if (layer === undefined || others.length > 0) {
    throw notSpinApp(where, `expected single layer in OCI package, found ${manifest.layers.length} layers`);
  }
  const component = 'http-trigger1-component';
  return {
    spin_lock_version: 0,
    metadata: { name, trigger: { type: 'http' }, triggers: {} },
    triggers: [{ id: 'http-trigger1', trigger_type: 'http', trigger_config: { component, route: '/...' } }],
    components: [{ id: component, source: { content_type: 'application/wasm', digest: layer.digest } }],
  };
}
