// A session of HTTP/2: its streams become requests, and clients that hold on to it without using it are let go.
import { constants, performServerHandshake, type ServerHttp2Session, type ServerOptions } from 'node:http2';
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { Http2Reply } from '../http2/reply.ts';
import { Http2Request } from '../http2/request.ts';
import { respondEmpty, type Reply } from '../reply.ts';
import type { WireRequest } from '../wire-request.ts';
import type { Watched } from './connections.ts';
import type { ListenerLimits } from './limits.ts';
import { Stillness } from './stillness.ts';

interface OpenStream {
  readonly reply: Http2Reply;
  readonly unread: Stillness;
}

export class Http2Connection implements Watched {
  readonly #session: ServerHttp2Session;
  readonly #limits: Pick<ListenerLimits, 'responseMs' | 'idleMs'>;
  readonly #streams = new Map<ServerHttp2Stream, OpenStream>();
  readonly #idle = new Stillness();
  /** Streams that there have been. */
  #served = 0;

  /** The socket has given away nothing yet but what `unshift` put back. */
  constructor(
    socket: Socket,
    options: ServerOptions,
    limits: Pick<ListenerLimits, 'responseMs' | 'idleMs'>,
    receive: (request: WireRequest, reply: Reply) => void,
  ) {
    this.#limits = limits;
    // A server for HTTP/1.1 has its sockets half open when a client ends; a session would outlive its client so.
    socket.allowHalfOpen = false;
    this.#session = performServerHandshake(socket, options);
    // Node has ended the session when it says so; what a client does wrong is no news to the operator.
    this.#session.on('error', () => this.#session.destroy());
    this.#session.on('stream', (stream, headers, _flags, raw) =>
      this.#begin(stream, headers, raw as unknown as readonly string[], receive),
    );
  }

  #begin(
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    raw: readonly string[],
    receive: (request: WireRequest, reply: Reply) => void,
  ): void {
    // A reset by the client is one, and `close` follows, which is heard where it matters.
    stream.on('error', () => {});
    const reply = new Http2Reply(stream);
    this.#served += 1;
    this.#streams.set(stream, { reply, unread: new Stillness() });
    stream.once('close', () => this.#streams.delete(stream));
    if (headers[':method'] === 'CONNECT') {
      respondEmpty(reply, 501);
      return;
    }
    receive(new Http2Request(stream, headers, raw), reply);
  }

  look(now: number): void {
    const { idleMs, responseMs } = this.#limits;
    if (this.#idle.lasts(this.#streams.size === 0 ? this.#served : undefined, now) >= idleMs) {
      this.#session.close();
      // A client that says nothing to the GOAWAY is not waited for: it has no stream.
      this.#session.destroy();
      return;
    }
    for (const [stream, { reply, unread }] of this.#streams) {
      if (unread.lasts(reply.pending ? reply.taken : undefined, now) >= responseMs) {
        stream.close(constants.NGHTTP2_CANCEL);
        if (!this.#session.destroyed && this.#session.socket.writableLength > 0) {
          // It does not even take the frames of the connection.
          this.#session.destroy();
          return;
        }
      }
    }
  }

  /** GOAWAY: streams that have begun go on, and the session ends with the last. */
  finish(): void {
    if (!this.#session.closed && !this.#session.destroyed) {
      this.#session.close();
    }
  }
}
