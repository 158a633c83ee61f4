// From a manifest to a locked app: its sources fetched, its files copied (spin-contract.md §1.3, §1.7, §2.1).
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  applyProfile,
  dependencyContent,
  lockApp,
  parseManifest,
  type AppManifest,
  type ComponentContent,
  type ComponentSource,
  type ContentPath,
  type DependencyManifest,
  type DependencySource,
  type LockedApp,
  type TriggerDependency,
} from '@spindle/api';
import { manifestNotText, unreadableManifest } from './errors.ts';
import { MAX_PARALLEL_COPIES } from './files/copy.ts';
import { isSystemError } from './files/directory.ts';
import { copyMounts, directMounts } from './files/mount.ts';
import { forEachParallel } from './parallel.ts';
import { atPlace } from './placed-error.ts';
import { createContentLoader } from './sources/content-loader.ts';
import type { LoadOptions } from './types.ts';

type Warn = (message: string) => void;

export async function loadManifestApp(path: string, options: LoadOptions, warn: Warn): Promise<LockedApp> {
  return loadManifestText(await readManifest(path), path, options, warn);
}

/** `path` is what relative paths count from, and what messages name. */
export async function loadManifestText(
  text: string,
  path: string,
  options: LoadOptions,
  warn: Warn,
): Promise<LockedApp> {
  const file = resolve(path);
  const { manifest: written, warnings } = parseManifest(text, file);
  warnings.forEach(warn);
  const manifest = options.profile === undefined ? written : applyProfile(written, options.profile);
  const sources = await loadSources(manifest, file, options);
  const files = await loadFiles(manifest, file, options, warn);
  return lockApp(manifest, {
    origin: pathToFileURL(file).href,
    content: (id) => {
      const component = manifest.components.get(id);
      const dependencies = component?.dependencies ?? new Map<string, DependencyManifest>();
      return {
        source: sources.of(component?.source),
        files: files.get(id) ?? [],
        dependencies: mapValues(dependencies, ({ from }) => sources.of(from)),
      };
    },
    triggerContent: (id) => {
      const trigger = manifest.triggers.find((one) => one.id === id);
      const dependencies = trigger?.dependencies ?? new Map<string, readonly TriggerDependency[]>();
      return mapValues(dependencies, (list) => list.map(({ from }) => sources.of(from)));
    },
  });
}

async function readManifest(path: string): Promise<string> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw isSystemError(error) ? unreadableManifest(path, error) : error;
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw manifestNotText(path, error);
  }
}

/** A content that the manifest names, and where it names it. */
interface Named {
  readonly field: string;
  readonly from: DependencySource;
}

interface Sources {
  of(from: DependencySource | undefined): ComponentSource;
}

async function loadSources(manifest: AppManifest, file: string, options: LoadOptions): Promise<Sources> {
  const load = createContentLoader(dirname(file), options);
  const contentOf = (from: DependencySource): ComponentContent => dependencyContent(manifest, from);
  const paths = new Map<string, string>();
  await forEachParallel(namedContents(manifest), MAX_PARALLEL_COPIES, async ({ field, from }) => {
    options.signal?.throwIfAborted();
    const content = contentOf(from);
    paths.set(JSON.stringify(content), await atPlace({ file, field }, () => load(content)));
  });
  return {
    of: (from) => {
      const path = from === undefined ? undefined : paths.get(JSON.stringify(contentOf(from)));
      if (path === undefined) {
        throw new Error(`no content was loaded for ${JSON.stringify(from)}`);
      }
      return { content_type: 'application/wasm', source: pathToFileURL(path).href };
    },
  };
}

function* namedContents(manifest: AppManifest): Generator<Named> {
  for (const { id, source, dependencies } of manifest.components.values()) {
    yield { field: `component.${id}.source`, from: source };
    for (const [name, { from }] of dependencies) {
      yield { field: `component.${id}.dependencies.${JSON.stringify(name)}`, from };
    }
  }
  for (const { id, dependencies } of manifest.triggers) {
    for (const [role, list] of dependencies) {
      for (const [index, { from }] of list.entries()) {
        yield { field: `trigger ${id}: dependencies.${role}[${index}]`, from };
      }
    }
  }
}

async function loadFiles(
  manifest: AppManifest,
  file: string,
  options: LoadOptions,
  warn: Warn,
): Promise<ReadonlyMap<string, ContentPath[]>> {
  const mount = options.directMounts === true ? directMounts : copyMounts;
  const mounts = new Map<string, ContentPath[]>();
  for (const { id, files, excludeFiles } of manifest.components.values()) {
    const { workDir, signal } = options;
    const appRoot = dirname(file);
    mounts.set(
      id,
      await mount({ componentId: id, files, excludeFiles, appRoot, manifest: file, workDir, warn, signal }),
    );
  }
  return mounts;
}

function mapValues<Value, Result>(
  map: ReadonlyMap<string, Value>,
  change: (value: Value) => Result,
): ReadonlyMap<string, Result> {
  return new Map([...map].map(([key, value]) => [key, change(value)]));
}
