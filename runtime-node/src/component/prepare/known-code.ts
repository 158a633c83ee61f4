// Core modules as the engine runs them: rewritten, found valid, and large ones without their data, as code that is kept
// under the digest of what it was made of. Where another build of a component has it, rewriting and validating it, nine
// tenths of the work, are not done again. Writes nothing by itself.
import { hash } from 'node:crypto';
import { join } from 'node:path';
import {
  rewriteModule,
  takeDataApart,
  type DataApart,
  type ModuleFacts,
  type RewriteOptions,
} from '../rewrite/index.ts';
import { problemOf } from './compile.ts';
import { readEntry, type Parts } from './entry.ts';
import { touch } from './eviction.ts';
import { CODE, codeName, ENGINE_VERSION } from './key.ts';

/** A smaller module is made anew within some 10 ms, and is seldom one that comes again with other data. */
const LEAST_BYTES = 512 * 1024;

const FACTS = 'facts.json';

export interface RunnableModule {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly facts: ModuleFacts;
  /** A module with the data that was taken out of it. */
  readonly data: Uint8Array<ArrayBuffer> | undefined;
  /** The entry that has `bytes`; undefined: none, it goes with the component. */
  readonly code: string | undefined;
}

/** Not valid once rewritten. */
export interface Unrunnable {
  readonly problem: string;
  readonly facts: ModuleFacts;
}

export class KnownCode {
  /** Undefined: nothing is known. */
  readonly #folder: string | undefined;
  readonly #made = new Map<string, Parts>();

  constructor(folder: string | undefined) {
    this.#folder = folder;
  }

  /** What was not known, by name. */
  get made(): ReadonlyMap<string, Parts> {
    return this.#made;
  }

  /** Throws RewriteError. */
  prepare(module: Uint8Array, options: RewriteOptions): RunnableModule | Unrunnable {
    const apart = module.length < LEAST_BYTES ? undefined : takeDataApart(module);
    if (apart === undefined || problemOf(apart.data) !== undefined) {
      return whole(module, options);
    }
    const name = nameOf(apart, options);
    return this.#find(name, apart) ?? this.#make(name, apart, module, options) ?? whole(module, options);
  }

  #find(name: string, { data }: DataApart): RunnableModule | undefined {
    const parts = this.#folder === undefined ? undefined : readEntry(this.#folder, name);
    const [bytes, facts] = [parts?.get(CODE), parts?.get(FACTS)];
    if (this.#folder === undefined || bytes === undefined || facts === undefined) {
      return undefined;
    }
    // Nobody waits for it.
    void touch(join(this.#folder, name), Date.now());
    return { bytes, data, facts: JSON.parse(new TextDecoder().decode(facts)) as ModuleFacts, code: name };
  }

  /** Undefined where the data has to stay. */
  #make(name: string, { data }: DataApart, module: Uint8Array, options: RewriteOptions): RunnableModule | undefined {
    const { bytes: rewritten, facts } = rewriteModule(module, options);
    const rest = facts.memories[0] === undefined ? undefined : takeDataApart(rewritten)?.rest;
    const bytes = rest && new Uint8Array(Buffer.concat(rest));
    // Not valid: instructions that name data, or the module is not.
    if (bytes === undefined || problemOf(bytes) !== undefined) {
      return undefined;
    }
    this.#made.set(
      name,
      new Map([
        [CODE, bytes],
        [FACTS, new TextEncoder().encode(JSON.stringify(facts))],
      ]),
    );
    return { bytes, data, facts, code: name };
  }
}

function whole(module: Uint8Array, options: RewriteOptions): RunnableModule | Unrunnable {
  const { bytes, facts } = rewriteModule(module, options);
  const problem = problemOf(bytes);
  return problem === undefined ? { bytes, facts, data: undefined, code: undefined } : { problem, facts };
}

function nameOf({ rest }: DataApart, { timeChecks, resettable = true }: RewriteOptions): string {
  const digest = hash('sha256', rest.map((piece) => `${piece.length} ${hash('sha256', piece)}`).join(' '));
  return codeName({ digest, engineVersion: ENGINE_VERSION, nodeVersion: process.version, timeChecks, resettable });
}
