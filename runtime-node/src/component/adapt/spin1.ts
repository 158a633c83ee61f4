// Core modules of Spin 1 (spin-contract.md §3.11, second ABI): which plain names stand for which interface of the package
// `fermyon:spin` without a version. Signatures are those of the canonical ABI, so that new names are all it takes.
import type { CoreImport } from './sections.ts';

interface Names {
  /** Within `fermyon:spin`. */
  readonly interface: string;
  /** Plain name to name in the interface, where they differ. */
  readonly renamed?: Readonly<Record<string, string>>;
  readonly functions: readonly string[];
}

const IMPORTS: ReadonlyMap<string, Names> = new Map([
  ['wasi-outbound-http', { interface: 'http', functions: ['request'], renamed: { request: 'send-request' } }],
  ['spin-config', { interface: 'config', functions: ['get-config'] }],
  [
    'outbound-redis',
    {
      interface: 'redis',
      functions: ['publish', 'get', 'set', 'incr', 'del', 'sadd', 'smembers', 'srem', 'execute'],
    },
  ],
  ['outbound-pg', { interface: 'postgres', functions: ['query', 'execute'] }],
  ['outbound-mysql', { interface: 'mysql', functions: ['query', 'execute'] }],
  ['sqlite', { interface: 'sqlite', functions: ['open', 'execute', 'close'] }],
  ['key-value', { interface: 'key-value', functions: ['open', 'get', 'set', 'delete', 'exists', 'get-keys', 'close'] }],
  ['llm', { interface: 'llm', functions: ['infer', 'generate-embeddings'] }],
]);

/** What hosts asked for memory with. */
export const SPIN1_ALLOCATOR = 'canonical_abi_realloc';

export const SPIN_PACKAGE = 'fermyon:spin';

/** Exports that handle something, and the interface and function that they are. */
export const HANDLERS: ReadonlyMap<string, { readonly interface: string; readonly name: string }> = new Map([
  ['handle-http-request', { interface: 'inbound-http', name: 'handle-request' }],
  ['handle-redis-message', { interface: 'inbound-redis', name: 'handle-message' }],
]);

/** Those that Spin 1 did not have. */
export const unknownImports = (imports: readonly CoreImport[]): readonly CoreImport[] =>
  imports.filter(({ module, name }) => !IMPORTS.get(module)?.functions.includes(name));

export interface Renamed {
  readonly module: string;
  readonly name: string;
}

/** The name of today; what is none of Spin's, as the imports of preview 1, stays as it is. */
export function importToday({ module, name }: Renamed): Renamed {
  const names = IMPORTS.get(module);
  return names === undefined
    ? { module, name }
    : { module: `${SPIN_PACKAGE}/${names.interface}`, name: names.renamed?.[name] ?? name };
}

/** As above. There is no post-return function: what the guest allocated for its answer ends with its instance. */
export function exportToday(name: string): string {
  const handler = HANDLERS.get(name);
  if (handler !== undefined) {
    return `${SPIN_PACKAGE}/${handler.interface}#${handler.name}`;
  }
  return name === SPIN1_ALLOCATOR ? 'cabi_realloc' : name;
}

/** The world of a module with these exports. What it imports is taken from all that there is, by what it calls. */
export function worldOf(exports: readonly string[]): string {
  const handled = exports.flatMap((name) => HANDLERS.get(name)?.interface ?? []);
  const lines = [
    ...[...IMPORTS.values()].map((names) => `  import ${names.interface};`),
    ...handled.map((name) => `  export ${name};`),
  ];
  return `world ${SPIN1_WORLD} {\n${lines.join('\n')}\n}\n`;
}

export const SPIN1_WORLD = 'spin1';
