// A single WebAssembly file as an application: one component that answers every HTTP request, named as Spin names it.
import { basename, extname } from 'node:path';
import type { LockedApp } from '@spindle/api';
import { stringify } from 'smol-toml';
import { loadManifestText } from './manifest-app.ts';
import type { LoadOptions } from './types.ts';

export async function loadWasmApp(
  path: string,
  options: LoadOptions,
  warn: (message: string) => void,
): Promise<LockedApp> {
  const manifest = stringify({
    spin_manifest_version: 2,
    application: { name: basename(path, extname(path)) },
    trigger: { http: [{ route: '/...', component: { source: basename(path) } }] },
  });
  const { profile: _profile, ...rest } = options; // a file has no profiles
  return loadManifestText(manifest, path, rest, warn);
}
