// Docker's configuration (`~/.docker/config.json`): which credentials or helper program it names for a server.
// Order as in Spin: the server's own helper, then `auths`, then the default store.
import { readFile } from 'node:fs/promises';
import { isMissing } from '../file-errors.ts';
import { isRecord } from '../json.ts';
import { askCredentialHelper, type HelperEnvironment } from './credential-helper.ts';
import { type Credentials, type CredentialLookup, type CredentialSource, decodeUserPassword } from './credentials.ts';

/** What the file says about one server. */
export type DockerEntry =
  | { readonly kind: 'credentials'; readonly credentials: Credentials }
  | { readonly kind: 'helper'; readonly name: string }
  | { readonly kind: 'problem'; readonly problem: string }
  | { readonly kind: 'none' };

export function dockerConfig(path: string, environment: HelperEnvironment): CredentialSource {
  return async function lookUpInDockerConfig(server, signal): Promise<CredentialLookup> {
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch (error) {
      // expected: few machines have the file, and a pull may need no credentials; a refusal will name the problem.
      return { problems: isMissing(error) ? [] : [`${path}: cannot be read`] };
    }
    const entry = findInDockerConfig(text, server, path);
    switch (entry.kind) {
      case 'credentials':
        return { credentials: entry.credentials, problems: [] };
      case 'helper':
        return await askCredentialHelper(entry.name, serverKey(server), environment, signal);
      case 'problem':
        return { problems: [entry.problem] };
      case 'none':
        return { problems: [] };
    }
  };
}

/** Of a text that is in no file, such as a Kubernetes Secret. Names no helpers: they are programs of another machine. */
export function dockerConfigText(text: string, from: string): CredentialSource {
  return async function lookUpInText(server): Promise<CredentialLookup> {
    const entry = findInDockerConfig(text, server, from);
    switch (entry.kind) {
      case 'credentials':
        return { credentials: entry.credentials, problems: [] };
      case 'helper':
        return { problems: [`${from}: it names a credential helper, not a login`] };
      case 'problem':
        return { problems: [entry.problem] };
      case 'none':
        return { problems: [`${from}: it has no login for ${server}`] };
    }
  };
}

/** Pure; never puts a part of the text into a problem, since it holds passwords. */
export function findInDockerConfig(text: string, server: string, path: string): DockerEntry {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    // expected: the parser's own message quotes the text.
    return { kind: 'problem', problem: `${path}: it is not JSON` };
  }
  if (!isRecord(document)) {
    return { kind: 'problem', problem: `${path}: it is not an object` };
  }
  const helper = forServer(document['credHelpers'], server);
  if (typeof helper === 'string' && helper !== '') {
    return { kind: 'helper', name: helper };
  }
  const auth = forServer(document['auths'], server);
  const credentials = isRecord(auth) ? credentialsIn(auth, path) : undefined;
  if (credentials !== undefined) {
    return { kind: 'credentials', credentials };
  }
  const store = document['credsStore'];
  return typeof store === 'string' && store !== '' ? { kind: 'helper', name: store } : { kind: 'none' };
}

function credentialsIn(auth: Record<string, unknown>, from: string): Credentials | undefined {
  const { identitytoken, username, password } = auth;
  if (typeof identitytoken === 'string' && identitytoken !== '') {
    return { kind: 'identity-token', token: identitytoken, from };
  }
  if (typeof auth['auth'] === 'string' && auth['auth'] !== '') {
    const decoded = decodeUserPassword(auth['auth']);
    return decoded === undefined ? undefined : { kind: 'password', ...decoded, from };
  }
  // Kubernetes writes these beside or instead of `auth` in its pull secrets.
  return typeof username === 'string' && typeof password === 'string' && username !== ''
    ? { kind: 'password', username, password, from }
    : undefined;
}

/** Keys are servers, with or without a scheme and a path such as `/v1/`. An exact key wins. */
function forServer(table: unknown, server: string): unknown {
  if (!isRecord(table)) {
    return undefined;
  }
  if (Object.hasOwn(table, server)) {
    return table[server];
  }
  return Object.entries(table).find(([key]) => bareServer(key) === server)?.[1];
}

function bareServer(key: string): string {
  const host = key.replace(/^https?:\/\//, '').replace(/\/.*$/s, '');
  return host === 'docker.io' || host === 'registry-1.docker.io' ? 'index.docker.io' : host;
}

/** `docker login` stores Docker Hub's credentials under its historic URL. */
const serverKey = (server: string): string => (server === 'index.docker.io' ? 'https://index.docker.io/v1/' : server);
