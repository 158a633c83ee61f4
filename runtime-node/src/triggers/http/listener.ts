// The listening socket: address, free port, TLS, limits of the protocol, answers to malformed requests, and draining.
import { createServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions as TlsServerOptions } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { UserError } from '@spindle/api';
import { formatAddress, type ListenAddress, type ListenerOptions, type TlsOptions } from './address.ts';
import { httpDate } from './date.ts';

/** hyper takes at most this many fields and answers 431 to more (golden "many headers"). */
export const MAX_HEADER_FIELDS = 100;

/** spin-contract.md §3.5 `--find-free-port`. */
const FREE_PORT_TRIES = 10;

/** An idle connection may stay this long; above the 60 s after which common load balancers drop theirs. */
const KEEP_ALIVE_MS = 75_000;

/** Node's default for a request's head. */
const HEADERS_MS = 60_000;

/** A client that was refused may take this long to read why and to close; a reset at once could lose the answer. */
const LINGER_MS = 1000;

export type RequestListener = (request: IncomingMessage, response: ServerResponse<IncomingMessage>) => void;

/** A server that is not listening yet. */
export function createListener(options: ListenerOptions, onRequest: RequestListener): Server {
  const settings: ServerOptions = {
    maxHeaderSize: options.maxHeaderBytes,
    keepAliveTimeout: KEEP_ALIVE_MS,
    // Bodies may be streamed for as long as the client likes; Spin has no such limit (spec §3.4).
    requestTimeout: 0,
    // Node takes the other's 0 for this one too, and a client could hold connections by headers that never end.
    headersTimeout: HEADERS_MS,
    noDelay: true,
    joinDuplicateHeaders: false,
    // A target in absolute form makes the Host header dispensable; the service itself answers 400 without either.
    requireHostHeader: false,
  };
  const server: Server =
    options.tls === undefined ? createServer(settings) : createTlsServer({ ...settings, ...tlsSettings(options.tls) });
  // One more than is allowed, so that excess can be told from the exact number.
  server.maxHeadersCount = MAX_HEADER_FIELDS + 1;
  server.on('request', onRequest);
  // Without a listener node answers 417 to expectations it does not know; with it the request goes on, as in Spin.
  server.on('checkExpectation', onRequest);
  server.on('clientError', answerMalformed);
  server.on('connect', (_request, socket) => {
    // Node has let go of this socket. Its errors must not end the process, and unread it would not notice its end.
    socket.on('error', () => socket.destroy());
    socket.resume();
    answer(socket as Socket, '501 Not Implemented');
  });
  return server;
}

/** Bytes from another thread have lost that they were a Buffer. */
const tlsSettings = ({ cert, key, ticketKeys }: TlsOptions): TlsServerOptions => ({
  cert: Buffer.from(cert),
  key: Buffer.from(key),
  ...(ticketKeys === undefined ? {} : { ticketKeys: Buffer.from(ticketKeys) }),
});

/** Status lines for node's parser errors; everything else is a bad request. */
const PARSER_STATUS: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

function answerMalformed(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  answer(socket, PARSER_STATUS[error.code ?? ''] ?? '400 Bad Request');
}

/** Writes a whole answer to a connection that has no ServerResponse (any more), and ends it. */
function answer(socket: Socket, statusLine: string): void {
  // A response that has begun cannot be mended: only cutting tells the client that it is not whole.
  const begun = (socket as Socket & { _httpMessage?: ServerResponse })._httpMessage?.headersSent ?? false;
  if (begun || !socket.writable) {
    socket.destroy();
    return;
  }
  const linger = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => clearTimeout(linger));
  socket.end(`HTTP/1.1 ${statusLine}\r\nconnection: close\r\ncontent-length: 0\r\ndate: ${httpDate()}\r\n\r\n`);
}

/** Begins to listen; resolves with the address that was bound. */
export async function listen(server: Server, options: ListenerOptions): Promise<ListenAddress> {
  if (options.socket !== undefined) {
    await listenOn(server, options.socket);
    return boundAddress(server);
  }
  const { host, port } = options.address;
  const tries = options.findFreePort && port !== 0 ? FREE_PORT_TRIES : 1;
  for (let offset = 0; offset < tries; offset += 1) {
    if (await bind(server, host, port + offset)) {
      return boundAddress(server);
    }
  }
  throw options.findFreePort
    ? new UserError(
        `Couldn't find a free port in the range ${port}-${port + tries - 1}. Consider retrying with a different base port.`,
        { code: 'SPK4030', field: '--listen' },
      )
    : new UserError(
        `${formatAddress(options.address)} is already in use. To have Spin search for a free port, use the --find-free-port option.`,
        { code: 'SPK4030', field: '--listen' },
      );
}

function boundAddress(server: Server): ListenAddress {
  const { address, port } = server.address() as AddressInfo;
  return { host: address, port };
}

/** The descriptor of the socket that a server listens on. Node shows it nowhere else. */
export function descriptorOf(server: Server): number {
  const fd = (server as Server & { readonly _handle?: { readonly fd?: number } })._handle?.fd;
  if (fd === undefined || fd < 0) {
    throw new Error('the server does not listen');
  }
  return fd;
}

function listenOn(server: Server, fd: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ fd }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** False when the port is taken. */
function bind(server: Server, host: string, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => {
      server.off('listening', bound);
      if (error.code === 'EADDRINUSE') {
        resolve(false);
      } else {
        reject(
          new UserError(`cannot listen on ${formatAddress({ host, port })}: ${error.message}`, {
            code: 'SPK4031',
            field: '--listen',
            remedy: 'Give an address of this machine and a port that you may use.',
            cause: error,
          }),
        );
      }
    };
    const bound = (): void => {
      server.off('error', failed);
      resolve(true);
    };
    server.once('error', failed);
    server.once('listening', bound);
    server.listen({ host, port });
  });
}
