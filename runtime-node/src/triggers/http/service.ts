// Answers the requests of one app over HTTP: route, headers, then a static answer or a fresh guest
// (spin-contract.md §3.2). Requests of the app to itself take the same way without a connection (§3.6).
import { isUtf8 } from 'node:buffer';
import { UserError, WELL_KNOWN_PREFIX } from '@spindle/api';
import type { App } from '../../app/app.ts';
import type { HeaderList } from '../../host/http/exchange.ts';
import type { LocalComponents, LocalRequest, TakeResponse } from '../../host/http/index.ts';
import { LoggedReply } from './access-log.ts';
import type { ListenerOptions } from './address.ts';
import type { RunningCalls } from '../running-calls.ts';
import { GuestCalls } from './guest-calls.ts';
import type { ListenerEvents } from './listener/listener.ts';
import { DEFAULT_LISTENER_LIMITS, type ListenerLimits } from './listener/limits.ts';
import { answerLocally, localRequestSource, SELF_ADDRESS, takeByMethod } from './local-calls.ts';
import { respondEmpty, respondFixed, type Reply } from './reply.ts';
import { spinHeaders } from './request-headers.ts';
import { authorityOf, parseTarget, usableHost } from './request-target.ts';
import { httpRoutes, type FoundRoute, type HttpRoutes } from './routes.ts';
import { wellKnownAnswers, type FixedAnswer } from './well-known.ts';
import type { BodyLimits, WireRequest } from './wire-request.ts';

export type ServiceOptions = Pick<ListenerOptions, 'tls' | 'clientLimits' | 'maxHeaderBytes'>;

type ComponentRoute = FoundRoute & { readonly target: { readonly kind: 'component' } };

const NOT_FOUND: FixedAnswer = { status: 404, headers: [], body: Buffer.alloc(0) };

/** How often the operator hears that clients are turned away. */
const REFUSALS_MS = 60_000;

export class HttpService implements ListenerEvents, LocalComponents {
  readonly scheme: 'http' | 'https';
  readonly routes: HttpRoutes;
  readonly calls: GuestCalls;
  draining = false;
  readonly #options: ServiceOptions;
  readonly #onError: RunningCalls['onError'];
  readonly #access: RunningCalls['access'];
  readonly #limits: ListenerLimits;
  readonly #wellKnown: (path: string) => FixedAnswer;
  #refusalsToldAt = -Infinity;

  constructor(app: App, options: ServiceOptions, calls: RunningCalls) {
    this.#options = options;
    this.#onError = calls.onError;
    this.#access = calls.access;
    this.#limits = { ...DEFAULT_LISTENER_LIMITS, ...options.clientLimits };
    this.scheme = options.tls === undefined ? 'http' : 'https';
    this.routes = httpRoutes(app.locked);
    this.#wellKnown = wellKnownAnswers(app.locked.metadata ?? {});
    this.calls = new GuestCalls(app, this.routes, calls);
  }

  /** Whatever goes wrong with one request stays with it. */
  receive(request: WireRequest, reply: Reply): void {
    try {
      this.#answer(request, this.#access === undefined ? reply : new LoggedReply(request, reply, this.#access));
    } catch (error) {
      // expected: never, which is why it is reported
      this.#onError('Error processing request', error);
      reply.cut();
    }
  }

  refused(most: number): void {
    const now = performance.now();
    if (now - this.#refusalsToldAt >= REFUSALS_MS) {
      this.#refusalsToldAt = now;
      this.#onError(
        'Connections are closed unanswered',
        new UserError(`there are ${most} already; --max-connections raises that`, { code: 'SPK4032' }),
      );
    }
  }

  has(componentId: string): boolean {
    return this.calls.has(componentId);
  }

  call(componentId: string, request: LocalRequest, respond: TakeResponse): (reason: Error) => void {
    return this.calls.call(componentId, request, respond);
  }

  /** As over the listener, but without a place in the queue, in which clients stand behind the caller. */
  callSelf(request: LocalRequest, respond: TakeResponse): (reason: Error) => void {
    const { pathWithQuery, path } = parseTarget(request.pathWithQuery);
    const found = this.#find(path);
    const take = takeByMethod(request.method, respond);
    if (!('target' in found)) {
      return answerLocally(found, take);
    }
    const { component, executor } = found.target;
    const facts = { scheme: this.scheme, host: request.authority, pathWithQuery, clientAddress: SELF_ADDRESS };
    const source = localRequestSource(request, { route: found, facts, headers: request.headers });
    return this.calls.nested(component, executor.kind === 'wagi' ? { ...source, executor } : source, {
      depth: request.depth,
      respond: take,
      measured: true,
    });
  }

  #answer(request: WireRequest, reply: Reply): void {
    if (this.draining) {
      reply.closeAfter();
    }
    const refusal = this.#refusal(request);
    if (refusal !== undefined) {
      reply.refuse(refusal);
      return;
    }
    const target = parseTarget(request.target);
    const { pathWithQuery, path } = target;
    const found = this.#find(path);
    if (!('target' in found)) {
      respondFixed(reply, found);
      return;
    }
    const host = usableHost(request.host);
    const authority = authorityOf(request.authority ?? target.authority, host);
    if (authority === undefined) {
      reply.refuse(400);
      return;
    }
    const facts = { scheme: this.scheme, host, pathWithQuery, clientAddress: request.clientAddress };
    const own = request.fields();
    const headers = [...own, ...spinHeaders(found, facts)];
    if (!validUtf8(headers)) {
      this.#onError(
        'Error processing request',
        new UserError('a request header is not valid UTF-8', { code: 'SPK4040' }),
      );
      respondEmpty(reply, 500);
      return;
    }
    const { component, executor } = found.target;
    if (reply instanceof LoggedReply) {
      reply.routed(component, found.raw);
    }
    this.calls.run(component, reply, {
      ...(executor.kind === 'wagi' ? { executor } : {}),
      method: request.method,
      origin: { route: found, facts, headers: own },
      repeatable: !request.hasBody,
      make: () => ({
        method: request.method,
        pathWithQuery,
        // Guests of WASI 0.2 always see `http`, under TLS too (spec §3.4).
        scheme: 'http',
        authority,
        headers,
        body: request.body(this.#bodyLimits(reply)),
      }),
    });
  }

  /** What the runtime answers by itself, or a component. */
  #find(path: string): FixedAnswer | ComponentRoute {
    if (path.startsWith(WELL_KNOWN_PREFIX)) {
      return this.#wellKnown(path);
    }
    const match = this.routes.find(path);
    if (match === undefined) {
      return NOT_FOUND;
    }
    return match.target.kind === 'static' ? match.target.answer : (match as ComponentRoute);
  }

  /** The status for a request that asks too much, or whose receiver is not clear. */
  #refusal(request: WireRequest): number | undefined {
    const { headerFields, bodyBytes } = this.#limits;
    if (request.fieldCount > headerFields || request.headerBytes > this.#options.maxHeaderBytes) {
      return 431;
    }
    // RFC 9112 §3.2: whoever is in front of us may have looked at the other one.
    if (request.manyHosts) {
      return 400;
    }
    return bodyBytes !== undefined && (request.declaredLength ?? 0) > bodyBytes ? 413 : undefined;
  }

  #bodyLimits(reply: Reply): BodyLimits {
    let taken = reply.taken;
    return {
      bytes: this.#limits.bodyBytes,
      onTooLarge: () => reply.refuse(413),
      quietMs: this.#limits.bodyMs,
      // A client that reads what it is sent is alive, though it has nothing to say.
      isStalled: () => {
        const before = taken;
        taken = reply.taken;
        return taken === before;
      },
      onTooSlow: () => reply.refuse(408),
    };
  }
}

/** Spin refuses header values that are not UTF-8 (spec §3.3). They are latin1 strings here, one char per byte. */
const validUtf8 = (headers: HeaderList): boolean =>
  headers.every(([, value]) => !HIGH_BYTE.test(value) || isUtf8(Buffer.from(value, 'latin1')));

const HIGH_BYTE = /[\u0080-\u00ff]/;
