// Opens connections to destinations that were allowed: resolves the name once, drops the addresses that are blocked,
// and connects to one of the rest, so that the address that was checked is the address that is used.
import type { LookupAddress } from 'node:dns';
import { connect as connectTcp, isIP, type LookupFunction, type Socket } from 'node:net';
import { connect as connectTls, type SecureContext, type TLSSocket } from 'node:tls';
import { isBlocked, type BlockedNetworks } from './blocked-networks.ts';

/** Why there is no connection. */
export type ConnectFailure = 'name-not-resolved' | 'address-blocked' | 'refused' | 'tls-failed' | 'server-name-invalid';

export class ConnectError extends Error {
  override readonly name = 'ConnectError';
  readonly failure: ConnectFailure;

  constructor(failure: ConnectFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.failure = failure;
  }
}

/** All addresses of a name, as `dns.lookup` with `all` gives them. */
export type Resolve = (name: string) => Promise<readonly LookupAddress[]>;

export interface Endpoint {
  /** A name in lower-case ASCII, an IPv4 address, or an IPv6 address without brackets. */
  readonly host: string;
  readonly port: number;
}

export interface TcpOptions {
  /** The peer may end its direction while ours goes on. */
  readonly allowHalfOpen?: boolean;
}

export interface TlsOptions {
  readonly alpn: readonly string[];
  /** Holds the authorities to trust. */
  readonly secureContext: SecureContext;
}

/** RFC 1123 §2.1 with the underscores that names on the Internet have. */
const SERVER_NAME = /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.?$/i;

/** A TCP connection; aborting `signal` ends the attempt. Rejects with ConnectError, or with the signal's reason. */
export async function openTcp(
  { host, port }: Endpoint,
  { resolve, blocked, signal }: { resolve: Resolve; blocked: BlockedNetworks; signal: AbortSignal },
  options: TcpOptions = {},
): Promise<Socket> {
  const addresses = await unlessAborted(allowedAddresses(host, resolve, blocked), signal);
  const socket = connectTcp({
    host,
    port,
    ...options,
    noDelay: true,
    autoSelectFamily: true,
    lookup: pinned(addresses),
  });
  return established(socket, 'connect', 'refused', signal);
}

/** TLS over `socket`, with the certificate checked for `host`. */
export async function startTls(
  socket: Socket,
  host: string,
  { alpn, secureContext }: TlsOptions,
  signal: AbortSignal,
): Promise<TLSSocket> {
  const isName = isIP(host) === 0;
  if (isName && !SERVER_NAME.test(host)) {
    socket.destroy();
    throw new ConnectError('server-name-invalid', `"${host}" cannot stand in a certificate`);
  }
  const tls = connectTls({
    socket,
    host,
    secureContext,
    ALPNProtocols: [...alpn],
    // A name in a certificate has no dot at its end.
    ...(isName ? { servername: host.replace(/\.$/, '') } : {}),
  });
  return established(tls, 'secureConnect', 'tls-failed', signal);
}

async function allowedAddresses(host: string, resolve: Resolve, blocked: BlockedNetworks): Promise<LookupAddress[]> {
  const family = isIP(host);
  const all = family === 0 ? await resolved(host, resolve) : [{ address: host, family }];
  const allowed = all.filter(({ address }) => !isBlocked(blocked, address));
  if (allowed.length === 0) {
    throw new ConnectError('address-blocked', `every address of ${host} is in a blocked network`);
  }
  return allowed;
}

async function resolved(name: string, resolve: Resolve): Promise<readonly LookupAddress[]> {
  try {
    const addresses = await resolve(name);
    if (addresses.length > 0) {
      return addresses;
    }
  } catch (cause) {
    throw new ConnectError('name-not-resolved', `${name} has no address`, { cause });
  }
  throw new ConnectError('name-not-resolved', `${name} has no address`);
}

/** A look-up cannot be called off; its answer is no longer waited for. */
function unlessAborted<T>(answer: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', onAbort);
    const settled = answer.finally(() => signal.removeEventListener('abort', onAbort));
    settled.then(resolve, reject);
    if (signal.aborted) {
      onAbort();
    }
  });
}

/** Answers Node's own look-up with what has been checked. */
function pinned(addresses: LookupAddress[]): LookupFunction {
  return (_name, options, callback) => {
    const [first] = addresses;
    if (options.all === true || first === undefined) {
      callback(null, addresses);
    } else {
      callback(null, first.address, first.family);
    }
  };
}

function established<S extends Socket>(
  socket: S,
  event: 'connect' | 'secureConnect',
  failure: ConnectFailure,
  signal: AbortSignal,
): Promise<S> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      socket.off(event, onOpen);
      socket.off('error', onError);
      socket.off('close', onClose);
      signal.removeEventListener('abort', onAbort);
    };
    const onOpen = (): void => {
      settle();
      resolve(socket);
    };
    const fail = (reason: unknown): void => {
      settle();
      // The loser of a race may still report an error that nobody waits for.
      socket.on('error', () => {});
      socket.destroy();
      reject(reason);
    };
    const onError = (cause: Error): void => fail(new ConnectError(failure, cause.message, { cause }));
    const onClose = (): void => fail(new ConnectError(failure, 'the connection was closed'));
    const onAbort = (): void => fail(signal.reason);
    socket.once(event, onOpen);
    socket.once('error', onError);
    socket.once('close', onClose);
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) {
      onAbort();
    }
  });
}
