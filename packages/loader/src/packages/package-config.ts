// The user's configuration of WebAssembly package registries (`~/.config/wasm-pkg/config.toml`, written by `wkg`): which
// registry holds which package, and how it is reached. Reading is strict about what is used and blind to the rest.
import { parse, TomlError } from 'smol-toml';
import { invalidPackageConfig, packageConfigNotToml } from '../errors.ts';
import { isObject, readRegistryMetadata, type RegistryMetadata } from './registry-metadata.ts';

export interface PackageConfig {
  readonly defaultRegistry?: string;
  /** By namespace. */
  readonly namespaces: ReadonlyMap<string, PackageHome>;
  /** By `namespace:name`. */
  readonly packages: ReadonlyMap<string, PackageHome>;
  readonly registries: ReadonlyMap<string, RegistryConfig>;
}

/** A registry that holds packages. */
export interface PackageHome {
  readonly registry: string;
  /** Given: the registry is not asked. */
  readonly metadata?: RegistryMetadata;
}

export interface RegistryConfig {
  /** Kind of registry; given, it stands above what the registry says. */
  readonly backend?: string;
  readonly plainHttp: boolean;
  readonly credentials?: { readonly username: string; readonly password: string };
}

// wasm-pkg-common, DEFAULT_FALLBACK_NAMESPACE_REGISTRIES.
const WELL_KNOWN_NAMESPACES: ReadonlyMap<string, string> = new Map([
  ['wasi', 'wasi.dev'],
  ['ba', 'bytecodealliance.org'],
]);

export const EMPTY_PACKAGE_CONFIG: PackageConfig = {
  namespaces: new Map(),
  packages: new Map(),
  registries: new Map(),
};

/** The registry of a package: the most particular entry wins. undefined when no entry applies. */
export function homeOf(config: PackageConfig, packageName: string, registry?: string): PackageHome | undefined {
  if (registry !== undefined) {
    return { registry };
  }
  const [namespace = ''] = packageName.split(':');
  const written = config.packages.get(packageName) ?? config.namespaces.get(namespace);
  if (written !== undefined) {
    return written;
  }
  const fallback = config.defaultRegistry ?? WELL_KNOWN_NAMESPACES.get(namespace);
  return fallback === undefined ? undefined : { registry: fallback };
}

export function readPackageConfig(source: string, file: string): PackageConfig {
  const document = parseToml(source, file);
  const defaultRegistry = document['default_registry'];
  if (defaultRegistry !== undefined && typeof defaultRegistry !== 'string') {
    throw invalidPackageConfig(file, 'default_registry', 'it must be the name of a registry');
  }
  return {
    ...(defaultRegistry === undefined ? {} : { defaultRegistry }),
    namespaces: readMap(document, 'namespace_registries', file, readHome),
    packages: readMap(document, 'package_registry_overrides', file, readHome),
    registries: readMap(document, 'registry', file, readRegistry),
  };
}

function parseToml(source: string, file: string): Record<string, unknown> {
  try {
    return parse(source);
  } catch (error) {
    if (error instanceof TomlError) {
      // Only the first line: the rest quotes the file, which may hold a password.
      const [reason = ''] = error.message.split('\n');
      throw packageConfigNotToml(reason, { file, line: error.line, column: error.column });
    }
    throw error;
  }
}

function readMap<Value>(
  document: Record<string, unknown>,
  key: string,
  file: string,
  read: (value: unknown, file: string, field: string) => Value,
): Map<string, Value> {
  const table = document[key] ?? {};
  if (!isObject(table)) {
    throw invalidPackageConfig(file, key, 'it must be a table');
  }
  return new Map(Object.entries(table).map(([name, value]) => [name, read(value, file, `${key}.${name}`)]));
}

function readHome(value: unknown, file: string, field: string): PackageHome {
  if (typeof value === 'string') {
    return { registry: value };
  }
  const metadata = isObject(value) ? readRegistryMetadata(value['metadata']) : undefined;
  if (!isObject(value) || typeof value['registry'] !== 'string' || metadata === undefined) {
    throw invalidPackageConfig(
      file,
      field,
      'it must be the name of a registry, or { registry = "…", metadata = { … } }',
    );
  }
  return { registry: value['registry'], metadata };
}

function readRegistry(value: unknown, file: string, field: string): RegistryConfig {
  if (!isObject(value)) {
    throw invalidPackageConfig(file, field, 'it must be a table');
  }
  const backend = value['default'] ?? value['type'];
  const oci = value['oci'] ?? {};
  if (!isObject(oci) || (backend !== undefined && typeof backend !== 'string')) {
    throw invalidPackageConfig(file, field, '`oci` must be a table and `default` a text');
  }
  const protocol = oci['protocol'] ?? 'https';
  if (protocol !== 'http' && protocol !== 'https') {
    throw invalidPackageConfig(file, `${field}.oci.protocol`, 'it must be "http" or "https"');
  }
  const credentials = oci['auth'] === undefined ? undefined : readCredentials(oci['auth']);
  if (oci['auth'] !== undefined && credentials === undefined) {
    throw invalidPackageConfig(
      file,
      `${field}.oci.auth`,
      'it must be { username = "…", password = "…" }, or base64 of user:password',
    );
  }
  return {
    ...(backend === undefined ? {} : { backend }),
    plainHttp: protocol === 'http',
    ...(credentials === undefined ? {} : { credentials }),
  };
}

function readCredentials(auth: unknown): { username: string; password: string } | undefined {
  if (typeof auth === 'string') {
    const decoded = Buffer.from(auth, 'base64').toString('utf8');
    const colon = decoded.indexOf(':');
    return colon < 1 ? undefined : { username: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
  }
  if (!isObject(auth) || typeof auth['username'] !== 'string' || typeof auth['password'] !== 'string') {
    return undefined;
  }
  return { username: auth['username'], password: auth['password'] };
}
