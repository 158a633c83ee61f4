// One HTTP/2 session: every watch and request side by side on it, pings while it is open, a GOAWAY that lets what is under
// way go on (kube-client 7, 23).
import {
  connect,
  constants,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type IncomingHttpHeaders,
  type IncomingHttpStatusHeader,
} from 'node:http2';
import type { TLSSocket } from 'node:tls';
import type { Clock } from '../clock.ts';
import { isPrematureClose, Unprocessed, type Connection, type Incoming, type Outgoing } from './connection.ts';
import { TransportError } from './errors.ts';
import { SILENCE_MS, watchLiveness, type Liveness } from './liveness.ts';

/** What one stream may send before it is read: a page of a list in one go, no more from a watch whose reader waits. */
const STREAM_WINDOW_BYTES = 1024 * 1024;
/** Of the whole connection: as many streams as servers allow may wait without holding up the others. */
const CONNECTION_WINDOW_BYTES = 256 * STREAM_WINDOW_BYTES;
/** Megabytes. Node's default of 10 refuses streams when a few hundred are open; the windows above are the real bound. */
const MAX_SESSION_MEMORY = 512;

export async function openHttp2(origin: string, socket: TLSSocket, clock: Clock): Promise<Connection> {
  const session = connect(origin, {
    createConnection: () => socket,
    settings: { enablePush: false, initialWindowSize: STREAM_WINDOW_BYTES },
    maxSessionMemory: MAX_SESSION_MEMORY,
  });
  const connection = new Http2Connection(session, clock);
  // Before them nobody knows how many streams the server takes.
  await connection.settled;
  session.setLocalWindowSize(CONNECTION_WINDOW_BYTES);
  return connection;
}

/**
 * Node ends the body of a stream that was reset as if it were whole, and breaks off one that is whole when its reader is late.
 * The code of the stream tells: what ends early has one, if only CANCEL.
 */
const isWhole = (stream: ClientHttp2Stream, error: unknown): boolean =>
  (stream.rstCode ?? 0) === constants.NGHTTP2_NO_ERROR && (error === undefined || isPrematureClose(error));

class Http2Connection implements Connection {
  readonly settled: Promise<void>;
  readonly #session: ClientHttp2Session;
  readonly #liveness: Liveness;
  #streams = 0;
  #isRetired = false;
  #failure: Error | undefined;

  constructor(session: ClientHttp2Session, clock: Clock) {
    this.#session = session;
    this.#liveness = watchLiveness(
      clock,
      () => this.#ping(),
      () => this.destroy(new TransportError('silent', `no byte from the API server in ${SILENCE_MS / 1000} s`)),
    );
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.settled = promise;
    session.once('remoteSettings', () => resolve());
    session.on('goaway', () => (this.#isRetired = true));
    session.on('error', (error) => {
      this.#failure ??= new TransportError('reset', `the connection broke: ${error.message}`, error);
    });
    session.once('close', () => {
      this.#liveness.stop();
      this.#failure ??= new TransportError('reset', 'the API server closed the connection');
      reject(this.#failure);
    });
  }

  get isOver(): boolean {
    return this.#isRetired || this.#session.closed || this.#session.destroyed;
  }

  get hasRoom(): boolean {
    return !this.isOver && this.#streams < (this.#session.remoteSettings.maxConcurrentStreams ?? Infinity);
  }

  send(outgoing: Outgoing, signal: AbortSignal): Promise<Incoming> {
    const { promise, resolve, reject } = Promise.withResolvers<Incoming>();
    const stream = this.#open(outgoing, signal);
    this.#streams += 1;
    let isAnswered = false;
    stream.once('close', () => {
      this.#streams -= 1;
      if (!isAnswered) {
        reject(this.#failureOf(stream));
      }
    });
    // What went wrong is said when it closes; without a listener it would end the process.
    stream.on('error', (error) => reject(this.#failureOf(stream, error)));
    stream.once('response', (headers: IncomingHttpHeaders & IncomingHttpStatusHeader) => {
      this.#liveness.heard();
      isAnswered = true;
      resolve({
        status: headers[':status'] ?? 0,
        headers,
        body: stream,
        failure: (error) => (isWhole(stream, error) ? undefined : this.#failureOf(stream, error)),
      });
    });
    const heard = (): void => this.#liveness.heard();
    // Beside the reader: `data` would make the stream flow whether it is read or not.
    stream.on('readable', heard);
    stream.end(outgoing.body);
    return promise;
  }

  retire(): void {
    this.#isRetired = true;
    this.#session.close();
  }

  destroy(reason: Error): void {
    this.#failure ??= reason;
    this.#liveness.stop();
    this.#session.destroy(reason);
  }

  #open({ method, path, headers, body }: Outgoing, signal: AbortSignal): ClientHttp2Stream {
    try {
      return this.#session.request(
        { ':method': method, ':path': path, ...headers },
        { signal, endStream: body === undefined },
      );
    } catch (error) {
      // It ended between the look and the call.
      throw new Unprocessed('the connection takes no other request', { cause: error });
    }
  }

  /** RFC 9113 §8.7: a refused stream was not processed, nor one above the number a GOAWAY names. */
  #failureOf(stream: ClientHttp2Stream, error?: unknown): Error {
    if (stream.rstCode === constants.NGHTTP2_REFUSED_STREAM) {
      return new Unprocessed('the server refused the stream', { cause: error });
    }
    const why = error instanceof Error ? error.message : 'no answer';
    return this.#failure ?? new TransportError('reset', `the request broke off: ${why}`, error);
  }

  #ping(): void {
    if (!this.#session.destroyed) {
      this.#session.ping((error) => {
        if (error === null) {
          this.#liveness.heard();
        }
      });
    }
  }
}
