// The transport over HTTP: credentials on each request, a deadline for each, one new try after a 401 that new credentials may
// mend, and a report of how each ended.
import { systemClock, type Clock } from '../clock.ts';
import type { RequestObserver } from '../metrics.ts';
import type { ClusterAccess, CredentialHeaders } from './access.ts';
import { byteStream, parseBody, readBody } from './body.ts';
import { Unprocessed, type Incoming, type Outgoing } from './connection.ts';
import { Connections } from './connections.ts';
import { TransportError } from './errors.ts';
import { Exchange } from './exchange.ts';
import { apiErrorOf } from './status.ts';
import type { AnswerRequest, ApiAnswer, ApiRequest, ByteStream, Query, StreamRequest, Transport } from './types.ts';

/** The API server's own deadline for a request is 60 s; an operator that waits half of it has time for another try. */
const DEADLINE_MS = 30_000;
/** A page of 500 objects, each ten times as large as a usual one of 10 KB. */
const MAX_BYTES = 64 * 1024 * 1024;
/** A Status is short; a proxy's page may not be. */
const MAX_ERROR_BYTES = 1024 * 1024;
/** Each on another connection. A server that refuses a new one too is in trouble, and the caller should back off. */
const MAX_UNPROCESSED = 3;

export interface TransportOptions {
  /** `spindle-operator/1.0`; the API server's audit log has it. */
  readonly userAgent: string;
  readonly clock?: Clock;
  readonly observer?: RequestObserver;
}

export function createTransport(access: ClusterAccess, options: TransportOptions): Transport {
  return new HttpTransport(access, options);
}

class HttpTransport implements Transport {
  readonly #access: ClusterAccess;
  readonly #clock: Clock;
  readonly #observer: RequestObserver | undefined;
  readonly #userAgent: string;
  readonly #connections: Connections;
  readonly #exchanges = new Set<Exchange>();
  #isClosed = false;

  constructor(access: ClusterAccess, { userAgent, clock = systemClock, observer }: TransportOptions) {
    this.#access = access;
    this.#clock = clock;
    this.#observer = observer;
    this.#userAgent = userAgent;
    this.#connections = new Connections(access, clock);
  }

  async request(request: AnswerRequest): Promise<ApiAnswer> {
    const exchange = this.#begin(request, request.deadlineMs);
    try {
      const incoming = await this.#exchange(request, exchange);
      const bytes = await readBody(incoming, request.maxBytes ?? MAX_BYTES, exchange.signal);
      return { status: incoming.status, body: parseBody(bytes, incoming) };
    } finally {
      exchange.release();
    }
  }

  async stream(request: StreamRequest): Promise<ByteStream> {
    const exchange = this.#begin(request, request.deadlineMs);
    try {
      const incoming = await this.#exchange(request, exchange);
      exchange.dropDeadline();
      return byteStream(incoming, exchange);
    } catch (error) {
      exchange.release();
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const reason = new TransportError('closed', 'the transport was closed');
    for (const exchange of this.#exchanges) {
      exchange.end(reason);
    }
    this.#connections.destroy(reason);
  }

  #begin({ signal }: ApiRequest, deadlineMs = DEADLINE_MS): Exchange {
    if (this.#isClosed) {
      throw new TransportError('closed', 'the transport was closed');
    }
    const exchange = new Exchange(this.#clock, deadlineMs, signal, (ended) => this.#exchanges.delete(ended));
    this.#exchanges.add(exchange);
    return exchange;
  }

  /** Up to the head of a good response. */
  async #exchange(request: AnswerRequest, exchange: Exchange): Promise<Incoming> {
    const credentials = await exchange.within(() => this.#access.headers());
    const first = await this.#attempt(request, credentials, exchange);
    if (first.status !== 401 || !(await exchange.within(() => this.#access.renew(credentials)))) {
      return this.#accepted(first, exchange);
    }
    first.body.destroy();
    // A client certificate belongs to a connection.
    this.#connections.retire();
    const renewed = await exchange.within(() => this.#access.headers());
    return this.#accepted(await this.#attempt(request, renewed, exchange), exchange);
  }

  async #accepted(incoming: Incoming, exchange: Exchange): Promise<Incoming> {
    if (incoming.status < 400) {
      return incoming;
    }
    const bytes = await readBody(incoming, MAX_ERROR_BYTES, exchange.signal);
    const retryAfter = incoming.headers['retry-after'];
    throw apiErrorOf(parseBody(bytes, incoming), incoming.status, retryAfter);
  }

  async #attempt(request: AnswerRequest, credentials: CredentialHeaders, exchange: Exchange): Promise<Incoming> {
    const begun = this.#clock.now();
    let code = '<error>';
    try {
      const incoming = await this.#send(this.#outgoing(request, credentials), exchange);
      code = String(incoming.status);
      return incoming;
    } finally {
      this.#observer?.requestEnded({
        method: request.method,
        host: this.#access.server.host,
        code,
        durationMs: this.#clock.now() - begun,
      });
    }
  }

  async #send(outgoing: Outgoing, exchange: Exchange): Promise<Incoming> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await exchange.within(() => this.#connections.send(outgoing, exchange.signal));
      } catch (error) {
        exchange.signal.throwIfAborted();
        if (!(error instanceof Unprocessed)) {
          throw error;
        }
        if (attempt === MAX_UNPROCESSED) {
          throw new TransportError('reset', 'the API server takes no request on any connection', error);
        }
      }
    }
  }

  #outgoing(request: AnswerRequest, credentials: CredentialHeaders): Outgoing {
    const { method, path, query = {}, body, contentType = 'application/json', accept = 'application/json' } = request;
    return {
      method,
      path: this.#access.server.pathname.replace(/\/$/, '') + path + search(query),
      headers: {
        ...credentials,
        accept,
        'user-agent': this.#userAgent,
        ...(body === undefined ? {} : { 'content-type': contentType }),
      },
      body: body === undefined ? undefined : Buffer.from(JSON.stringify(body)),
      guard: request.guard,
    };
  }
}

function search(query: Query): string {
  const given = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
}
