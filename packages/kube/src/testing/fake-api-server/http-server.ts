// HTTP before the objects: over plain HTTP/1.1, or over TLS with HTTP/2 and HTTP/1.1.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import {
  constants,
  createSecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
} from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';

export type HttpRequest = IncomingMessage | Http2ServerRequest;
export type HttpResponse = ServerResponse | Http2ServerResponse;

export interface RunningHttpServer {
  readonly port: number;
  /** As a crash of the server does. */
  cutConnections(): void;
  stop(): Promise<void>;
}

export interface TlsFiles {
  readonly key: string;
  readonly cert: string;
}

export async function startHttpServer(
  tls: TlsFiles | undefined,
  answer: (request: HttpRequest, response: HttpResponse) => void,
): Promise<RunningHttpServer> {
  const sockets = new Set<Socket>();
  const sessions = new Set<ServerHttp2Session>();
  const server = tls === undefined ? createServer(answer) : createSecureServer({ ...tls, allowHTTP1: true }, answer);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('session', (session: ServerHttp2Session) => {
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
    session.on('error', () => {
      // expected: clients go as they like.
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cutConnections = (): void => {
    for (const session of sessions) {
      session.destroy();
    }
    for (const socket of sockets) {
      socket.destroy();
    }
  };
  return {
    port: (server.address() as AddressInfo).port,
    cutConnections,
    async stop() {
      const closed = once(server, 'close');
      server.close();
      cutConnections();
      await closed;
    },
  };
}

export async function readBody(request: HttpRequest): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

export function sendJson(
  response: HttpResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  // The two kinds of response agree on all of this, but TypeScript has no common call.
  const http = response as ServerResponse;
  http.writeHead(status, { 'content-type': 'application/json', ...headers });
  http.end(JSON.stringify(body));
}

/** The exchange breaks; over HTTP/2 the others of its connection go on. */
export function cut(response: HttpResponse): void {
  if ('stream' in response && response.stream !== undefined && 'close' in response.stream) {
    response.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    return;
  }
  response.socket?.destroy();
}
