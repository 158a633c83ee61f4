// Turns the content of a pulled app into files of this machine (spin-contract.md §2.2): each component's Wasm is the
// cache's own file, its assets are copies below the work directory. What a registry says is not trusted: a path that
// would lead out of that directory, or an id that could, ends the load.
import { createHash } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import {
  type ComponentSource,
  type ContentPath,
  type ContentRef,
  type LockedApp,
  type LockedComponent,
  type LockedDependency,
} from '@spindle/api';
import type { PulledApp } from '@spindle/oci';
import { unusableImage } from './errors.ts';
import { guestPathNames } from './files/containment.ts';
import { MAX_PARALLEL_COPIES, openAssetDirectory } from './files/copy.ts';
import { forEachParallel } from './parallel.ts';

export interface MaterialiseOptions {
  readonly workDir: string;
  readonly signal?: AbortSignal | undefined;
}

/** The same app with each content as a `file://` URL. */
export async function materialise(pulled: PulledApp, options: MaterialiseOptions): Promise<LockedApp> {
  refuseUnsafeIds(pulled);
  const components: LockedComponent[] = [];
  for (const component of pulled.locked.components) {
    components.push(await materialiseComponent(pulled, component, options));
  }
  return { ...pulled.locked, components };
}

async function materialiseComponent(
  pulled: PulledApp,
  component: LockedComponent,
  options: MaterialiseOptions,
): Promise<LockedComponent> {
  const field = `component ${component.id}`;
  const result: LockedComponent = { ...component, source: wasmFile(pulled, component.source, field) };
  if (component.dependencies !== undefined) {
    // Not by assignment: a registry may name a dependency `__proto__`.
    result.dependencies = Object.fromEntries(
      Object.entries(component.dependencies).map(([name, dependency]) => [
        name,
        { ...dependency, source: wasmFile(pulled, dependency.source, `dependency ${name} of ${field}`) },
      ]),
    );
  }
  if (component.trigger_dependencies !== undefined) {
    result.trigger_dependencies = Object.fromEntries(
      Object.entries(component.trigger_dependencies).map(([role, parts]) => [
        role,
        (parts as LockedDependency[]).map((part) => ({
          ...part,
          source: wasmFile(pulled, part.source, `${role} of ${field}`),
        })),
      ]),
    );
  }
  if (component.files !== undefined && component.files.length > 0) {
    result.files = await assetMount(pulled, component.id, component.files, options);
  }
  return result;
}

async function assetMount(
  pulled: PulledApp,
  id: string,
  files: readonly ContentPath[],
  options: MaterialiseOptions,
): Promise<ContentPath[]> {
  const assets = await openAssetDirectory(options.workDir, id);
  await forEachParallel(files, MAX_PARALLEL_COPIES, async (file) => {
    options.signal?.throwIfAborted();
    const guestPath = guestPathNames(file.path);
    if (guestPath === undefined || guestPath.length === 0 || file.path.startsWith('/')) {
      throw unusableImage(pulled.reference, `component ${id}`, `invalid file mount ${JSON.stringify(file.path)}`);
    }
    const inline = inlineContent(pulled, file, `file ${file.path} of component ${id}`);
    await (inline === undefined
      ? assets.copy(cachedPath(pulled, file, `file ${file.path} of component ${id}`), guestPath)
      : assets.write(inline, guestPath));
  });
  return [assets.mount];
}

/** Wasm that stands in the locked app itself is a file of the cache too (`PulledApp`). */
function wasmFile(pulled: PulledApp, source: ComponentSource, what: string): ComponentSource {
  return { content_type: source.content_type, source: pathToFileURL(cachedPath(pulled, source, what)).href };
}

/** The bytes that stand in the locked app itself, checked like any other content; undefined when there are none. */
function inlineContent(pulled: PulledApp, ref: ContentRef, what: string): Buffer | undefined {
  if (ref.inline === undefined) {
    return undefined;
  }
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(ref.inline)) {
    throw unusableImage(pulled.reference, what, 'its inline content is not base64');
  }
  const content = Buffer.from(ref.inline, 'base64');
  const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`;
  if (ref.digest !== undefined && ref.digest !== digest) {
    throw unusableImage(pulled.reference, what, `its inline content does not match its digest ${ref.digest}`);
  }
  return content;
}

function cachedPath(pulled: PulledApp, { digest }: ContentRef, what: string): string {
  if (digest === undefined) {
    throw unusableImage(pulled.reference, what, 'it has neither a digest nor content');
  }
  const path = pulled.paths.get(digest);
  if (path === undefined) {
    throw unusableImage(pulled.reference, what, `the image does not hold its content ${digest}`);
  }
  return path;
}

/** An id is the name of a directory here, and two components may not share one. */
function refuseUnsafeIds(pulled: PulledApp): void {
  const seen = new Set<string>();
  for (const { id } of pulled.locked.components) {
    if (!/^[^/\\\0]+$/.test(id) || id === '.' || id === '..') {
      throw unusableImage(pulled.reference, 'components', `${JSON.stringify(id)} cannot be the id of a component`);
    }
    if (seen.has(id)) {
      throw unusableImage(pulled.reference, 'components', `two components have the id ${JSON.stringify(id)}`);
    }
    seen.add(id);
  }
}
