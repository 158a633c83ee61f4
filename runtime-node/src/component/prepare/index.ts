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
import { CODE, ENGINE_VERSION, entryName } from './key.ts';
import type { RunnableModule } from './known-code.ts';
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
  /** Takes what is to be written to the cache when there is time for it; without it, it is written first. */
  readonly later?: (write: () => Promise<void>) => void;
}

/** What is kept besides the modules' bytes. */
interface Kept {
  readonly plan: Made['plan'];
  readonly modules: readonly Pick<RunnableModule, 'facts' | 'code'>[];
}

/** Of `cacheDir`, which others use too. */
const FOLDER = 'components';
const KEPT = 'component.json';
const MODULE = 'module-';
const DATA = 'data-';
/** A cache that cannot be written costs time at every start; it is no reason not to start. */
const UNWRITABLE = ['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT'];

export async function prepareComponent(
  source: Uint8Array | ComponentFile | ComponentRecipe,
  options: PrepareOptions = {},
): Promise<PreparedComponent> {
  const folder = options.cacheDir === undefined ? undefined : join(options.cacheDir, FOLDER);
  const content = await contentOf(source, folder);
  const { timeChecks = false, name } = options;
  const writes: Writes = [];
  const prepared =
    (folder === undefined ? undefined : await fromCache(folder, content.digest, timeChecks)) ??
    (await anew(content, { timeChecks, folder, file: 'path' in source ? source.path : name }, writes));
  if (folder !== undefined) {
    writes.push(...content.notes.map((note) => [note.name, note.parts] as const));
    await writeWhen(options.later, folder, writes);
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
  const prepared = { digest, ...(await compileMade(made)) };
  // V8 has copies; this gives the memory back now, and not when it happens to collect garbage.
  for (const buffer of new Set(made.modules.map(({ bytes }) => bytes.buffer))) {
    buffer.transfer(0);
  }
  // Nobody waits for it.
  for (const used of [name, ...made.modules.flatMap(({ code }) => code ?? [])]) {
    void touch(join(folder, used), Date.now());
  }
  return prepared;
}

/** What is to be written, by the names of the entries. */
type Writes = (readonly [name: string, parts: Parts])[];

interface AnewOptions extends RewriteModulesOptions {
  readonly folder: string | undefined;
}

async function anew(
  content: ComponentContent,
  { folder, ...options }: AnewOptions,
  writes: Writes,
): Promise<PreparedComponent> {
  const [{ bytes, digest }, { makeComponent }] = await Promise.all([content.read(), import('./make.ts')]);
  const made = await makeComponent(bytes, options, folder);
  const prepared = { digest, ...(await compileMade(made)) };
  writes.push(...made.code, [nameOf(digest, options.timeChecks), partsOf(made)]);
  return prepared;
}

async function compileMade({ plan, modules }: Made): Promise<Omit<PreparedComponent, 'digest'>> {
  const data = modules.flatMap((module, index) => (module.data === undefined ? [] : [[index, module.data] as const]));
  const compiled = await compileValid([...modules.map(({ bytes }) => bytes), ...data.map(([, bytes]) => bytes)]);
  return {
    plan,
    facts: modules.map(({ facts }) => facts),
    modules: compiled.slice(0, modules.length),
    data: new Map(data.map(([index], at) => [index, compiled[modules.length + at] as WebAssembly.Module])),
  };
}

const nameOf = (digest: string, timeChecks: boolean): string =>
  entryName({ digest, engineVersion: ENGINE_VERSION, nodeVersion: process.version, timeChecks });

/** Nothing also when code of it is not there any more. */
function readMade(folder: string, name: string): Made | undefined {
  const parts = readEntry(folder, name);
  const text = parts?.get(KEPT);
  if (parts === undefined || text === undefined) {
    return undefined;
  }
  // Written by this version of the code, and unchanged since: the name and the checksum say so.
  const kept = JSON.parse(Buffer.from(text.buffer, text.byteOffset, text.length).toString()) as Kept;
  const modules: RunnableModule[] = [];
  for (const [index, { facts, code }] of kept.modules.entries()) {
    const bytes = code === undefined ? parts.get(`${MODULE}${index}`) : readEntry(folder, code)?.get(CODE);
    if (bytes === undefined) {
      return undefined;
    }
    modules.push({ bytes, facts, code, data: parts.get(`${DATA}${index}`) });
  }
  return { plan: kept.plan, modules };
}

function partsOf({ plan, modules }: Made): Parts {
  const kept: Kept = { plan, modules: modules.map(({ facts, code }) => ({ facts, code })) };
  const parts = new Map([[KEPT, new TextEncoder().encode(JSON.stringify(kept))]]);
  for (const [index, { bytes, data, code }] of modules.entries()) {
    if (code === undefined) {
      parts.set(`${MODULE}${index}`, bytes);
    }
    if (data !== undefined) {
      parts.set(`${DATA}${index}`, data);
    }
  }
  return parts;
}

async function writeWhen(later: PrepareOptions['later'], folder: string, writes: Writes): Promise<void> {
  const writeAll = async (): Promise<void> => {
    for (const [name, parts] of writes) {
      await write(folder, name, parts);
    }
  };
  if (later === undefined) {
    await writeAll();
  } else if (writes.length > 0) {
    later(writeAll);
  }
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
