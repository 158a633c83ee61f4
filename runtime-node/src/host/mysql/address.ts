// Reads the address of a MySQL server: a URL. The host that is checked against the manifest is the host that is connected
// to: both are what `destination` says (spin-contract.md §1.8, §4.7).
import { parseOutboundUrl, type Destination } from '@spindle/api';

export interface MySqlTarget {
  /** A name in lower-case ASCII, or an address without brackets. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string | undefined;
  readonly tls: boolean;
}

/** What the address lacks, as the Rust driver says it; without the address, which may hold a password. */
export class BadAddress extends Error {
  override readonly name = 'BadAddress';
}

const DEFAULT_PORT = 3306;

/** Settings of the Rust driver's own pool and statements: taken, without effect here. */
const WITHOUT_EFFECT: ReadonlySet<string> = new Set([
  'abs_conn_ttl',
  'abs_conn_ttl_jitter',
  'compression',
  'conn_ttl',
  'inactive_connection_ttl',
  'max_allowed_packet',
  'pool_max',
  'pool_min',
  'prefer_socket',
  'reset_connection',
  'stmt_cache_size',
  'tcp_keepalive',
  'tcp_nodelay',
  'ttl_check_interval',
  'wait_timeout',
]);

/** Undefined: no destination can be seen in it, so that nothing allows it. */
export const destinationOf = (address: string): Destination | undefined => parseOutboundUrl(address, 'mysql');

/** Throws BadAddress. `destination` is what was allowed. */
export function targetOf(address: string, destination: Destination): MySqlTarget {
  const url = URL.parse(address);
  if (url === null || url.host === '') {
    throw new BadAddress("URL error: `Url parse error: relative URL without a base'");
  }
  if (url.protocol !== 'mysql:') {
    throw new BadAddress(`URL error: \`URL scheme \`${url.protocol.slice(0, -1)}' is not supported'`);
  }
  let tls = false;
  for (const [name, value] of url.searchParams) {
    if (/^ssl-?mode$/i.test(name)) {
      tls ||= value.toLowerCase() !== 'disabled';
    } else if (!WITHOUT_EFFECT.has(name)) {
      throw new BadAddress(`URL error: \`Unknown URL parameter \`${name}''`);
    }
  }
  const database = decoded(url.pathname.replace(/^\//, ''));
  return {
    host: destination.host.kind === 'ip' ? destination.host.address.toString() : destination.host.name,
    port: destination.port ?? DEFAULT_PORT,
    user: decoded(url.username),
    password: decoded(url.password),
    database: database === '' ? undefined : database,
    tls,
  };
}

/** A zero would end the text early in the protocol. */
function decoded(text: string): string {
  let plain: string;
  try {
    plain = decodeURIComponent(text);
  } catch {
    // expected: a guest may write what it likes.
    throw new BadAddress("URL error: `Invalid URL'");
  }
  if (plain.includes('\0')) {
    throw new BadAddress("URL error: `Invalid URL'");
  }
  return plain;
}
