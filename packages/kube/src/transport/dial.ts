// A socket to the API server: TCP, a proxy's tunnel when there is one, TLS, and which HTTP the two ends agree on (ALPN).
import { once } from 'node:events';
import { request } from 'node:http';
import { request as secureRequest } from 'node:https';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';
import type { ClusterAccess, TlsIdentity } from './access.ts';
import { TransportError } from './errors.ts';

/** A peer that takes longer for a handshake than client-go's 30 s is none. */
const CONNECT_DEADLINE_MS = 30_000;
/** As client-go: load balancers forget connections that are still for longer. */
const KEEP_ALIVE_MS = 30_000;

/** Without the brackets of an IPv6 address. */
const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '');
const portOf = (url: URL): number => Number(url.port || (url.protocol === 'https:' ? 443 : 80));

export function tlsOptions(server: URL, identity: TlsIdentity): ConnectionOptions {
  const host = hostOf(server);
  const { ca, cert, key, serverName, insecure = false } = identity;
  return {
    host,
    port: portOf(server),
    // An address is no name for SNI; the certificate is checked for `host` then.
    ...(serverName !== undefined ? { servername: serverName } : isIP(host) === 0 ? { servername: host } : {}),
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    rejectUnauthorized: !insecure,
  };
}

/** TCP to the server, or the tunnel to it. */
export async function dialPlain({ server, proxy }: Pick<ClusterAccess, 'server' | 'proxy'>): Promise<Socket> {
  if (proxy !== undefined) {
    return dialTunnel(server, proxy);
  }
  const socket = connectTcp({ host: hostOf(server), port: portOf(server) });
  await connected(socket, 'connect', server);
  socket.setKeepAlive(true, KEEP_ALIVE_MS);
  return socket;
}

export async function dialTls(
  access: Pick<ClusterAccess, 'server' | 'proxy' | 'tls'>,
  protocols: readonly string[],
): Promise<TLSSocket> {
  const options = tlsOptions(access.server, await access.tls());
  const plain = await dialPlain(access);
  let socket: TLSSocket;
  try {
    socket = connectTls({ ...options, socket: plain, ALPNProtocols: [...protocols] });
  } catch (error) {
    plain.destroy();
    throw new TransportError(
      'connect',
      `the TLS settings for ${access.server.host} are not usable: ${String(error)}`,
      error,
    );
  }
  await connected(socket, 'secureConnect', access.server);
  return socket;
}

async function connected(socket: Socket, event: 'connect' | 'secureConnect', server: URL): Promise<void> {
  try {
    await once(socket, event, { signal: AbortSignal.timeout(CONNECT_DEADLINE_MS) });
  } catch (error) {
    socket.once('error', () => {
      // expected: what is destroyed half-way may complain once more.
    });
    socket.destroy();
    throw cannotConnect(server, error);
  }
}

const isTimeout = (error: unknown): boolean => error instanceof Error && error.name === 'AbortError';

export function cannotConnect(server: URL, error: unknown): TransportError {
  const why = isTimeout(error) ? `no answer in ${CONNECT_DEADLINE_MS / 1000} s` : reasonOf(error);
  return new TransportError('connect', `cannot connect to ${server.host}: ${why}`, error);
}

/** Node tries several addresses of a name; an AggregateError of their failures has no message of its own. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) {
    return error.errors.map(reasonOf).join('; ');
  }
  return error instanceof Error ? error.message : String(error);
}

/** CONNECT of RFC 9110 §9.3.6. */
function dialTunnel(server: URL, proxy: URL): Promise<Socket> {
  const authority = `${server.hostname}:${portOf(server)}`;
  const ask = proxy.protocol === 'https:' ? secureRequest : request;
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const asked = ask({
    host: hostOf(proxy),
    port: portOf(proxy),
    method: 'CONNECT',
    path: authority,
    headers: { host: authority, ...proxyAuthorization(proxy) },
    agent: false,
    signal: AbortSignal.timeout(CONNECT_DEADLINE_MS),
  });
  asked.once('connect', (response, socket, head) => {
    if (response.statusCode === 200 && head.length === 0) {
      resolve(socket as Socket);
      return;
    }
    socket.destroy();
    reject(
      new TransportError('connect', `the proxy ${proxy.host} refuses a tunnel to ${authority}: ${response.statusCode}`),
    );
  });
  asked.once('error', (error) => {
    reject(new TransportError('connect', `cannot reach the proxy ${proxy.host}: ${reasonOf(error)}`, error));
  });
  asked.end();
  return promise;
}

function proxyAuthorization({ username, password }: URL): Readonly<Record<string, string>> {
  if (username === '') {
    return {};
  }
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` };
}
