// The app without dependencies: each component that has some is composed with them into a file of its own, for who stores
// or moves the app (`registry push --compose`). What no trigger uses is composed too: it will be stored.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { LockedApp, LockedComponent } from '@spindle/api';
import { compositionOf, hasDependencies } from './recipe.ts';

/** Files are written to `folder`, which exists. */
export async function composeDependencies(locked: LockedApp, folder: string): Promise<LockedApp> {
  const components: LockedComponent[] = [];
  // One after the other: a component of Python is 20 MB, and is held twice.
  for (const [index, component] of locked.components.entries()) {
    components.push(
      hasDependencies(component) ? await composed(component, join(folder, `composed-${index}.wasm`)) : component,
    );
  }
  return { ...locked, components };
}

async function composed(component: LockedComponent, path: string): Promise<LockedComponent> {
  const { inputs, make } = compositionOf(component);
  await writeFile(path, await make(await Promise.all(inputs.map((input) => readFile(input.path)))));
  const { dependencies: _, trigger_dependencies: __, ...rest } = component;
  return { ...rest, source: { content_type: component.source.content_type, source: pathToFileURL(path).href } };
}
