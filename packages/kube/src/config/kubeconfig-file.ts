// One kubeconfig file as values: every field that says how to reach a cluster and who asks, paths made absolute. Fields that
// only kubectl uses are passed over.
import { dirname, resolve } from 'node:path';
import { DocumentNode, UserError, type DocumentPath, type DocumentTable, type ErrorDetail } from '@spindle/api';
import { LineCounter, parseDocument } from 'yaml';

export interface Kubeconfig {
  readonly currentContext: string | undefined;
  readonly clusters: readonly Named<ClusterEntry>[];
  readonly contexts: readonly Named<ContextEntry>[];
  readonly users: readonly Named<UserEntry>[];
}

export type Named<T> = T & {
  readonly name: string;
  /** The file it stands in. */
  readonly file: string;
};

/** Data wins over a file, as in client-go. */
export interface Material {
  readonly data: Buffer | undefined;
  readonly file: string | undefined;
}

export interface ClusterEntry {
  readonly server: URL;
  readonly authority: Material;
  readonly insecure: boolean;
  readonly tlsServerName: string | undefined;
  readonly proxy: URL | undefined;
  /** `client.authentication.k8s.io/exec` of its extensions: meant for credential plugins. */
  readonly pluginConfig: unknown;
}

export interface ContextEntry {
  readonly cluster: string;
  readonly user: string | undefined;
  readonly namespace: string | undefined;
}

export interface UserEntry {
  readonly token: string | undefined;
  readonly tokenFile: string | undefined;
  readonly basic: { readonly username: string; readonly password: string } | undefined;
  readonly certificate: Material;
  readonly key: Material;
  readonly exec: ExecEntry | undefined;
  readonly authProvider: { readonly name: string; readonly config: Readonly<Record<string, string>> } | undefined;
  readonly impersonation: Impersonation | undefined;
}

export interface ExecEntry {
  readonly apiVersion: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly installHint: string | undefined;
  readonly provideClusterInfo: boolean;
  readonly interactiveMode: 'Never' | 'IfAvailable' | 'Always';
}

export interface Impersonation {
  readonly user: string;
  readonly uid: string | undefined;
  readonly groups: readonly string[];
  readonly extra: ReadonlyMap<string, readonly string[]>;
}

/** `file` is where the text stands: paths in it are relative to its folder. */
export function parseKubeconfig(text: string, file: string): Kubeconfig {
  const root = readDocument(text, file);
  if (root.value === null || root.value === undefined) {
    return { currentContext: undefined, clusters: [], contexts: [], users: [] };
  }
  const config = root.table();
  const entries = <T>(list: string, part: string, read: (table: DocumentTable) => T): Named<T>[] =>
    (config.get(list)?.list() ?? []).map((node) => {
      const entry = node.table();
      return { ...read(entry.required(part).table()), name: entry.required('name').string(), file };
    });
  const path = (node: DocumentNode): string => resolve(dirname(file), node.string());
  return {
    currentContext: filled(config, 'current-context'),
    clusters: entries('clusters', 'cluster', (table) => readCluster(table, path)),
    contexts: entries('contexts', 'context', readContext),
    users: entries('users', 'user', (table) => readUser(table, path)),
  };
}

function readDocument(text: string, file: string): DocumentNode {
  const lines = new LineCounter();
  // No quotation of the text in errors: it may be a token.
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    logLevel: 'error',
    stringKeys: true,
  });
  const [problem] = document.errors;
  if (problem !== undefined) {
    const { line, col } = lines.linePos(problem.pos[0]);
    throw invalid(problem.message.replace(/: ".*"$/s, ''), { file, line, column: col }, 'Correct the YAML there.');
  }
  const error = (message: string, path: DocumentPath, { remedy, cause }: ErrorDetail): UserError =>
    invalid(message, { file, field: fieldOf(path) }, remedy ?? 'Correct the field.', cause);
  return new DocumentNode(toValue(document, file), [], { schemaError: error, contentError: error });
}

function toValue(document: ReturnType<typeof parseDocument>, file: string): unknown {
  try {
    return document.toJS();
  } catch (cause) {
    // An alias without an anchor, or aliases that stand for too much.
    throw invalid(cause instanceof Error ? cause.message : String(cause), { file }, 'Write the value out.', cause);
  }
}

const fieldOf = (path: DocumentPath): string =>
  path.map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${part}`)).join('');

const invalid = (
  message: string,
  place: { readonly file: string; readonly line?: number; readonly column?: number; readonly field?: string },
  remedy: string,
  cause?: unknown,
): UserError => new UserError(message, { code: 'SPK7002', ...place, remedy, cause });

/** An empty text means absent, as kubectl writes it. */
const filled = (table: DocumentTable, name: string): string | undefined => table.get(name)?.string() || undefined;

function readCluster(table: DocumentTable, path: (node: DocumentNode) => string): ClusterEntry {
  const server = table.required('server');
  const proxy = table.get('proxy-url');
  const authority = readMaterial(table, 'certificate-authority', path);
  const insecure = table.get('insecure-skip-tls-verify')?.boolean() ?? false;
  if (insecure && (authority.data !== undefined || authority.file !== undefined)) {
    throw table.node.contentError('certificate-authority and insecure-skip-tls-verify exclude each other', {
      remedy: 'Remove insecure-skip-tls-verify.',
    });
  }
  const plugin = (table.get('extensions')?.list() ?? [])
    .map((node) => node.table())
    .find((extension) => filled(extension, 'name') === 'client.authentication.k8s.io/exec');
  return {
    server: readUrl(server, ['http:', 'https:']),
    authority,
    insecure,
    tlsServerName: filled(table, 'tls-server-name'),
    proxy: proxy === undefined || proxy.value === '' ? undefined : readProxy(proxy),
    pluginConfig: plugin?.get('extension')?.value,
  };
}

function readUrl(node: DocumentNode, protocols: readonly string[]): URL {
  const url = URL.parse(node.string());
  if (url === null || !protocols.includes(url.protocol)) {
    throw node.contentError(`${JSON.stringify(node.value)} is not a URL of http or https`, {
      remedy: 'Write it as https://host:port.',
    });
  }
  return url;
}

function readProxy(node: DocumentNode): URL {
  const url = URL.parse(node.string());
  if (url?.protocol === 'socks5:') {
    throw new UserError('a proxy of SOCKS is not supported', {
      code: 'SPK7007',
      field: fieldOf(node.path),
      remedy: 'Use a proxy of http or https.',
    });
  }
  return readUrl(node, ['http:', 'https:']);
}

const readContext = (table: DocumentTable): ContextEntry => ({
  cluster: table.required('cluster').string(),
  user: filled(table, 'user'),
  namespace: filled(table, 'namespace'),
});

function readUser(table: DocumentTable, path: (node: DocumentNode) => string): UserEntry {
  const tokenFile = table.get('tokenFile');
  const username = filled(table, 'username');
  const exec = table.get('exec');
  const provider = table.get('auth-provider')?.table();
  if (exec !== undefined && provider !== undefined) {
    throw exec.contentError('exec and auth-provider exclude each other', { remedy: 'Remove auth-provider.' });
  }
  return {
    token: filled(table, 'token'),
    tokenFile: tokenFile === undefined || tokenFile.value === '' ? undefined : path(tokenFile),
    basic: username === undefined ? undefined : { username, password: filled(table, 'password') ?? '' },
    certificate: readMaterial(table, 'client-certificate', path),
    key: readMaterial(table, 'client-key', path),
    exec: exec === undefined ? undefined : readExec(exec.table(), path),
    authProvider:
      provider === undefined
        ? undefined
        : {
            name: provider.required('name').string(),
            config: Object.fromEntries(provider.get('config')?.stringMap() ?? []),
          },
    impersonation: readImpersonation(table),
  };
}

function readMaterial(table: DocumentTable, name: string, path: (node: DocumentNode) => string): Material {
  const data = table.get(`${name}-data`);
  const file = table.get(name);
  if (data !== undefined && !/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(data.string())) {
    throw data.contentError('the value is not base64', { remedy: 'Encode the PEM text in base64.' });
  }
  return {
    data: data === undefined || data.value === '' ? undefined : Buffer.from(data.string(), 'base64'),
    file: file === undefined || file.value === '' ? undefined : path(file),
  };
}

const EXEC_VERSIONS = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1'];
const INTERACTIVE_MODES = ['Never', 'IfAvailable', 'Always'] as const;

function readExec(table: DocumentTable, path: (node: DocumentNode) => string): ExecEntry {
  const version = table.required('apiVersion');
  if (!EXEC_VERSIONS.includes(version.string())) {
    throw version.contentError(`${JSON.stringify(version.value)} is not a version of the plugins' API`, {
      remedy: `Use ${EXEC_VERSIONS.join(' or ')}.`,
    });
  }
  const command = table.required('command');
  const env = (table.get('env')?.list() ?? []).map((node): [string, string] => {
    const variable = node.table();
    return [variable.required('name').string(), variable.get('value')?.string() ?? ''];
  });
  const mode = table.get('interactiveMode');
  const interactiveMode = INTERACTIVE_MODES.find((one) => one === (mode?.value ?? 'IfAvailable'));
  if (interactiveMode === undefined) {
    throw table.required('interactiveMode').contentError('no such mode', {
      remedy: `Use ${INTERACTIVE_MODES.join(', ')}.`,
    });
  }
  return {
    apiVersion: version.string(),
    // A name is looked up in PATH; a path is relative to the file.
    command: command.string().includes('/') ? path(command) : command.string(),
    args: table.get('args')?.strings() ?? [],
    env: Object.fromEntries(env),
    installHint: filled(table, 'installHint'),
    provideClusterInfo: table.get('provideClusterInfo')?.boolean() ?? false,
    interactiveMode,
  };
}

function readImpersonation(table: DocumentTable): Impersonation | undefined {
  const user = filled(table, 'as');
  const extra = (table.get('as-user-extra')?.table().entries() ?? []).map(
    ([name, values]): [string, readonly string[]] => [name, values.strings()],
  );
  const groups = table.get('as-groups')?.strings() ?? [];
  const uid = filled(table, 'as-uid');
  if (user === undefined) {
    if (groups.length > 0 || extra.length > 0 || uid !== undefined) {
      throw table.node.contentError('as-groups, as-uid and as-user-extra say more of a user that `as` must name', {
        remedy: 'Add `as`.',
      });
    }
    return undefined;
  }
  return { user, uid, groups, extra: new Map(extra) };
}
