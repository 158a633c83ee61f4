// The oracle: the JavaScript that jco generates for a component, an implementation of the canonical ABI that is not ours.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { transpile } from '@bytecodealliance/jco';

/** Exported functions by interface (as written, or without its package) and name in camel case. */
export type JcoExports = Readonly<Record<string, Readonly<Record<string, (...args: unknown[]) => unknown>>>>;

/** Imported functions and classes, by interface without its version. */
export type JcoImports = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export interface JcoGuest {
  /** A fresh instance. */
  instantiate(imports: JcoImports): JcoExports;
}

interface GeneratedModule {
  instantiate(getCoreModule: (path: string) => WebAssembly.Module, imports: JcoImports): JcoExports;
}

/** Functions by interface and name, e.g. `wasi:io/poll@0.2.0#poll`, that may suspend the guest. */
export interface Suspensions {
  readonly imports: readonly string[];
  readonly exports: readonly string[];
}

export async function transpileGuest(component: Uint8Array, suspensions?: Suspensions): Promise<JcoGuest> {
  const { files } = await transpile(component, {
    name: 'guest',
    instantiation: 'sync',
    wasiShim: false,
    nodejsCompat: false,
    base64Cutoff: 0,
    noTypescript: true,
    ...(suspensions === undefined
      ? {}
      : {
          asyncMode: 'jspi',
          asyncImports: [...suspensions.imports],
          asyncExports: [...suspensions.exports],
        }),
  });
  const modules = new Map<string, WebAssembly.Module>();
  let script: Uint8Array | undefined;
  for (const [path, contents] of Object.entries(files)) {
    if (path.endsWith('.wasm')) {
      modules.set(basename(path), new WebAssembly.Module(Uint8Array.from(contents)));
    } else if (path.endsWith('guest.js')) {
      script = contents;
    }
  }
  if (script === undefined) {
    throw new Error('jco generated no script');
  }
  const generated = await importScript(script);
  return {
    instantiate: (imports) =>
      generated.instantiate((path) => {
        const module = modules.get(path);
        if (module === undefined) {
          throw new Error(`jco generated no module ${path}`);
        }
        return module;
      }, imports),
  };
}

async function importScript(script: Uint8Array): Promise<GeneratedModule> {
  const folder = await mkdtemp(join(tmpdir(), 'spindle-jco-'));
  try {
    const path = join(folder, 'guest.mjs');
    await writeFile(path, script);
    return (await import(pathToFileURL(path).href)) as GeneratedModule;
  } finally {
    await rm(folder, { recursive: true });
  }
}
