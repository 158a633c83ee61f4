// Loads an application from wherever it is, so that everything it consists of is a file of this machine.
import type { LockedApp } from '@spindle/api';
import { pullApp } from '@spindle/oci';
import { loadManifestApp } from './manifest-app.ts';
import { materialise } from './registry-app.ts';
import { checkSources } from './sources/check-sources.ts';
import type { AppSource, LoadedApp, LoadOptions } from './types.ts';
import { loadWasmApp } from './wasm-app.ts';

export async function loadApp(source: AppSource, options: LoadOptions): Promise<LoadedApp> {
  const warnings: string[] = [];
  const warn = (message: string): void => {
    warnings.push(message);
  };
  const locked = await lockedApp(source, options, warn);
  const origin = source.kind === 'registry' ? source.reference : source.path;
  await checkSources(locked, { origin, components: options.components, warn });
  return { locked, source, warnings };
}

async function lockedApp(source: AppSource, options: LoadOptions, warn: (message: string) => void): Promise<LockedApp> {
  switch (source.kind) {
    case 'manifest':
      return loadManifestApp(source.path, options, warn);
    case 'wasm':
      return loadWasmApp(source.path, options, warn);
    case 'registry':
      return materialise(await pullApp(source.reference, options), options);
  }
}
