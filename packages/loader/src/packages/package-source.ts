// Fetches a component by package name and version, the way `wkg` does: the registry of the package says which OCI
// repository holds it, the version is the tag, the one layer of the image is the component.
import { exactVersion, highestAllowed, parseRequirement, parseVersion, UserError } from '@spindle/api';
import { listTags, pullApp, type CredentialSource, type PullOptions } from '@spindle/oci';
import {
  noMatchingVersion,
  noRegistryFor,
  notAPackage,
  notARequirement,
  packageNotFetched,
  unsupportedRegistry,
} from '../errors.ts';
import { homeOf, type PackageConfig, type PackageHome, type RegistryConfig } from './package-config.ts';
import { METADATA_PATH, packageRepository, readRegistryMetadata, type RegistryMetadata } from './registry-metadata.ts';

export interface PackageRequest {
  /** `namespace:name`. */
  readonly package: string;
  /** An exact version, or a requirement such as `^1.2` of which the highest is taken. */
  readonly version: string;
  readonly registry?: string;
}

export interface PackageOptions extends PullOptions {
  readonly config: PackageConfig;
  readonly fetch?: typeof globalThis.fetch | undefined;
}

const METADATA_TIMEOUT_MS = 10_000; // It is optional, and must not hold up a registry that has none.
const METADATA_MAX_BYTES = 65_536; // The known ones have some hundred.

/** Path of the component in the cache. */
export async function fetchPackage(request: PackageRequest, options: PackageOptions): Promise<string> {
  const home = homeOf(options.config, request.package, request.registry);
  if (home === undefined) {
    throw noRegistryFor(request.package);
  }
  const known = options.config.registries.get(home.registry);
  const metadata = home.metadata ?? (await fetchMetadata(home.registry, known, options));
  const backend = known?.backend ?? metadata.preferredProtocol ?? 'oci';
  if (backend !== 'oci') {
    throw unsupportedRegistry(home.registry, request.package, backend);
  }
  const repository = packageRepository(home.registry, metadata, request.package);
  const reached = reaching(home, known, options);
  const version = await chooseVersion(request, repository, reached);
  const pulled = await about(request, repository, () => pullApp(`${repository}:${version}`, reached));
  const digest = pulled.locked.components[0]?.source.digest;
  const path = digest === undefined ? undefined : pulled.paths.get(digest);
  if (path === undefined) {
    throw notAPackage(`${repository}:${version}`);
  }
  return path;
}

async function chooseVersion(request: PackageRequest, repository: string, options: PullOptions): Promise<string> {
  const exact = parseVersion(request.version)?.text ?? exactVersion(request.version);
  if (exact !== undefined) {
    return exact;
  }
  const requirement = parseRequirement(request.version);
  if (requirement === undefined) {
    throw notARequirement(request.version);
  }
  const version = highestAllowed(requirement, await about(request, repository, () => listTags(repository, options)));
  if (version === undefined) {
    throw noMatchingVersion(request.package, request.version, repository);
  }
  return version;
}

async function about<Result>(
  request: PackageRequest,
  repository: string,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    const what = `${request.package} ${request.version}`;
    throw error instanceof UserError ? packageNotFetched(what, repository, error) : error;
  }
}

/** Upstream takes a registry that cannot be asked for one that says nothing; so does this. */
async function fetchMetadata(
  registry: string,
  known: RegistryConfig | undefined,
  options: PackageOptions,
): Promise<RegistryMetadata> {
  const isPlain = known?.plainHttp ?? (options.insecure === true || /^localhost(:|$)/.test(registry));
  const timeout = AbortSignal.timeout(METADATA_TIMEOUT_MS);
  const signal = options.signal === undefined ? timeout : AbortSignal.any([options.signal, timeout]);
  try {
    const url = `${isPlain ? 'http' : 'https'}://${registry}${METADATA_PATH}`;
    const response = await (options.fetch ?? globalThis.fetch)(url, { signal });
    if (!response.ok) {
      await response.body?.cancel();
      return {};
    }
    return readRegistryMetadata(JSON.parse(await readText(response))) ?? {};
  } catch {
    // expected: most registries have no such document; whether this one can be reached shows when it is pulled from
    options.signal?.throwIfAborted();
    return {};
  }
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > METADATA_MAX_BYTES) {
      throw new Error('the metadata of the registry is too long');
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** How the OCI registry is reached: as the package configuration says, else as for any image. */
function reaching(home: PackageHome, known: RegistryConfig | undefined, options: PackageOptions): PullOptions {
  const { credentials } = known ?? {};
  const own: CredentialSource | undefined =
    credentials === undefined
      ? undefined
      : async () => ({
          credentials: { kind: 'password', ...credentials, from: `the wkg configuration of ${home.registry}` },
          problems: [],
        });
  return {
    ...options,
    insecure: known?.plainHttp ?? options.insecure,
    credentials: own ?? options.credentials,
  };
}
