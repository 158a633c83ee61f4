// Connects to the first server of an address that answers, over TLS where it has it, and logs in. That the component may
// go there has been asked: `servers` are the very places that were checked.
import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import { startTls, type OutboundNetwork } from '../network/index.ts';
import type { PgAddress } from './address/parse.ts';
import { TlsUnavailable } from './failure.ts';
import type { Connection, Login, TakeAnswer } from './client/connection.ts';
import { ProtocolError } from '../driver-socket/failures.ts';

export interface CheckedServer {
  /** A name in lower-case ASCII, or an address without brackets. */
  readonly host: string;
  readonly port: number;
  /** What the certificate must be for. */
  readonly serverName: string;
}

export interface ConnectTarget {
  readonly servers: readonly CheckedServer[];
  readonly login: Login;
  readonly sslMode: PgAddress['sslMode'];
  readonly directTls: boolean;
  readonly session: PgAddress['session'];
  /** Whose certificates are trusted; asked for when TLS begins. */
  readonly trust: () => SecureContext;
  readonly timeoutMs: number | undefined;
}

/** To answer the start of a connection; a server may send byte by byte. */
const CONNECT_MS = 30_000;
/** SSLRequest: its length, and the number that stands for it. The driver cannot do without TLS where there is none. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);
/** As PostgreSQL registered it. */
const ALPN = 'postgresql';

/** A server that was reached and is not of the kind that was asked for. */
export class WrongSession extends Error {
  override readonly name = 'WrongSession';
}

export async function connect(
  network: OutboundNetwork,
  target: ConnectTarget,
  signal: AbortSignal,
  onClose: () => void,
): Promise<Connection> {
  let failure: unknown = new ProtocolError('no server');
  for (const server of target.servers) {
    const deadline = AbortSignal.timeout(target.timeoutMs ?? CONNECT_MS);
    try {
      return await connectTo(network, server, target, AbortSignal.any([signal, deadline]), onClose);
    } catch (error) {
      signal.throwIfAborted();
      failure = deadline.aborted ? new ProtocolError('timeout waiting for server') : error;
    }
  }
  throw failure;
}

async function connectTo(
  network: OutboundNetwork,
  server: CheckedServer,
  target: ConnectTarget,
  signal: AbortSignal,
  onClose: () => void,
): Promise<Connection> {
  const socket = await secured(await network.connect(server, signal), server, target, signal);
  let inUse = false;
  const { Connection } = await import('./client/connection.ts');
  const connection = new Connection(socket, target.login, () => {
    if (inUse) {
      onClose();
    }
  });
  try {
    await connection.loggedIn(signal);
    await checkSession(connection, target.session, signal);
    if (!connection.usable) {
      throw new ProtocolError('connection closed');
    }
    inUse = true;
    return connection;
  } catch (error) {
    connection.destroy();
    throw error;
  }
}

async function secured(
  socket: Socket,
  { serverName }: CheckedServer,
  { sslMode, directTls, trust }: ConnectTarget,
  signal: AbortSignal,
): Promise<Socket> {
  if (sslMode === 'disable') {
    return socket;
  }
  try {
    if (!directTls && !(await offersTls(socket, signal))) {
      if (sslMode === 'require') {
        throw new TlsUnavailable('server does not support TLS');
      }
      return socket;
    }
    return await startTls(socket, serverName, { alpn: [ALPN], secureContext: trust() }, signal);
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** One byte comes before TLS; more could have been put there by somebody on the way (CVE-2021-23222). */
async function offersTls(socket: Socket, signal: AbortSignal): Promise<boolean> {
  socket.write(SSL_REQUEST);
  const [answer] = (await Promise.race([
    once(socket, 'data', { signal }),
    once(socket, 'close', { signal }).then(() => [Buffer.alloc(0)]),
  ])) as [Buffer];
  socket.pause();
  if (answer.length !== 1) {
    throw new ProtocolError(answer.length === 0 ? 'connection closed' : 'too much before TLS');
  }
  const [letter] = answer.toString('latin1');
  if (letter !== 'S' && letter !== 'N') {
    throw new ProtocolError('unexpected answer to the request for TLS');
  }
  return letter === 'S';
}

async function checkSession(connection: Connection, wanted: PgAddress['session'], signal: AbortSignal): Promise<void> {
  if (wanted === undefined) {
    return;
  }
  let readOnly = '';
  const answer: TakeAnswer = {
    columns() {},
    row([value]) {
      readOnly = value?.toString('utf8') ?? '';
    },
  };
  await connection.run('SHOW transaction_read_only', [], [], answer, signal);
  if ((readOnly === 'on') !== (wanted === 'read-only')) {
    throw new WrongSession('database does not allow writes');
  }
}
