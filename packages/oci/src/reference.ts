// OCI references: `[registry/]repository[:tag][@digest]`, with the defaults of Docker Hub.
// Grammar: github.com/distribution/reference (the one docker, containerd and Spin's oci-client follow).
import { isDigest } from './digest.ts';
import { invalidReference } from './errors.ts';

export interface Reference {
  /** Host and port; `docker.io` for Docker Hub. */
  readonly registry: string;
  readonly repository: string;
  /** `latest` when neither tag nor digest was given. */
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

const DOCKER_HUB = 'docker.io';
const MAX_NAME_LENGTH = 255; // distribution/reference NameTotalLengthMax; registries refuse more.
const MAX_LENGTH = MAX_NAME_LENGTH + ':'.length + 128 + '@sha256:'.length + 64; // name, tag, digest
const MAX_PORT = 65_535; // 16 bits of TCP.

const LABEL = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?';
const HOST = new RegExp(`^(?:${LABEL}(?:\\.${LABEL})*|\\[[0-9a-fA-F:.]+\\])(?::([0-9]+))?$`);
const PATH_COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const TAG = /^[\w][\w.-]{0,127}$/;

/** Reads a reference as a user writes it; throws a `UserError` that says which part is wrong. */
export function parseReference(text: string): Reference {
  const fail = (reason: string): never => {
    throw invalidReference(text, reason);
  };
  if (text === '') {
    fail('it is empty');
  }
  if (text.length > MAX_LENGTH) {
    fail(`it is longer than ${MAX_LENGTH} characters`);
  }
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) {
    fail('leave out the scheme; plain HTTP is chosen with --insecure');
  }
  const at = text.indexOf('@');
  const named = at === -1 ? text : text.slice(0, at);
  const digest = at === -1 ? undefined : text.slice(at + 1);
  if (digest !== undefined && !isDigest(digest)) {
    fail('what follows "@" must be sha256: and 64 hex digits');
  }
  const [registry, rest] = splitRegistry(named);
  if (!isHost(registry)) {
    fail('the registry must be a host name with an optional port');
  }
  const colon = rest.indexOf(':');
  const path = colon === -1 ? rest : rest.slice(0, colon);
  const tag = colon === -1 ? undefined : rest.slice(colon + 1);
  if (tag !== undefined && !TAG.test(tag)) {
    fail('a tag has at most 128 letters, digits, "_", "." or "-", and starts with none of the last two');
  }
  // Docker Hub keeps its own images under `library/`.
  const repository = registry === DOCKER_HUB && path !== '' && !path.includes('/') ? `library/${path}` : path;
  const components = repository.split('/');
  if (repository === '' || components.includes('')) {
    fail('the repository name has an empty part');
  }
  if (/[A-Z]/.test(repository)) {
    fail('the repository name must be lower-case');
  }
  if (!components.every((component) => PATH_COMPONENT.test(component))) {
    fail('the repository name may only have a-z, 0-9, and single separators ".", "_", "__" or "-" inside');
  }
  if (registry.length + 1 + repository.length > MAX_NAME_LENGTH) {
    fail(`the name is longer than ${MAX_NAME_LENGTH} characters`);
  }
  return { registry, repository, tag: tag ?? (digest === undefined ? 'latest' : undefined), digest };
}

/** The canonical text: parsing it gives the same reference. */
export function formatReference(reference: Reference): string {
  const tag = reference.tag === undefined ? '' : `:${reference.tag}`;
  const digest = reference.digest === undefined ? '' : `@${reference.digest}`;
  return `${reference.registry}/${reference.repository}${tag}${digest}`;
}

/** Host that serves the API: Docker Hub's has another name than its references. */
export const apiHost = (registry: string): string => (registry === DOCKER_HUB ? 'registry-1.docker.io' : registry);

/** Name under which credentials are stored: Spin and Docker keep Docker Hub's under `index.docker.io`. */
export const credentialServer = (registry: string): string =>
  registry === DOCKER_HUB || registry === 'registry-1.docker.io' ? 'index.docker.io' : registry;

/** Host name or IP literal, optionally with a port. */
export function isHost(text: string): boolean {
  const match = HOST.exec(text);
  if (match === null) {
    return false;
  }
  const port = match[1] === undefined ? 1 : Number(match[1]);
  // The URL parser knows what an IP literal is.
  return port >= 1 && port <= MAX_PORT && URL.canParse(`http://${text}/`);
}

/** The first part is a registry only when it cannot be a repository: a dot, a port, `localhost`, or upper case. */
function splitRegistry(named: string): [registry: string, rest: string] {
  const slash = named.indexOf('/');
  const first = named.slice(0, slash);
  if (slash === -1 || !(/[.:A-Z]/.test(first) || first === 'localhost')) {
    return [DOCKER_HUB, named];
  }
  const rest = named.slice(slash + 1);
  return first === 'index.docker.io' ? [DOCKER_HUB, rest] : [first, rest];
}
