// Makes a component ready once: its plan, and its core modules rewritten, validated and compiled. With a cache folder,
// what is slow to make is kept there under the component's digest, for this process's next start and for every other
// process; then the component itself is not even read.
import { UserError } from '@spindle/api';
import { join } from 'node:path';
import type { PreparedComponent } from '../api.ts';
import { compileValid } from './compile.ts';
import {
  fileContent,
  heldContent,
  recipeContent,
  type ComponentContent,
  type ComponentFile,
  type ComponentRecipe,
} from './content.ts';
import { codeOf, readEntry, writeEntry, type Parts } from './entry.ts';
import { evict, MAX_CACHE_BYTES, touch } from './eviction.ts';
import { ENGINE_VERSION, entryName } from './key.ts';
import type { Made } from './make.ts';
import type { RewriteModulesOptions } from './rewrite-modules.ts';

export type { ComponentFile, ComponentRecipe } from './content.ts';

export interface PrepareOptions {
  /** Shared by processes. Nothing is kept without it. */
  readonly cacheDir?: string;
  /** What to call a component in messages that is not given as a file. */
  readonly name?: string;
  /** As RewriteOptions has it; default false. */
  readonly timeChecks?: boolean;
}

/** What is kept besides the modules. */
type Kept = Omit<Made, 'modules'>;

/** Of `cacheDir`, which others use too. */
const FOLDER = 'components';
const KEPT = 'component.json';
const MODULE = 'module-';
/** A cache that cannot be written costs time at every start; it is no reason not to start. */
const UNWRITABLE = ['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT'];

export async function prepareComponent(
  source: Uint8Array | ComponentFile | ComponentRecipe,
  options: PrepareOptions = {},
): Promise<PreparedComponent> {
  const folder = options.cacheDir === undefined ? undefined : join(options.cacheDir, FOLDER);
  const content = await contentOf(source, folder);
  const { timeChecks = false, name } = options;
  const prepared =
    (folder === undefined ? undefined : await fromCache(folder, content.digest, timeChecks)) ??
    (await anew(content, { timeChecks, folder, file: 'path' in source ? source.path : name }));
  if (folder !== undefined) {
    for (const note of content.notes) {
      await write(folder, note.name, note.parts);
    }
  }
  return prepared;
}

async function contentOf(
  source: Uint8Array | ComponentFile | ComponentRecipe,
  folder: string | undefined,
): Promise<ComponentContent> {
  if (source instanceof Uint8Array) {
    return heldContent(source);
  }
  return 'path' in source ? fileContent(source, folder, Date.now()) : recipeContent(source, folder, Date.now());
}

async function fromCache(folder: string, digest: string, timeChecks: boolean): Promise<PreparedComponent | undefined> {
  const name = nameOf(digest, timeChecks);
  const made = readMade(folder, name);
  if (made === undefined) {
    return undefined;
  }
  const modules = await compileValid(made.modules);
  // V8 has copies; this gives the memory back now, and not when it happens to collect garbage.
  made.modules[0]?.buffer.transfer(0);
  // Nobody waits for it.
  void touch(join(folder, name), Date.now());
  return { digest, plan: made.plan, facts: made.facts, modules };
}

interface AnewOptions extends RewriteModulesOptions {
  readonly folder: string | undefined;
}

async function anew(content: ComponentContent, { folder, ...options }: AnewOptions): Promise<PreparedComponent> {
  const [{ bytes, digest }, { makeComponent }] = await Promise.all([content.read(), import('./make.ts')]);
  const made = await makeComponent(bytes, options);
  const modules = await compileValid(made.modules);
  if (folder !== undefined) {
    await keep(folder, nameOf(digest, options.timeChecks), made);
  }
  return { digest, plan: made.plan, facts: made.facts, modules };
}

const nameOf = (digest: string, timeChecks: boolean): string =>
  entryName({ digest, engineVersion: ENGINE_VERSION, nodeVersion: process.version, timeChecks });

function readMade(folder: string, name: string): Made | undefined {
  const parts = readEntry(folder, name);
  const kept = parts?.get(KEPT);
  if (parts === undefined || kept === undefined) {
    return undefined;
  }
  // Written by this version of the code, and unchanged since: the name and the checksum say so.
  const { plan, facts } = JSON.parse(Buffer.from(kept.buffer, kept.byteOffset, kept.length).toString()) as Kept;
  return { plan, facts, modules: facts.map((_, index) => parts.get(`${MODULE}${index}`) as Uint8Array<ArrayBuffer>) };
}

async function keep(folder: string, name: string, { plan, facts, modules }: Made): Promise<void> {
  const kept: Kept = { plan, facts };
  const parts = new Map([[KEPT, new TextEncoder().encode(JSON.stringify(kept))]]);
  modules.forEach((bytes, index) => parts.set(`${MODULE}${index}`, bytes));
  await write(folder, name, parts);
}

async function write(folder: string, name: string, parts: Parts): Promise<void> {
  try {
    await writeEntry(folder, name, parts);
    await evict(folder, name, MAX_CACHE_BYTES, Date.now());
  } catch (error) {
    // expected: the cache may be read-only or full
    if (!UNWRITABLE.includes(codeOf(error))) {
      throw new UserError(`cannot keep prepared components in ${folder}`, {
        code: 'SPK4016',
        file: folder,
        remedy: 'Give a cache directory that can be written.',
        cause: error,
      });
    }
  }
}
