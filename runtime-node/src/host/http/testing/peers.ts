// Servers on the loopback for tests of outbound requests, closed with everything that hangs on them.
import { createServer as createHttp, type RequestListener } from 'node:http';
import {
  createSecureServer as createSecureHttp2,
  createServer as createHttp2,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import { createServer as createTcp, type AddressInfo, type Server, type Socket } from 'node:net';

/** PEM. */
interface KeyAndCertificate {
  readonly key: string;
  readonly cert: string;
}

export interface Peer {
  readonly port: number;
  /** `127.0.0.1:<port>` */
  readonly authority: string;
  /** Connections that were made to it so far. */
  readonly connections: () => number;
  /** Those that are open now. */
  readonly open: () => number;
  close(): Promise<void>;
}

export type StreamListener = (stream: ServerHttp2Stream, rawHeaders: readonly string[]) => void;

const httpPeer = (listener: RequestListener): Promise<Peer> => listening(createHttp(listener));

/** Speaks raw bytes. */
const tcpPeer = (listener: (socket: Socket) => void): Promise<Peer> => listening(createTcp(listener));

/** HTTP/2 over TLS; `sessions` gives access to what is connected. */
export const http2Peer = (
  identity: KeyAndCertificate,
  listener: StreamListener,
  onSession: (session: ServerHttp2Session) => void = () => {},
): Promise<Peer> => {
  const server = createSecureHttp2({ ...identity });
  server.on('session', onSession);
  server.on('stream', (stream, _headers, _flags, rawHeaders) => listener(stream as ServerHttp2Stream, rawHeaders));
  return listening(server);
};

/** HTTP/2 without TLS. */
export const h2cPeer = (listener: StreamListener): Promise<Peer> => {
  const server = createHttp2();
  server.on('stream', (stream, _headers, _flags, rawHeaders) => listener(stream as ServerHttp2Stream, rawHeaders));
  return listening(server);
};

export async function listening(server: Server): Promise<Peer> {
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    authority: `127.0.0.1:${port}`,
    connections: () => connections,
    open: () => sockets.size,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) {
          socket.destroy();
        }
      }),
  };
}

/** The peers of one test file, closed together after each test. */
export class Peers {
  readonly #peers: Peer[] = [];

  async add(starting: Promise<Peer>): Promise<Peer> {
    const peer = await starting;
    this.#peers.push(peer);
    return peer;
  }

  http(listener: RequestListener): Promise<Peer> {
    return this.add(httpPeer(listener));
  }

  tcp(listener: (socket: Socket) => void): Promise<Peer> {
    return this.add(tcpPeer(listener));
  }

  /** Answers each request, whatever it says, with these bytes. */
  replying(text: string, after: (socket: Socket) => void = () => {}): Promise<Peer> {
    return this.tcp((socket) => {
      socket.on('data', () => socket.write(Buffer.from(text, 'latin1'), () => after(socket)));
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.#peers.splice(0).map((peer) => peer.close()));
  }
}
