// The listening socket: HTTP/1.1 and HTTP/2 on one port, with TLS or without (spin-contract.md §3.5), limits of both
// protocols, and draining. node:http's server owns the socket; what speaks HTTP/2 is taken from it before it is parsed.
import { createServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions as TlsServerOptions } from 'node:https';
import { Server as NetServer, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { ListenAddress, ListenerOptions, TlsOptions } from '../address.ts';
import { Http1Reply } from '../http1/reply.ts';
import { Http1Request } from '../http1/request.ts';
import { sessionOptions } from '../http2/session-options.ts';
import type { Reply } from '../reply.ts';
import type { WireRequest } from '../wire-request.ts';
import { bind, descriptorOf } from './bind.ts';
import { ConnectionCount } from './connection-count.ts';
import { Connections } from './connections.ts';
import { Http1Connection } from './http1-connection.ts';
import { Http2Connection } from './http2-connection.ts';
import { DEFAULT_LISTENER_LIMITS, type ListenerLimits } from './limits.ts';
import { answerConnect, answerMalformed } from './malformed.ts';
import { protocolOf } from './preface.ts';

/** How often time limits are looked at, as a part of the shortest, and at least. */
const TICKS_PER_LIMIT = 10;
const LONGEST_TICK_MS = 5000;
const SHORTEST_TICK_MS = 20;

export interface ListenerEvents {
  receive(request: WireRequest, reply: Reply): void;
  /** There are as many connections as may be; this one was closed. */
  refused(most: number): void;
}

export class Listener {
  readonly limits: ListenerLimits;
  readonly #options: ListenerOptions;
  readonly #events: ListenerEvents;
  readonly #server: Server;
  readonly #connections: Connections;
  readonly #http2: ReturnType<typeof sessionOptions>;
  /** node:http's own way to serve a connection. */
  readonly #serveHttp1: (socket: Socket) => void;

  /** It does not listen yet. */
  constructor(options: ListenerOptions, events: ListenerEvents) {
    this.#options = options;
    this.#events = events;
    this.limits = { ...DEFAULT_LISTENER_LIMITS, ...options.clientLimits };
    const tickMs = tickFor(this.limits);
    this.#http2 = sessionOptions({ ...this.limits, maxHeaderBytes: options.maxHeaderBytes });
    this.#connections = new Connections(options.connections && new ConnectionCount(options.connections), {
      headMs: this.limits.headMs,
      tickMs,
    });
    const settings = http1Settings(options, this.limits, tickMs);
    const { tls } = options;
    this.#server =
      tls === undefined
        ? createServer(settings)
        : createTlsServer({ ...settings, ...tlsSettings(tls, this.limits.headMs) });
    this.#watchHttp1();
    this.#serveHttp1 = tls === undefined ? this.#takeConnections() : this.#takeTlsConnections();
  }

  listen(): Promise<ListenAddress> {
    return bind(this.#server, this.#options);
  }

  /** Of the socket that it listens on. */
  get descriptor(): number {
    return descriptorOf(this.#server);
  }

  /** How many connections there are. */
  get size(): number {
    return this.#connections.size;
  }

  /** Takes no more connections. Resolves when the last of those that there are has ended. */
  stopListening(): Promise<void> {
    // Not http's own `close`, which resets connections whose first request has not been read yet.
    return new Promise((resolve) =>
      NetServer.prototype.close.call(this.#server, () => {
        this.#connections.close();
        resolve();
      }),
    );
  }

  /** Ends connections without a request, and lets no further request begin on those of HTTP/2. */
  finish(): void {
    this.#connections.finish();
    // Idle ones of HTTP/1.1 too, and node's watch over them; that it has stopped listening was done above.
    this.#server.close(() => {});
  }

  /** HTTP/1.1's connections without a request; what was being answered at `finish` is idle by now. */
  closeIdle(): void {
    this.#server.closeIdleConnections();
  }

  destroy(): void {
    this.#connections.destroy();
  }

  #watchHttp1(): void {
    const server = this.#server;
    // One more than is allowed, so that excess can be told from the exact number.
    server.maxHeadersCount = this.limits.headerFields + 1;
    const receive = (message: IncomingMessage, response: ServerResponse<IncomingMessage>): void =>
      this.#receiveHttp1(message, response);
    server.on('request', receive);
    // Without a listener node answers 417 to expectations it does not know; with it the request goes on, as in Spin.
    server.on('checkExpectation', receive);
    server.on('clientError', (error, socket) => this.#malformed(error, socket as Socket));
    server.on('connect', (_request, socket) => answerConnect(socket as Socket));
  }

  #receiveHttp1(message: IncomingMessage, response: ServerResponse<IncomingMessage>): void {
    const connection = this.#connections.of(message.socket);
    if (!(connection instanceof Http1Connection) || connection.last) {
      // Sent behind a request that was the last, or that was refused: nobody knows whether it is one (RFC 9112 §9.6).
      message.resume();
      return;
    }
    const reply = new Http1Reply(response, () => {
      connection.last = true;
    });
    connection.exchange(message, reply);
    const { upgrade, 'transfer-encoding': coding } = message.headers;
    if (!response.shouldKeepAlive || upgrade !== undefined) {
      // Behind a request that offers another protocol, node drops what has come with it, and reads on somewhere.
      reply.closeAfter();
    }
    // The parser takes any list that ends in `chunked`, and HTTP/1.0 has no such thing (RFC 9112 §6.1).
    if (coding !== undefined && (coding.toLowerCase() !== 'chunked' || message.httpVersionMinor === 0)) {
      reply.refuse(400);
      return;
    }
    // The parser lets a request line claim any version; what follows it was read as HTTP/1.1.
    if (message.httpVersionMajor !== 1) {
      reply.refuse(400);
      return;
    }
    this.#events.receive(new Http1Request(message), reply);
  }

  #malformed(error: NodeJS.ErrnoException, socket: Socket): void {
    const connection = this.#connections.of(socket);
    // Without a connection of HTTP/1.1 it is a handshake that has failed: no answer could be read.
    if (connection instanceof Http1Connection && error.code !== 'ECONNRESET' && socket.writable) {
      connection.malformed(() => answerMalformed(error, socket));
    } else {
      socket.destroy();
    }
  }

  /** Puts itself between the server and its own listener, which it returns. */
  #takeConnections(): (socket: Socket) => void {
    const serve = takeListener(this.#server, 'connection');
    this.#server.on('connection', (socket: Socket) => {
      if (this.#admit(socket)) {
        this.#connections.begin(socket);
        this.#sniff(socket);
      }
    });
    return serve;
  }

  #takeTlsConnections(): (socket: Socket) => void {
    const handshake = takeListener(this.#server, 'connection');
    this.#server.on('connection', (socket: Socket) => {
      if (this.#admit(socket)) {
        handshake(socket);
      }
    });
    const serve = takeListener(this.#server, 'secureConnection');
    this.#server.on('secureConnection', (socket: TLSSocket) => {
      this.#connections.begin(socket);
      if (socket.alpnProtocol === 'h2') {
        this.#beginHttp2(socket);
      } else {
        // A client that offered no protocol may still speak HTTP/2, as to Spin, which offers none.
        this.#sniff(socket);
      }
    });
    return serve;
  }

  #admit(socket: Socket): boolean {
    if (this.#connections.admit(socket)) {
      return true;
    }
    // Nothing is known of its protocol, and an answer would keep it for as long as the client likes.
    socket.destroy();
    this.#events.refused(this.#options.connections?.most ?? 0);
    return false;
  }

  /** Waits for the first bytes and gives them back unread. Each listener costs every connection something. */
  #sniff(socket: Socket): void {
    let bytes: Buffer | undefined;
    const look = (chunk: Buffer): void => {
      bytes = bytes === undefined ? chunk : Buffer.concat([bytes, chunk]);
      const protocol = protocolOf(bytes);
      if (protocol === undefined) {
        return;
      }
      socket.removeListener('data', look);
      socket.removeListener('end', endToo);
      socket.pause();
      if (protocol === 'http2') {
        socket.unshift(bytes);
        this.#beginHttp2(socket);
      } else {
        this.#beginHttp1(socket);
        socket.unshift(bytes);
        socket.resume();
      }
    };
    socket.on('data', look);
    socket.on('error', ignore);
    socket.on('end', endToo);
  }

  #beginHttp1(socket: Socket): void {
    this.#connections.watch(socket, new Http1Connection(socket, this.limits));
    this.#serveHttp1(socket);
  }

  #beginHttp2(socket: Socket): void {
    this.#connections.watch(
      socket,
      new Http2Connection(socket, this.#http2, this.limits, (request, reply) => this.#events.receive(request, reply)),
    );
  }
}

/** What has failed is destroyed already. */
const ignore = (): void => {};

/** A client that leaves before it has said anything; node:http's sockets stay open on our side. */
function endToo(this: Socket): void {
  this.end();
}

/** The one listener that a server of node has for `event`, which is removed. */
function takeListener(server: Server, event: 'connection' | 'secureConnection'): (socket: Socket) => void {
  const [listener, ...others] = server.listeners(event);
  if (listener === undefined || others.length > 0) {
    throw new Error(`node's server does not serve by one listener of '${event}'`);
  }
  server.removeAllListeners(event);
  return (socket) => Reflect.apply(listener, server, [socket]) as void;
}

const tickFor = ({ headMs, responseMs, bodyMs, idleMs }: ListenerLimits): number =>
  Math.min(LONGEST_TICK_MS, Math.max(SHORTEST_TICK_MS, Math.min(headMs, responseMs, bodyMs, idleMs) / TICKS_PER_LIMIT));

/** For node, 0 is no limit. */
const finite = (milliseconds: number): number => (Number.isFinite(milliseconds) ? milliseconds : 0);

const http1Settings = (
  { maxHeaderBytes }: ListenerOptions,
  { idleMs, headMs }: ListenerLimits,
  tickMs: number,
): ServerOptions => ({
  maxHeaderSize: maxHeaderBytes,
  keepAliveTimeout: finite(idleMs),
  // Bodies may be streamed for as long as the client likes; Spin has no such limit (spec §3.4).
  requestTimeout: 0,
  // Node takes the other's 0 for this one too, and a client could hold connections by headers that never end.
  headersTimeout: finite(headMs),
  connectionsCheckingInterval: tickMs,
  noDelay: true,
  joinDuplicateHeaders: false,
  // A target in absolute form makes the Host header dispensable; the service itself answers 400 without either.
  requireHostHeader: false,
});

/** Bytes from another thread have lost that they were a Buffer. */
const tlsSettings = ({ cert, key, ticketKeys }: TlsOptions, headMs: number): TlsServerOptions => ({
  cert: Buffer.from(cert),
  key: Buffer.from(key),
  ALPNProtocols: ['h2', 'http/1.1'],
  ...(Number.isFinite(headMs) ? { handshakeTimeout: headMs } : {}),
  ...(ticketKeys === undefined ? {} : { ticketKeys: Buffer.from(ticketKeys) }),
});
