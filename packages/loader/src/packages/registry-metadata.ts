// What a package registry says of itself at `/.well-known/wasm-pkg/registry.json`, and where a package therefore stands
// among OCI repositories (wasm-pkg-tools, crate wasm-pkg-common). Pure.

export interface RegistryMetadata {
  readonly preferredProtocol?: string;
  /** OCI registry that holds the packages; default: the package registry itself. */
  readonly ociRegistry?: string;
  /** Put before `namespace/name`, slash included. */
  readonly ociNamespacePrefix?: string;
}

export const METADATA_PATH = '/.well-known/wasm-pkg/registry.json';

/** Reads the document, as served or as written in a configuration file; undefined when it is not of that form. */
export function readRegistryMetadata(document: unknown): RegistryMetadata | undefined {
  if (!isObject(document)) {
    return undefined;
  }
  const oci = isObject(document['oci']) ? document['oci'] : {};
  const ociRegistry = text(document['ociRegistry'] ?? oci['registry']);
  const ociNamespacePrefix = text(document['ociNamespacePrefix'] ?? oci['namespacePrefix']);
  const preferredProtocol = text(document['preferredProtocol']) ?? onlyProtocol(document);
  return {
    ...(preferredProtocol === undefined ? {} : { preferredProtocol }),
    ...(ociRegistry === undefined ? {} : { ociRegistry }),
    ...(ociNamespacePrefix === undefined ? {} : { ociNamespacePrefix }),
  };
}

/** The repository of a package `namespace:name`, as `registry/path`. */
export function packageRepository(registry: string, metadata: RegistryMetadata, packageName: string): string {
  const path = `${metadata.ociNamespacePrefix ?? ''}${packageName.replace(':', '/')}`;
  return `${metadata.ociRegistry ?? registry}/${path}`;
}

/** One protocol that is configured is the preferred one; the older spellings count when there is no newer. */
function onlyProtocol(document: Record<string, unknown>): string | undefined {
  const configured = Object.keys(document).filter((key) => isObject(document[key]));
  if (configured.length > 0) {
    return configured.length === 1 ? configured[0] : undefined;
  }
  const [oci, warg] = [document['ociRegistry'] !== undefined, document['wargUrl'] !== undefined];
  if (oci === warg) {
    return undefined;
  }
  return oci ? 'oci' : 'warg';
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
