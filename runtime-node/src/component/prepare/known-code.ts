// Core modules as the engine runs them: rewritten, and found valid. What is made of large ones is kept under the digest of
// what it was made of, without their data where that can be taken out: where another build of a component has the same
// code, rewriting and validating it, nine tenths of the work, are not done again. Writes nothing by itself.
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
    if (module.length < LEAST_BYTES) {
      return whole(module, options);
    }
    const apart = dataApart(module);
    const apartName = apart && nameOf(apart.rest, options);
    const found = apartName === undefined ? undefined : this.#find(apartName, apart?.data);
    if (found !== undefined) {
      return found;
    }
    const wholeName = nameOf([module], options);
    return (
      this.#find(wholeName, undefined) ??
      this.#keep(apartName, apart && withoutData(module, apart, options)) ??
      this.#keep(wholeName, whole(module, options))
    );
  }

  #find(name: string, data: RunnableModule['data']): RunnableModule | undefined {
    const parts = this.#folder === undefined ? undefined : readEntry(this.#folder, name);
    const [bytes, facts] = [parts?.get(CODE), parts?.get(FACTS)];
    if (this.#folder === undefined || bytes === undefined || facts === undefined) {
      return undefined;
    }
    // Nobody waits for it.
    void touch(join(this.#folder, name), Date.now());
    return { bytes, data, facts: JSON.parse(new TextDecoder().decode(facts)) as ModuleFacts, code: name };
  }

  #keep<Made extends RunnableModule | Unrunnable | undefined>(name: string | undefined, made: Made): Made {
    if (name === undefined || made === undefined || 'problem' in made) {
      return made;
    }
    const facts = new TextEncoder().encode(JSON.stringify(made.facts));
    this.#made.set(
      name,
      new Map([
        [CODE, made.bytes],
        [FACTS, facts],
      ]),
    );
    return { ...made, code: name };
  }
}

function dataApart(module: Uint8Array): DataApart | undefined {
  const apart = takeDataApart(module);
  return apart === undefined || problemOf(apart.data) !== undefined ? undefined : apart;
}

/** Undefined where the data has to stay: instructions name it, or the module is not valid. */
function withoutData(module: Uint8Array, { data }: DataApart, options: RewriteOptions): RunnableModule | undefined {
  const { bytes: rewritten, facts } = rewriteModule(module, options);
  const rest = takeDataApart(rewritten)?.rest;
  const bytes = rest && new Uint8Array(Buffer.concat(rest));
  return bytes === undefined || problemOf(bytes) !== undefined ? undefined : { bytes, facts, data, code: undefined };
}

function whole(module: Uint8Array, options: RewriteOptions): RunnableModule | Unrunnable {
  const { bytes, facts } = rewriteModule(module, options);
  const problem = problemOf(bytes);
  return problem === undefined ? { bytes, facts, data: undefined, code: undefined } : { problem, facts };
}

function nameOf(pieces: readonly Uint8Array[], { timeChecks, resettable = true }: RewriteOptions): string {
  const digest = hash('sha256', pieces.map((piece) => `${piece.length} ${hash('sha256', piece)}`).join(' '));
  return codeName({ digest, engineVersion: ENGINE_VERSION, nodeVersion: process.version, timeChecks, resettable });
}
