// HTTP/1.1 over one connection (RFC 9112), on node:http: an agent that holds exactly this socket keeps it between
// exchanges and knows when the server wants it closed.
import { Agent, request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { HttpError } from '../error-code.ts';
import type { HeaderList } from '../exchange.ts';
import { hasField, pairs } from '../header-list.ts';
import type { ReceivedResponse } from '../types/incoming-response.ts';
import type { Connection, ConnectionEvents, Upstream } from './connection.ts';
import { ReadableBody } from '../readable-body.ts';
import { asLatin1, type WireRequest } from './request.ts';
import { WritableSink } from './writable-sink.ts';

/** hyper's limit for a head, 8 KiB + 100 pages of 4 KiB; Node's own is 16 KiB. */
const MAX_HEAD_BYTES = 417_792;
/** How long a connection is kept without an exchange: hyper's pool. A server's `keep-alive: timeout` shortens it. */
const IDLE_MS = 90_000;

/** Methods whose request without content says so, since servers expect content of them (RFC 9110 §8.6). */
const EXPECT_CONTENT: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH']);

class SingleSocketAgent extends Agent {
  #socket: Socket | undefined;
  readonly #onKept: () => void;

  constructor(socket: Socket, keepAlive: boolean, onKept: () => void) {
    super({ keepAlive, maxSockets: 1, timeout: IDLE_MS });
    this.#socket = socket;
    this.#onKept = onKept;
  }

  override createConnection(): Socket {
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket === undefined) {
      throw new Error('the connection of this agent is gone');
    }
    return socket;
  }

  /** Called when an exchange has ended in good order. */
  override keepSocketAlive(socket: Socket): boolean {
    // Agent's own returns whether the server's hint leaves any time; its type says nothing.
    const kept = (super.keepSocketAlive(socket) as unknown) !== false;
    if (kept) {
      // The agent takes the socket back only after this has returned.
      queueMicrotask(this.#onKept);
    }
    return kept;
  }
}

export class Http1Connection implements Connection {
  readonly #socket: Socket;
  readonly #agent: SingleSocketAgent;
  #busy = false;

  constructor(socket: Socket, keepAlive: boolean, events: ConnectionEvents) {
    this.#socket = socket;
    this.#agent = new SingleSocketAgent(socket, keepAlive, () => {
      this.#busy = false;
      events.onAvailable();
    });
    socket.once('close', () => events.onClose());
  }

  get available(): boolean {
    return !this.#busy && !this.#socket.destroyed;
  }

  get idle(): boolean {
    return !this.#busy;
  }

  begin(request: WireRequest): Upstream {
    const message = httpRequest({
      agent: this.#agent,
      method: request.method,
      path: asLatin1(request.path),
      headers: flatHeaders(request),
      maxHeaderSize: MAX_HEAD_BYTES,
      // Not even `connection: keep-alive`: HTTP/1.1 keeps by default, and hyper does not say it either.
      setDefaultHeaders: false,
    });
    this.#busy = true;
    // As many as fit: beyond a number Node would leave fields out without a word.
    message.maxHeadersCount = 0;
    const response = responseTo(message, request);
    if (request.body === undefined) {
      message.end();
    } else {
      message.flushHeaders();
      request.body.attach(
        new WritableSink(message, {
          finish: (trailers) => finish(message, trailers),
          abort: (reason) => message.destroy(new Error(reason)),
        }),
      );
    }
    return { response, cancel: () => message.destroy() };
  }

  destroy(): void {
    this.#socket.destroy();
  }
}

/** Says itself where the body ends: Node leaves the content of a GET unframed otherwise. */
function flatHeaders({ authority, headers, body, method }: WireRequest): string[] {
  const framed = hasField(headers, 'content-length');
  const chunked = !framed && body !== undefined;
  const flat = ['host', authority];
  for (const [name, value] of headers) {
    // Only a chunked message can have trailers; Node throws at the announcement of some in any other.
    if (chunked || name !== 'trailer') {
      flat.push(name, value);
    }
  }
  if (chunked) {
    flat.push('transfer-encoding', 'chunked');
  } else if (!framed && EXPECT_CONTENT.has(method)) {
    flat.push('content-length', '0');
  }
  return flat;
}

function finish(message: ClientRequest, trailers: HeaderList | null): void {
  if (trailers !== null) {
    // Left out by Node when the message has a content-length and so no place for them (RFC 9112 §6.5).
    message.addTrailers(trailers as [string, string][]);
  }
  message.end();
}

function responseTo(message: ClientRequest, request: WireRequest): Promise<ReceivedResponse> {
  return new Promise((resolve, reject) => {
    message.once('response', (response) => resolve(received(response, request)));
    message.on('error', (cause) => reject(new HttpError({ tag: 'HTTP-protocol-error' }, { cause })));
    // Neither was asked for: a protocol switch leaves a connection on which no response can come.
    const refuse = (_response: IncomingMessage, socket: Socket): void => {
      socket.destroy();
      reject(new HttpError({ tag: 'HTTP-protocol-error' }));
    };
    message.once('upgrade', refuse);
    message.once('connect', refuse);
    message.once('close', () => reject(new HttpError({ tag: 'HTTP-protocol-error' })));
  });
}

function received(response: IncomingMessage, { betweenBytesMs }: WireRequest): ReceivedResponse {
  return {
    status: response.statusCode ?? 0,
    headers: pairs(response.rawHeaders),
    body: new ReadableBody(response, {
      betweenBytesMs,
      isWhole: () => response.complete,
      trailers: () => (response.rawTrailers.length === 0 ? null : pairs(response.rawTrailers)),
      // What is here already is read away, and the connection serves on.
      cut: () => {
        if (!response.complete) {
          response.destroy();
        }
      },
    }),
  };
}
