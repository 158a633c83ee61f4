// Reads the address of PostgreSQL servers as the Rust driver does: a URL, or `key=value` pairs. What is no address is
// undefined; what is wrong with it is not said, for it may hold a password.
import { readPairs } from './pairs.ts';
import type { Setting } from './setting.ts';
import { readUrl } from './url.ts';

export type SslMode = 'disable' | 'prefer' | 'require';

export interface PgServer {
  /** As written: a name or an address without brackets; a path is a Unix socket. */
  readonly host: string;
  /** Connected to in place of the name, which certificates are still checked for. */
  readonly hostaddr: string | undefined;
  /** Undefined when none was written. */
  readonly port: number | undefined;
}

export interface PgAddress {
  /** In the order in which they are tried. */
  readonly servers: readonly PgServer[];
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly database: string | undefined;
  readonly sslMode: SslMode;
  /** TLS begins without being asked for. */
  readonly directTls: boolean;
  /** Whether the server must be able to take writes, or must not; undefined: any. */
  readonly session: 'read-write' | 'read-only' | undefined;
  readonly connectTimeoutMs: number | undefined;
  /** Settings of the session. */
  readonly parameters: Readonly<Record<string, string>>;
}

const SSL_MODES: Readonly<Record<string, SslMode>> = {
  disable: 'disable',
  prefer: 'prefer',
  require: 'require',
  // Certificates are checked whenever TLS is used.
  'verify-ca': 'require',
  'verify-full': 'require',
};
const SESSIONS: Readonly<Record<string, PgAddress['session']>> = {
  any: undefined,
  'read-write': 'read-write',
  'read-only': 'read-only',
};
const NEGOTIATIONS: Readonly<Record<string, boolean>> = { postgres: false, direct: true };

/** Taken and without effect: how dead connections are found, and in what order servers are tried. */
const WITHOUT_EFFECT: Readonly<Record<string, RegExp>> = {
  tcp_user_timeout: /^-?\d+$/,
  keepalives: /^\d+$/,
  keepalives_idle: /^-?\d+$/,
  keepalives_interval: /^-?\d+$/,
  keepalives_retries: /^\d+$/,
  load_balance_hosts: /^(?:disable|random)$/,
  // What cannot be done must not be asked for.
  channel_binding: /^(?:disable|prefer)$/,
};

export function parseAddress(address: string): PgAddress | undefined {
  const settings = /^postgres(?:ql)?:\/\//.test(address) ? readUrl(address) : readPairs(address);
  return settings === undefined ? undefined : fromSettings(settings);
}

function fromSettings(settings: readonly Setting[]): PgAddress | undefined {
  const last = new Map(settings);
  const known = settings.every(([key, value]) => KEYS.has(key) || (WITHOUT_EFFECT[key]?.test(value) ?? false));
  const hosts = all(settings, 'host');
  const hostaddrs = all(settings, 'hostaddr');
  const ports = all(settings, 'port').map((port) => (port === '' ? 5432 : portOf(port)));
  const sslMode = SSL_MODES[last.get('sslmode') ?? 'prefer'];
  const directTls = NEGOTIATIONS[last.get('sslnegotiation') ?? 'postgres'];
  const session = last.get('target_session_attrs') ?? 'any';
  const timeout = last.get('connect_timeout') ?? '0';
  const count = Math.max(hosts.length, hostaddrs.length);
  const fits = (list: readonly unknown[]): boolean => list.length <= 1 || list.length === count;
  if (
    !known ||
    sslMode === undefined ||
    directTls === undefined ||
    !(session in SESSIONS) ||
    !/^-?\d{1,9}$/.test(timeout) ||
    ports.includes(undefined) ||
    !fits(ports) ||
    (hostaddrs.length > 0 && hosts.length > 0 && hostaddrs.length !== hosts.length) ||
    (directTls && sslMode !== 'require')
  ) {
    return undefined;
  }
  const parameters = Object.fromEntries(
    PARAMETERS.flatMap((key) => (last.has(key) ? [[key, last.get(key) ?? '']] : [])),
  );
  const texts = [...Object.values(parameters), last.get('user'), last.get('password'), last.get('dbname')];
  return texts.some((text) => text?.includes('\0'))
    ? undefined
    : {
        servers: Array.from({ length: count }, (_, i) => ({
          host: hosts[i] ?? hostaddrs[i] ?? '',
          hostaddr: hostaddrs[i],
          port: ports.length === 1 ? ports[0] : ports[i],
        })),
        user: last.get('user'),
        password: last.get('password'),
        database: last.get('dbname'),
        sslMode,
        directTls,
        session: SESSIONS[session],
        connectTimeoutMs: Number(timeout) > 0 ? Number(timeout) * 1000 : undefined,
        parameters,
      };
}

const PARAMETERS = ['options', 'application_name'];
const KEYS: ReadonlySet<string> = new Set([
  ...PARAMETERS,
  'user',
  'password',
  'dbname',
  'host',
  'hostaddr',
  'port',
  'sslmode',
  'sslnegotiation',
  'target_session_attrs',
  'connect_timeout',
]);

/** Values of a key that may come several times, and with several of them in one. */
const all = (settings: readonly Setting[], key: string): string[] =>
  settings.flatMap(([name, value]) => (name === key ? value.split(',') : []));

function portOf(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port > 0 && port <= 65_535 ? port : undefined;
}
