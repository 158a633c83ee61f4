// What the calls of the cases in test/services mean: the interface behind each prefix, and which functions the cases call
// in which language.
import { globSync, existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** `redis.get` is the function `get` of one of these, or `[method]connection.get`. */
export const PREFIXES: Readonly<Record<string, readonly string[]>> = {
  config: ['wasi:config/store@0.2.0-draft-2024-09-27'],
  http: ['wasi:http/outgoing-handler@0.2.12'],
  kv: ['fermyon:spin/key-value@2.0.0'],
  llm: ['fermyon:spin/llm@2.0.0'],
  mqtt: ['fermyon:spin/mqtt@2.0.0'],
  mysql: ['fermyon:spin/mysql@2.0.0'],
  pg2: ['fermyon:spin/postgres@2.0.0'],
  pg3: ['spin:postgres/postgres@3.0.0'],
  pg4: ['spin:postgres/postgres@4.2.0'],
  redis: ['fermyon:spin/redis@2.0.0'],
  sqlite2: ['fermyon:spin/sqlite@2.0.0'],
  sqlite3: ['spin:sqlite/sqlite@3.1.0'],
  variables: ['fermyon:spin/variables@2.0.0'],
  'wasi-kv': [
    'wasi:keyvalue/store@0.2.0-draft2',
    'wasi:keyvalue/batch@0.2.0-draft2',
    'wasi:keyvalue/atomics@0.2.0-draft2',
  ],
};

/** Interfaces of which every function that is not asynchronous has a case. */
export const COVERED: readonly string[] = Object.values(PREFIXES).flat();

/** The guests that make the calls of a case. */
export const GUESTS = { rust: 'scases', javascript: 'jscalls' } as const;

export type Language = keyof typeof GUESTS;
export const LANGUAGES = Object.keys(GUESTS) as readonly Language[];

export interface CaseCalls {
  /** `test/services/cases/redis/commands` */
  readonly path: string;
  /** `redis.get` */
  readonly calls: ReadonlySet<string>;
  /** Languages that cannot make them, and why. */
  readonly missing: Readonly<Partial<Record<Language, string>>>;
}

export function readCases(root: string): CaseCalls[] {
  return globSync('test/services/cases/*/*/request.json', { cwd: root })
    .toSorted()
    .map((file) => {
      const path = dirname(file);
      const missing = join(root, path, 'missing.json');
      const lines = JSON.parse(readFileSync(join(root, file), 'utf8')) as readonly (readonly [string])[];
      return {
        path,
        calls: new Set(lines.map(([name]) => name)),
        missing: existsSync(missing) ? (JSON.parse(readFileSync(missing, 'utf8')) as CaseCalls['missing']) : {},
      };
    });
}

/** The first case that calls a function in this language. */
export function caseOf(
  cases: readonly CaseCalls[],
  language: Language,
  { interface: from, name }: { readonly interface: string; readonly name: string },
): string | undefined {
  // `[method]connection.get`, `[constructor]connection-builder` and `get` are called by their last part.
  const last = name.replace(/^\[\w+\]/, '').replace(/^.*\./, '');
  const prefix = Object.keys(PREFIXES).find((one) => PREFIXES[one]?.includes(from));
  return cases.find(({ calls, missing }) => missing[language] === undefined && calls.has(`${prefix}.${last}`))?.path;
}
