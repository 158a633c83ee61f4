// HTTP/1.1, for an API server behind something that speaks no HTTP/2, and for `kubectl proxy`: a pool of connections, each
// for one exchange at a time.
import { Agent, request, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ClusterAccess } from './access.ts';
import { Unprocessed, type Connection, type Incoming, type Outgoing } from './connection.ts';
import { cannotConnect, dialPlain, dialTls } from './dial.ts';
import { TransportError } from './errors.ts';

/** Requests beside the watches, which have a connection each; more wait. */
const MAX_SOCKETS = 256;
/** There is no ping: two bookmarks of a watch, one every 45–75 s, must be missing before it counts as silent. */
const IDLE_MS = 150_000;

export class Http1Connection implements Connection {
  readonly #access: ClusterAccess;
  readonly #agent: Agent;
  #isOver = false;
  #failure: Error | undefined;

  constructor(access: ClusterAccess) {
    this.#access = access;
    this.#agent = new Agent({ keepAlive: true, maxSockets: MAX_SOCKETS });
    this.#agent.createConnection = (_options, done): undefined => {
      const dialed: Promise<Duplex> =
        access.server.protocol === 'https:' ? dialTls(access, ['http/1.1']) : dialPlain(access);
      dialed.then(
        (socket) => done?.(null, socket),
        (error: Error) => done?.(error, undefined as unknown as Duplex),
      );
    };
  }

  get hasRoom(): boolean {
    return !this.#isOver;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  send({ method, path, headers, body }: Outgoing, signal: AbortSignal): Promise<Incoming> {
    const { promise, resolve, reject } = Promise.withResolvers<Incoming>();
    const { server } = this.#access;
    const asked = request({
      method,
      path,
      headers: {
        host: server.host,
        ...headers,
        ...(body === undefined ? {} : { 'content-length': String(body.length) }),
      },
      agent: this.#agent,
      signal,
    });
    const failureOf = (error: unknown): Error => {
      if (this.#failure !== undefined || error instanceof TransportError) {
        return this.#failure ?? (error as TransportError);
      }
      const why = error instanceof Error ? error.message : 'no more comes';
      return asked.socket === null
        ? cannotConnect(server, error)
        : new TransportError('reset', `the connection broke: ${why}`, error);
    };
    asked.on('error', (error) => {
      // The server closed a kept connection in the moment of its use: nothing was done, or nothing that matters.
      const isStale = asked.reusedSocket && method === 'GET' && 'code' in error && error.code === 'ECONNRESET';
      reject(isStale ? new Unprocessed('a kept connection was closed', { cause: error }) : failureOf(error));
    });
    asked.setTimeout(IDLE_MS, () => asked.destroy(new TransportError('silent', `no byte in ${IDLE_MS / 1000} s`)));
    asked.once('response', (response: IncomingMessage) => {
      response.on('error', () => {
        // expected: its reader gets it; without a listener it would end the process.
      });
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        body: response,
        failure: (error) => (response.complete ? undefined : failureOf(error)),
      });
    });
    asked.end(body);
    return promise;
  }

  retire(): void {
    this.#isOver = true;
    this.#agent.maxFreeSockets = 0;
    for (const socket of Object.values(this.#agent.freeSockets).flatMap((sockets) => sockets ?? [])) {
      socket.destroy();
    }
  }

  destroy(reason: Error): void {
    this.#isOver = true;
    this.#failure ??= reason;
    this.#agent.destroy();
  }
}
