// Reads the address of a Redis server. The host that is checked against the manifest is the host that is connected to:
// both are what `destination` says (spin-contract.md §1.8, §4.6).
import { parseOutboundUrl, type Destination } from '@spindle/api';

export interface RedisTarget {
  readonly destination: Destination;
  /** A name in lower-case ASCII, or an address without brackets. */
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly database: number;
}

const PLAIN = ['redis:', 'valkey:'];
const TLS = ['rediss:', 'valkeys:'];
const DEFAULT_PORT = 6379;

/** The largest number that Redis takes for a database is its `databases` setting, an int. */
const MAX_DATABASE = 2_147_483_647;

/** undefined: no address of a Redis server over TCP. */
export function parseRedisUrl(address: string): RedisTarget | undefined {
  const destination = parseOutboundUrl(address, 'redis');
  const url = URL.parse(address);
  if (destination === undefined || !url?.hostname || ![...PLAIN, ...TLS].includes(url.protocol)) {
    return undefined;
  }
  const database = /^\/?$/.test(url.pathname) ? 0 : databaseOf(url.pathname);
  const username = decoded(url.username);
  const password = decoded(url.password);
  // `#insecure` would switch the check of certificates off.
  if (database === undefined || username === undefined || password === undefined || url.hash !== '') {
    return undefined;
  }
  return {
    destination,
    host: destination.host.kind === 'ip' ? destination.host.address.toString() : destination.host.name,
    port: destination.port ?? DEFAULT_PORT,
    tls: TLS.includes(url.protocol),
    username: username === '' ? undefined : username,
    password: password === '' ? undefined : password,
    database,
  };
}

/** One and the same for targets between which connections can be exchanged. */
export const targetKey = ({ host, port, tls, username, password, database }: RedisTarget): string =>
  JSON.stringify([host, port, tls, username, password, database]);

function databaseOf(path: string): number | undefined {
  const number = /^\/\d{1,10}\/?$/.test(path) ? Number(path.replaceAll('/', '')) : MAX_DATABASE + 1;
  return number > MAX_DATABASE ? undefined : number;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    // expected: a guest may write what it likes
    return undefined;
  }
}
