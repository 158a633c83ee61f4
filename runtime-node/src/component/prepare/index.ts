// Makes a component ready once: its plan and its compiled core modules. With a cache folder, what is slow to make is
// kept there under the component's digest, for this process's next start and for every other process.
//
// An entry is a folder of checked files, today only plan.json: the core modules are not changed on the way, and the
// caller holds their bytes, so that copies would only be read and checked for nothing. Rewritten modules, memory
// images and globals are further files of the same entry once there are any.
import { UserError } from '@spindle/api';
import { join } from 'node:path';
import type { PreparedComponent } from '../api.ts';
import type { ModuleFacts } from '../rewrite/types.ts';
import { decodeComponent } from '../decode/index.ts';
import type { ComponentPlan } from '../plan.ts';
import { compileModules } from './compile.ts';
import { codeOf, readEntry, writeEntry } from './entry.ts';
import { digestOf, ENGINE_VERSION, entryName } from './key.ts';

export interface PrepareOptions {
  /** Shared by processes. Nothing is kept without it. */
  readonly cacheDir?: string;
  /** What to call the component in messages: the path of its file. */
  readonly name?: string;
}

/** A module as the component has it. */
const UNCHANGED: ModuleFacts = {
  obstacles: ['a module that was not rewritten'],
  memories: {},
  virtualMemory: false,
  importedMemory: undefined,
  savesGlobals: false,
};

/** Of `cacheDir`, which others use too. */
const FOLDER = 'components';
const PLAN = 'plan.json';
/** A cache that cannot be written costs time at every start; it is no reason not to start. */
const UNWRITABLE = ['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT'];

export async function prepareComponent(bytes: Uint8Array, options: PrepareOptions = {}): Promise<PreparedComponent> {
  const { cacheDir, name } = options;
  const digest = digestOf(bytes);
  const cache = cacheDir === undefined ? undefined : planCache(join(cacheDir, FOLDER), digest);
  const cached = await cache?.read();
  const plan = cached ?? decodeComponent(bytes, name === undefined ? {} : { file: name });
  const modules = await compileModules(bytes, plan.modules, name);
  if (cached === undefined) {
    await cache?.write(plan);
  }
  return { digest, plan, modules, facts: modules.map(() => UNCHANGED) };
}

interface PlanCache {
  read(): Promise<ComponentPlan | undefined>;
  write(plan: ComponentPlan): Promise<void>;
}

function planCache(folder: string, digest: string): PlanCache {
  const key = { digest, engineVersion: ENGINE_VERSION, nodeVersion: process.version, options: {} };
  const entry = entryName(key);
  return {
    read: async () => {
      const plan = (await readEntry(folder, entry))?.get(PLAN);
      // Written by this version of the code, and unchanged since: the manifest says so.
      return plan === undefined ? undefined : (JSON.parse(Buffer.from(plan).toString()) as ComponentPlan);
    },
    write: async (plan) => {
      try {
        await writeEntry(folder, entry, new Map([[PLAN, Buffer.from(JSON.stringify(plan))]]));
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
    },
  };
}
