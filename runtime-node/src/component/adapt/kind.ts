// What kind of core module this is, and so how it becomes a component (spin-contract.md §3.1, §3.11). Pure: bytes in,
// decision out; a module of no known kind is the user's to mend.
import { UserError } from '@spindle/api';
import { toolsOf, toolsOfType } from './producers.ts';
import { readSections, type ModuleSections } from './sections.ts';
import { HANDLERS, unknownImports } from './spin1.ts';
import { hasUnsafeAllocator, isAdaptable } from './versions.ts';

export type ModuleKind =
  /** Carries its own types; calls preview 1 besides, if anything. */
  | 'typed'
  /** A program of preview 1: runs once, from `_start`. */
  | 'command'
  /** Of Spin 1: handlers and imports by plain names, the canonical ABI of 2022. */
  | 'spin1';

export interface ModuleDecision {
  readonly kind: ModuleKind;
  readonly module: ModuleSections;
}

export const PREVIEW1 = 'wasi_snapshot_preview1';
const START = '_start';
/** Exported for the host by every module of wit-bindgen, under one name until 2022 and the other since. */
const REALLOC = ['cabi_realloc', 'canonical_abi_realloc'];

/** `bytes` begin with the preamble of a core module. Throws UserError, or DecodeError where they are malformed. */
export function decideModule(bytes: Uint8Array): ModuleDecision {
  const module = readSections(bytes);
  const types = module.custom.filter(({ name }) => name.startsWith('component-type'));
  const version = types
    .map(({ payload }) => toolsOfType(payload).find(({ name }) => name.startsWith('wit-bindgen'))?.version)
    .findLast((found) => found !== undefined);
  if (version !== undefined && !isAdaptable(version)) {
    throw refused(
      `cannot adapt modules created with wit-bindgen version ${version}`,
      'Build it again with wit-bindgen 0.5 or later, which current SDKs have.',
    );
  }
  if (types.length > 0) {
    return { kind: 'typed', module };
  }
  const functions = module.exports.filter(({ sort }) => sort === 'func').map(({ name }) => name);
  if (functions.includes(START) && !functions.some((name) => REALLOC.includes(name))) {
    expectSafeAllocator(module);
    expectImports(module, ({ module: from }) => from === PREVIEW1);
    return { kind: 'command', module };
  }
  if (functions.some((name) => HANDLERS.has(name))) {
    const unknown = unknownImports(module.imports.filter(({ module: from }) => from !== PREVIEW1));
    expectImports(module, (one) => !unknown.includes(one));
    return { kind: 'spin1', module };
  }
  throw refused(
    'this core module is of no kind that can be served: it has neither the types of a component, nor `_start`, nor a ' +
      `handler of Spin 1 (${[...HANDLERS.keys()].map((name) => `\`${name}\``).join(', ')})`,
    'Build it with an SDK of Spin, or make a component of it, for example with `wasm-tools component new`.',
  );
}

function expectSafeAllocator(module: ModuleSections): void {
  const clang = toolsOf(module.custom).find(({ name }) => name === 'clang')?.version;
  if (clang !== undefined && hasUnsafeAllocator(clang)) {
    throw refused(
      'This Wasm module appears to have been compiled with wasi-sdk version <19 which contains a critical memory ' +
        'safety bug. For more information, see: https://github.com/fermyon/spin/issues/2552',
      `Build it again with wasi-sdk 19 or later (it says that its clang was ${clang}).`,
    );
  }
}

function expectImports(module: ModuleSections, isKnown: (one: ModuleSections['imports'][number]) => boolean): void {
  const unknown = module.imports.filter((one) => !isKnown(one)).map((one) => `\`${one.module}\` \`${one.name}\``);
  if (unknown.length > 0) {
    throw refused(
      `this core module imports what no host of its kind has: ${unknown.join(', ')}`,
      'Build it for wasm32-wasip1, or make a component of it with the types of what it imports.',
    );
  }
}

const refused = (message: string, remedy: string): UserError => new UserError(message, { code: 'SPK4025', remedy });
