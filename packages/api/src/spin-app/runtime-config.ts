// The runtime configuration that the operator writes for a SpinApp, and the name of the Secret that it puts it into
// (control-plane contract §2.4, §2.10). Every byte counts: with another text a pod is replaced.
import { tomlKey, tomlString } from './toml-text.ts';
import { VARIABLE_PREFIX } from './names.ts';
import type { KeyReference, LlmCompute, NamedStore, RuntimeConfig, RuntimeConfigOption } from './types.ts';

/** The value of a key of a ConfigMap or Secret; '' when it has no such key. Throws when there is no such object. */
export type KeyLookup = (kind: 'ConfigMap' | 'Secret', reference: KeyReference) => string;

/** Whether a name stands there twice; the operator refuses that. */
export class DuplicateStore extends Error {
  override readonly name = 'DuplicateStore';
  readonly what: 'key value store' | 'sqlite database';
  readonly label: string;

  constructor(what: DuplicateStore['what'], label: string) {
    super(`duplicate definition for ${what} with name: ${label}`);
    this.what = what;
    this.label = label;
  }
}

/** An option that Spin takes as true or false, and that is neither. Never says the value, which may be a secret. */
export class OptionNotBoolean extends Error {
  override readonly name = 'OptionNotBoolean';
  /** Below `runtimeConfig`, as `['keyValueStores', 0, 'options', 1]`. */
  readonly path: readonly (string | number)[];
  readonly option: string;

  constructor(option: string, path: readonly (string | number)[]) {
    super(`the option "${option}" is neither true nor false`);
    this.option = option;
    this.path = path;
  }
}

/**
 * Upstream writes every option as a string. These Spin reads as booleans only, so that no app could run with them
 * (control-plane contract §2.4): by the list of stores and the type.
 */
const BOOLEANS: Readonly<Record<string, readonly string[]>> = { 'keyValueStores/aws_dynamo': ['consistent_read'] };

/** Not for apps with `loadFromSecret`: the file is then the user's own. */
export function runtimeConfigToml(config: RuntimeConfig | undefined, lookUp: KeyLookup): string {
  // This provider finds nothing, since Spin joins prefix and name by a further `_`; runtimes have another one of their
  // own. It stays for the sake of the Secret's name.
  const parts = [`[[config_provider]]\ntype = 'env'\nprefix = '${VARIABLE_PREFIX}'\n`];
  const stores = tables('keyValueStores', config?.keyValueStores ?? [], lookUp);
  if (stores.length > 0) {
    parts.push(`[key_value_store]\n${stores.map(([name, body]) => `[key_value_store.${name}]\n${body}`).join('\n')}`);
  }
  const databases = tables('sqliteDatabases', config?.sqliteDatabases ?? [], lookUp);
  if (databases.length > 0) {
    parts.push(
      `[sqlite_database]\n${databases.map(([name, body]) => `[sqlite_database.${name}]\n${body}`).join('\n')}`,
    );
  }
  if (config?.llmCompute !== undefined) {
    parts.push(`[llm_compute]\n${tableBody(config.llmCompute, ['llmCompute'], lookUp)}`);
  }
  return parts.join('\n');
}

const WORDS = { keyValueStores: 'key value store', sqliteDatabases: 'sqlite database' } as const;

function tables(
  list: keyof typeof WORDS,
  stores: readonly NamedStore[],
  lookUp: KeyLookup,
): (readonly [key: string, body: string])[] {
  const bodies = new Map<string, string>();
  for (const [index, store] of stores.entries()) {
    if (bodies.has(store.name)) {
      throw new DuplicateStore(WORDS[list], store.name);
    }
    bodies.set(store.name, tableBody(store, [list, index], lookUp));
  }
  return sorted(bodies).map(([name, body]) => [tomlKey(name), body]);
}

function tableBody({ type, options = [] }: LlmCompute, path: readonly [string, number?], lookUp: KeyLookup): string {
  const booleans = BOOLEANS[`${path[0]}/${type}`] ?? [];
  // Of several options with one name the last counts, also before the type.
  const values = new Map([['type', tomlString(type)]]);
  for (const [index, option] of options.entries()) {
    const value = valueOf(option, lookUp);
    if (!booleans.includes(option.name)) {
      values.set(option.name, tomlString(value));
    } else if (value === 'true' || value === 'false') {
      values.set(option.name, value);
    } else if (value !== '') {
      throw new OptionNotBoolean(option.name, [...path.filter((part) => part !== undefined), 'options', index]);
    }
  }
  return sorted(values)
    .map(([name, value]) => `${tomlKey(name)} = ${value}\n`)
    .join('');
}

function valueOf({ value, valueFrom }: RuntimeConfigOption, lookUp: KeyLookup): string {
  if (value) {
    return value;
  }
  if (valueFrom?.configMapKeyRef !== undefined) {
    return lookUp('ConfigMap', valueFrom.configMapKeyRef);
  }
  return valueFrom?.secretKeyRef === undefined ? '' : lookUp('Secret', valueFrom.secretKeyRef);
}

const sorted = (map: ReadonlyMap<string, string>): [string, string][] =>
  [...map].toSorted(([left], [right]) => byUtf8(left, right));

/** As Go compares strings: by the bytes of UTF-8, which is the order of code points. */
function byUtf8(left: string, right: string): number {
  const [a, b] = [[...left], [...right]];
  for (const [index, char] of a.entries()) {
    const other = b[index];
    if (other === undefined) {
      return 1;
    }
    const difference = (char.codePointAt(0) ?? 0) - (other.codePointAt(0) ?? 0);
    if (difference !== 0) {
      return difference;
    }
  }
  return a.length - b.length;
}

/** Another text gives another name, and so new pods; earlier Secrets stay for a rollback. */
export const runtimeConfigSecretName = (app: string, toml: string): string =>
  `${app}-${adler32(new TextEncoder().encode(toml)).toString(16)}`;

/** RFC 1950 §9: the largest prime below 2^16. */
const ADLER_MODULUS = 65_521;

function adler32(bytes: Uint8Array): number {
  let [a, b] = [1, 0];
  for (const byte of bytes) {
    a = (a + byte) % ADLER_MODULUS;
    b = (b + a) % ADLER_MODULUS;
  }
  return b * 0x1_00_00 + a;
}
