// The runtime configuration file: TOML whose top-level keys each belong to one capability or to the runtime itself
// (spin-contract.md §5.1). A key that nobody owns is refused by name, since a typing error there would
// otherwise silently give an app the wrong store.
import { parse as parseToml } from 'smol-toml';
import { UserError } from '@spindle/api';
import type { HostCapability } from '../host/capability.ts';
import { NETWORK_CONFIG_KEY } from '../host/network/config.ts'; // not its index: the thread without guests loads this

export interface RuntimeConfig {
  readonly file: string;
  /** Whole document, by top-level key. */
  readonly sections: Readonly<Record<string, unknown>>;
}

/** Keys the runtime reads itself. */
const OWN_KEYS = [
  'state_dir',
  'log_dir',
  'max_instance_memory',
  'variables_provider',
  'config_provider',
  NETWORK_CONFIG_KEY,
];

export function parseRuntimeConfig(
  text: string,
  file: string,
  capabilities: readonly HostCapability<unknown, object>[],
): RuntimeConfig {
  const { sections } = readRuntimeConfig(text, file);
  const known = new Set([...OWN_KEYS, ...capabilities.flatMap(({ configKeys }) => configKeys)]);
  const unknown = Object.keys(sections).filter((key) => !known.has(key));
  if (unknown.length > 0) {
    throw new UserError(`unknown runtime configuration key: ${unknown.join(', ')}`, {
      code: 'SPK4001',
      file,
      field: unknown.join(', '),
      remedy: `Known keys are ${[...known].toSorted().join(', ')}.`,
    });
  }
  return { file, sections };
}

/** Whatever keys it has. */
export function readRuntimeConfig(text: string, file: string): RuntimeConfig {
  try {
    return { file, sections: parseToml(text) };
  } catch (cause) {
    throw new UserError(`${file} is not valid TOML: ${cause instanceof Error ? cause.message : String(cause)}`, {
      code: 'SPK4001',
      file,
      remedy: 'Correct the file at that place.',
      cause,
    });
  }
}

/** What the operator reads at start of the stores in the file, by type; undefined when it names none. */
export function summaryOf(config: RuntimeConfig | undefined): string | undefined {
  const stores = ['key_value_store', 'sqlite_database'].flatMap((key) =>
    Object.entries((config?.sections[key] ?? {}) as object).flatMap(([label, table]) =>
      typed(`${key}.${label}`, table),
    ),
  );
  const all = [...stores, ...typed('llm_compute', config?.sections['llm_compute'] ?? null)];
  return config === undefined || all.length === 0
    ? undefined
    : `Using runtime config ${all.join(', ')} from ${JSON.stringify(config.file)}`;
}

/** The sections that one capability owns. */
export function sectionsOf(
  config: RuntimeConfig | undefined,
  capability: HostCapability<unknown, object>,
): Record<string, unknown> {
  const entries = capability.configKeys.flatMap((key) =>
    config !== undefined && key in config.sections ? [[key, config.sections[key]]] : [],
  );
  return Object.fromEntries(entries) as Record<string, unknown>;
}

/** A directory setting where '' means unset; undefined when the key is absent. */
export function directorySetting(config: RuntimeConfig | undefined, key: 'state_dir' | 'log_dir'): string | undefined {
  const value = config?.sections[key];
  if (value !== undefined && typeof value !== 'string') {
    throw new UserError(`${key} must be a string`, {
      code: 'SPK4001',
      ...(config === undefined ? {} : { file: config.file }),
      field: key,
      remedy: 'Write the path in quotes.',
    });
  }
  return value;
}

function typed(name: string, table: unknown): string[] {
  const type = (table as { readonly type?: unknown } | null)?.type;
  return typeof type === 'string' ? [`[${name}: ${type}]`] : [];
}
