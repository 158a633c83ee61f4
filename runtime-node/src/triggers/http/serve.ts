// Answers the requests of one app over HTTP: route, headers, then a static answer or a fresh guest
// (spin-contract.md §3.2).
import { isUtf8 } from 'node:buffer';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { UserError, WELL_KNOWN_PREFIX } from '@spindle/api';
import type { App } from '../../app/app.ts';
import type { HeaderList } from '../../host/http/exchange.ts';
import { callHandler, HttpCall, type ComponentHandler, type RequestSource } from './call.ts';
import { findHandler } from './handler.ts';
import { pairs } from '../../host/http/header-list.ts';
import { hasBody, incomingBody } from './incoming-body.ts';
import {
  createListener,
  formatAddress,
  listen,
  MAX_HEADER_FIELDS,
  type ListenAddress,
  type ListenerOptions,
} from './listener.ts';
import { OutgoingResponse, respondEmpty, writeHead } from './outgoing-response.ts';
import { spinHeaders } from './request-headers.ts';
import { HttpState } from '../../host/http/index.ts';
import { authorityOf, parseTarget, usableHost } from './request-target.ts';
import { httpRoutes, type HttpRoutes } from './routes.ts';
import { wellKnownAnswers, type FixedAnswer } from './well-known.ts';

export interface HttpTriggerOptions extends ListenerOptions {
  /** Hears of each request that failed, for the log; `error` is what the guest or the host threw. */
  readonly onError: (message: string, error: unknown) => void;
}

/** A running HTTP trigger. */
export interface HttpTrigger {
  readonly address: ListenAddress;
  /** `http://127.0.0.1:3000` */
  readonly baseUrl: string;
  readonly routes: HttpRoutes;
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
  }
  const baseUrl = `${service.scheme}://${formatAddress(address)}`;
  return {
    address,
    baseUrl,
    routes: service.routes,
    close: (deadlineMs) => drain(server, service, deadlineMs),
  };
}

class HttpService {
  readonly scheme: 'http' | 'https';
  readonly routes: HttpRoutes;
  /** Calls whose guest has not returned yet. */
  readonly calls = new Set<HttpCall>();
  draining = false;
  /** Called each time a call has ended. */
  onIdle: (() => void) | undefined;
  readonly #options: HttpTriggerOptions;
  readonly #wellKnown: (path: string) => FixedAnswer;
  readonly #handlers: ReadonlyMap<string, ComponentHandler>;

  constructor(app: App, options: HttpTriggerOptions) {
    this.#options = options;
    this.scheme = options.tls === undefined ? 'http' : 'https';
    this.routes = httpRoutes(app.locked);
    this.#wellKnown = wellKnownAnswers(app.locked.metadata ?? {});
    this.#handlers = new Map(
      this.routes.components.map((id) => {
        const component = app.components.get(id);
        if (component === undefined) {
          throw new Error(`component ${id} was not opened with the app`);
        }
        return [id, { component, handler: findHandler(id, component.linked.exports.keys()), onTrial: true }];
      }),
    );
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
    const spin = spinHeaders(match, {
      scheme: this.scheme,
      host,
      pathWithQuery,
      clientAddress: clientAddress(request),
    });
    const headers = [...pairs(request.rawHeaders), ...spin];
    if (!validUtf8(headers)) {
      this.#options.onError(
        'Error processing request',
        new UserError('a request header is not valid UTF-8', { code: 'SPK4040' }),
      );
      respondEmpty(response, 500);
      return;
    }
    this.#run(match.target.component, response, {
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

  #run(componentId: string, response: ServerResponse<IncomingMessage>, request: RequestSource): void {
    const call = new HttpCall();
    let failure: Error | undefined;
    const out = new OutgoingResponse(response, (reason) => {
      failure = new Error(reason);
    });
    let running: void | Promise<void>;
    try {
      running = callHandler(this.#handlers.get(componentId) as ComponentHandler, request, out, call);
    } catch (error) {
      // expected: whatever the guest did
      this.#settle(componentId, response, error);
      return;
    }
    if (running === undefined) {
      this.#settle(componentId, response, failure);
      return;
    }
    this.calls.add(call);
    let clientGone = false;
    response.once('close', () => {
      // A message that the guest itself broke off was closed by us; the guest may still have work to do.
      if (!response.writableFinished && failure === undefined) {
        clientGone = true;
        call.abort(new Error('the client closed the connection'));
      }
    });
    running
      .then(() => failure)
      .catch((error: unknown) => error)
      .then((error) => {
        // What ends because nobody waits for it any more is no failure.
        if (!clientGone) {
          this.#settle(componentId, response, error);
        }
      })
      .finally(() => {
        this.calls.delete(call);
        this.onIdle?.();
      });
  }

  /** The guest has returned or failed; a response that was never begun becomes a 500, one that was cut is cut. */
  #settle(componentId: string, response: ServerResponse<IncomingMessage>, error: unknown): void {
    if (error !== undefined) {
      this.#options.onError(
        response.headersSent
          ? `Component error after response started, component ${componentId}`
          : `Error processing request, component ${componentId}`,
        error,
      );
    }
    if (!response.headersSent && !response.destroyed) {
      if (error === undefined) {
        this.#options.onError(
          `Error processing request, component ${componentId}`,
          new UserError('guest failed to produce a response prior to returning', { code: 'SPK4041' }),
        );
      }
      respondEmpty(response, 500);
    } else if (error !== undefined && !response.writableEnded) {
      response.destroy();
    }
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

async function drain(server: Server, service: HttpService, deadlineMs: number): Promise<number> {
  service.draining = true;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  let timer: NodeJS.Timeout | undefined;
  const idle = new Promise<void>((resolve) => {
    service.onIdle = () => {
      if (service.calls.size === 0) {
        resolve();
      }
    };
    service.onIdle();
    timer = setTimeout(resolve, deadlineMs);
  });
  await idle;
  clearTimeout(timer);
  const ended = service.calls.size;
  for (const call of service.calls) {
    call.abort(new Error('the runtime is stopping'));
  }
  // What the last guests wrote may still be on its way to the clients; a connection without a request is idle.
  server.closeIdleConnections();
  const lastBytes = setTimeout(() => server.closeAllConnections(), ended > 0 ? 0 : Math.max(1000, deadlineMs));
  await closed;
  clearTimeout(lastBytes);
  return ended;
}
