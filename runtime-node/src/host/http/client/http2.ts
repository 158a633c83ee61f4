// HTTP/2 over one connection (RFC 9113), on node:http2: as many exchanges at a time as the server allows.
import {
  connect,
  constants,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type ClientSessionOptions,
  type IncomingHttpStatusHeader,
} from 'node:http2';
import type { Socket } from 'node:net';
import { HttpError } from '../error-code.ts';
import type { HeaderList } from '../exchange.ts';
import { pairs } from '../header-list.ts';
import type { ReceivedResponse } from '../types/incoming-response.ts';
import type { Connection, ConnectionEvents, Upstream } from './connection.ts';
import { ReadableBody } from '../readable-body.ts';
import { asLatin1, type WireRequest } from './request.ts';
import { WritableSink } from './writable-sink.ts';

/** Exchanges at a time until the server has said how many it takes: the least that RFC 9113 §6.5.2 recommends. */
const ASSUMED_MAX_STREAMS = 100;
/** What the server may send ahead on one stream: so much of a body waits here while its guest does not read. */
const STREAM_WINDOW_BYTES = 262_144;
/** How long a session is kept without an exchange, as for HTTP/1.1. */
const IDLE_MS = 90_000;

export class Http2Connection implements Connection {
  readonly #socket: Socket;
  readonly #session: ClientHttp2Session;
  readonly #keepAlive: boolean;
  readonly #events: ConnectionEvents;
  #streams = 0;
  /** No further exchange begins; closed when the last one has ended. */
  #retired = false;

  constructor(socket: Socket, keepAlive: boolean, events: ConnectionEvents) {
    this.#socket = socket;
    this.#keepAlive = keepAlive;
    this.#events = events;
    const options: ClientSessionOptions & { strictSingleValueFields: boolean } = {
      createConnection: () => socket,
      settings: { enablePush: false, initialWindowSize: STREAM_WINDOW_BYTES },
      peerMaxConcurrentStreams: ASSUMED_MAX_STREAMS,
      // Which fields may stand more than once is for the two ends to agree, not for what is between.
      strictSingleValueFields: false,
    };
    // The authority in this URL is not used: each request carries its own.
    this.#session = connect('https://unused.invalid', options);
    this.#session.on('error', () => {}); // each stream reports it as its own error
    this.#session.once('close', () => events.onClose());
    this.#session.once('goaway', () => this.#retire());
    this.#session.setTimeout(IDLE_MS, () => {
      if (this.idle) {
        this.#retire();
      }
    });
    this.#session.unref();
  }

  get available(): boolean {
    const { closed, destroyed, remoteSettings } = this.#session;
    const most = remoteSettings?.maxConcurrentStreams ?? ASSUMED_MAX_STREAMS;
    return !closed && !destroyed && !this.#retired && this.#streams < most && (this.#keepAlive || this.#streams === 0);
  }

  get idle(): boolean {
    return this.#streams === 0;
  }

  begin(request: WireRequest): Upstream {
    const { body } = request;
    const stream = this.#session.request(headersOf(request), {
      endStream: body === undefined,
      waitForTrailers: body !== undefined,
    });
    this.#track(stream);
    body?.attach(
      new WritableSink(stream, {
        finish: (trailers) => finish(stream, trailers),
        abort: () => stream.close(constants.NGHTTP2_CANCEL),
      }),
    );
    return { response: responseTo(stream, request), cancel: () => stream.close(constants.NGHTTP2_CANCEL) };
  }

  destroy(): void {
    this.#session.destroy();
  }

  #track(stream: ClientHttp2Stream): void {
    this.#streams += 1;
    this.#session.ref();
    stream.once('close', () => {
      this.#streams -= 1;
      if (this.#streams === 0) {
        this.#session.unref();
      }
      if (this.#keepAlive && !this.#retired) {
        this.#events.onAvailable();
      } else {
        this.#retire();
      }
    });
  }

  #retire(): void {
    this.#retired = true;
    if (this.idle) {
      this.#session.close();
      // Node would wait for the server to close its side as well.
      this.#socket.destroySoon();
    }
  }
}

function headersOf({ origin, method, path, authority, headers }: WireRequest): string[] {
  const raw = [
    constants.HTTP2_HEADER_METHOD,
    method,
    constants.HTTP2_HEADER_SCHEME,
    origin.scheme,
    constants.HTTP2_HEADER_AUTHORITY,
    authority,
    constants.HTTP2_HEADER_PATH,
    asLatin1(path),
  ];
  for (const [name, value] of headers) {
    // RFC 9113 §8.2.2: of TE only `trailers` has a meaning in HTTP/2.
    if (name !== 'te' || value === 'trailers') {
      raw.push(name, value);
    }
  }
  return raw;
}

function finish(stream: ClientHttp2Stream, trailers: HeaderList | null): void {
  // `constructor` and `__proto__` are field names like any other.
  const fields = Object.create(null) as Record<string, string[]>;
  for (const [name, value] of trailers ?? []) {
    (fields[name] ??= []).push(value);
  }
  stream.once('wantTrailers', () => {
    try {
      stream.sendTrailers(fields);
    } catch {
      // expected: Node refuses fields that have no place in trailers; the message must not look whole without them
      stream.close(constants.NGHTTP2_PROTOCOL_ERROR);
    }
  });
  stream.end();
}

function responseTo(stream: ClientHttp2Stream, { betweenBytesMs }: WireRequest): Promise<ReceivedResponse> {
  return new Promise((resolve, reject) => {
    stream.once('response', (head: IncomingHttpStatusHeader, _flags, ...rest: unknown[]) => {
      const [raw] = rest;
      let trailers: HeaderList | null = null;
      stream.once('trailers', (_fields, _trailerFlags, ...more: unknown[]) => {
        trailers = fieldsOf(more[0]);
      });
      resolve({
        status: head[':status'] ?? 0,
        headers: fieldsOf(raw),
        body: new ReadableBody(stream, {
          betweenBytesMs,
          // A cancelled stream ends without an error in Node.
          isWhole: () => stream.rstCode === constants.NGHTTP2_NO_ERROR,
          trailers: () => trailers,
          cut: () => stream.close(constants.NGHTTP2_CANCEL),
        }),
      });
    });
    stream.on('error', (cause) => reject(new HttpError({ tag: 'HTTP-protocol-error' }, { cause })));
    stream.once('close', () => reject(new HttpError({ tag: 'HTTP-protocol-error' })));
  });
}

/** A raw header list of Node without the pseudo-fields. */
const fieldsOf = (raw: unknown): HeaderList => pairs(raw as string[]).filter(([name]) => !name.startsWith(':'));
