// Answers the requests of one app over HTTP: route, headers, then a static answer or a fresh guest
// (spin-contract.md §3.2).
import { isUtf8 } from 'node:buffer';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Server as NetServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { UserError, WELL_KNOWN_PREFIX } from '@spindle/api';
import type { App } from '../../app/app.ts';
import type { HeaderList } from '../../host/http/exchange.ts';
import { GuestCalls, type GuestCallOptions } from './guest-calls.ts';
import { pairs } from '../../host/http/header-list.ts';
import { hasBody, incomingBody } from './incoming-body.ts';
import { formatAddress, type ListenAddress, type ListenerOptions } from './address.ts';
import { createListener, descriptorOf, listen, MAX_HEADER_FIELDS } from './listener.ts';
import { respondEmpty, writeHead } from './outgoing-response.ts';
import { spinHeaders } from './request-headers.ts';
import { HttpState } from '../../host/http/index.ts';
import { authorityOf, parseTarget, usableHost } from './request-target.ts';
import { httpRoutes, type HttpRoutes } from './routes.ts';
import { wellKnownAnswers, type FixedAnswer } from './well-known.ts';

export interface HttpTriggerOptions extends ListenerOptions, GuestCallOptions {}

/** A running HTTP trigger. */
export interface HttpTrigger {
  readonly address: ListenAddress;
  /** Descriptor of the listening socket. */
  readonly socket: number;
  /** `http://127.0.0.1:3000` */
  readonly baseUrl: string;
  readonly routes: HttpRoutes;
  /** What goes on at this moment. */
  readonly calls: Pick<GuestCalls, 'waiting' | 'suspended'>;
  /**
   * Stops accepting, lets running requests finish for `deadlineMs`, then ends what is left.
   * Resolves to the number of requests that had to be ended.
   */
  close(deadlineMs: number): Promise<number>;
}

export async function startHttpTrigger(app: App, options: HttpTriggerOptions): Promise<HttpTrigger> {
  const service = new HttpService(app, options);
  const server = createListener(options, (request, response) => service.receive(request, response));
  const address = await listen(server, options);
  const http = app.capabilityState('http');
  if (http instanceof HttpState) {
    http.selfAddress = { scheme: service.scheme, ...address };
    http.components = service.calls;
  }
  const baseUrl = `${service.scheme}://${formatAddress(address)}`;
  return {
    address,
    socket: descriptorOf(server),
    baseUrl,
    routes: service.routes,
    calls: service.calls,
    close: (deadlineMs) => drain(server, service, deadlineMs),
  };
}

class HttpService {
  readonly scheme: 'http' | 'https';
  readonly routes: HttpRoutes;
  readonly calls: GuestCalls;
  draining = false;
  readonly #options: HttpTriggerOptions;
  readonly #wellKnown: (path: string) => FixedAnswer;
  constructor(app: App, options: HttpTriggerOptions) {
    this.#options = options;
    this.scheme = options.tls === undefined ? 'http' : 'https';
    this.routes = httpRoutes(app.locked);
    this.#wellKnown = wellKnownAnswers(app.locked.metadata ?? {});
    this.calls = new GuestCalls(app, this.routes, options);
  }

  /** Whatever goes wrong with one request stays with it. */
  receive(request: IncomingMessage, response: ServerResponse<IncomingMessage>): void {
    try {
      this.#answer(request, response);
    } catch (error) {
      // expected: never, which is why it is reported
      this.#options.onError('Error processing request', error);
      response.destroy();
    }
  }

  #answer(request: IncomingMessage, response: ServerResponse<IncomingMessage>): void {
    if (this.draining) {
      response.shouldKeepAlive = false;
    }
    if (request.rawHeaders.length > 2 * MAX_HEADER_FIELDS) {
      response.shouldKeepAlive = false;
      respondEmpty(response, 431);
      return;
    }
    // The parser lets a request line claim any version; what follows it was read as HTTP/1.1.
    if (request.httpVersionMajor !== 1) {
      response.shouldKeepAlive = false;
      respondEmpty(response, 400);
      return;
    }
    const target = parseTarget(request.url ?? '/');
    const { pathWithQuery, path } = target;
    if (path.startsWith(WELL_KNOWN_PREFIX)) {
      respond(response, this.#wellKnown(path));
      return;
    }
    const match = this.routes.find(path);
    if (match === undefined) {
      respondEmpty(response, 404);
      return;
    }
    if (match.target.kind === 'static') {
      respond(response, match.target.answer);
      return;
    }
    const host = usableHost(request.headers.host);
    const authority = authorityOf(target, host);
    if (authority === undefined) {
      response.shouldKeepAlive = false;
      respondEmpty(response, 400);
      return;
    }
    const facts = { scheme: this.scheme, host, pathWithQuery, clientAddress: clientAddress(request) };
    const own = pairs(request.rawHeaders);
    const headers = [...own, ...spinHeaders(match, facts)];
    if (!validUtf8(headers)) {
      this.#options.onError(
        'Error processing request',
        new UserError('a request header is not valid UTF-8', { code: 'SPK4040' }),
      );
      respondEmpty(response, 500);
      return;
    }
    const { component, executor } = match.target;
    this.calls.run(component, response, {
      ...(executor.kind === 'wagi' ? { executor } : {}),
      origin: { route: match, facts, headers: own },
      repeatable: !hasBody(request),
      make: () => ({
        method: request.method ?? 'GET',
        pathWithQuery,
        // Guests of WASI 0.2 always see `http`, under TLS too (spec §3.4).
        scheme: 'http',
        authority,
        headers,
        body: incomingBody(request),
      }),
    });
  }
}

function respond(response: ServerResponse<IncomingMessage>, { status, headers, body }: FixedAnswer): void {
  writeHead(response, status, headers, body.length);
  response.end(body);
}

const clientAddress = ({ socket: { remoteAddress = '0.0.0.0', remotePort = 0 } }: IncomingMessage): string =>
  formatAddress({ host: remoteAddress.replace(/^::ffff:/, ''), port: remotePort });

/** Spin refuses header values that are not UTF-8 (spec §3.3). They are latin1 strings here, one char per byte. */
const validUtf8 = (headers: HeaderList): boolean =>
  headers.every(([, value]) => !HIGH_BYTE.test(value) || isUtf8(Buffer.from(value, 'latin1')));

const HIGH_BYTE = /[\u0080-\u00ff]/;

/** What clients have sent by the time of a stop is read and answered; it is on its way for no longer than this. */
const ARRIVAL_MS = 100;

async function drain(server: Server, service: HttpService, deadlineMs: number): Promise<number> {
  service.draining = true;
  // Not http's own `close`, which resets connections whose first request has not been read yet.
  const closed = new Promise<void>((resolve) => NetServer.prototype.close.call(server, () => resolve()));
  await delay(Math.min(ARRIVAL_MS, deadlineMs));
  service.calls.drain();
  // Closes idle connections, and ends node's watch over them; that it has stopped listening was done above.
  server.close(() => {});
  let timer: NodeJS.Timeout | undefined;
  const idle = new Promise<void>((resolve) => {
    service.calls.onIdle = () => {
      if (service.calls.running === 0) {
        resolve();
      }
    };
    service.calls.onIdle();
    timer = setTimeout(resolve, deadlineMs);
  });
  await idle;
  clearTimeout(timer);
  const ended = service.calls.abort(new Error('the runtime is stopping'));
  // What the last guests wrote may still be on its way to the clients; a connection without a request is idle.
  server.closeIdleConnections();
  const lastBytes = setTimeout(() => server.closeAllConnections(), ended > 0 ? 0 : Math.max(1000, deadlineMs));
  await closed;
  clearTimeout(lastBytes);
  service.calls.close();
  return ended;
}
