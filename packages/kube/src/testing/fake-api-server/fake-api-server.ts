// An API server in memory, for tests: real HTTP, the resources that operators use, server-side apply, watches, and faults on
// demand. It has no schemas: no defaults, no validation but of metadata, no admission. The suite beside it says what it has in
// common with the real one.
import { systemClock, type Clock } from '../../clock.ts';
import type { ClusterAccess } from '../../transport/access.ts';
import { apiError, FakeApiError, statusOf } from './answers.ts';
import { selfSigned } from './certificate.ts';
import type { Fault, FaultHook, OpenWatch, SeenRequest, Verb } from './faults.ts';
import { cut, readBody, sendJson, startHttpServer, type HttpRequest, type HttpResponse } from './http-server.ts';
import { objectAt, type JsonObject } from './json.ts';
import { ObjectsApi, type Answer, type PatchForm, type WriteQuery } from './objects-api.ts';
import { OpenWatches } from './open-watches.ts';
import { readSelectors } from './selectors.ts';
import { resourceName } from './served-types.ts';
import { readTarget, type Target } from './target.ts';
import { asPartial, partial, partialList } from './watch-feed.ts';

export interface FakeApiServerOptions {
  /** With TLS it speaks HTTP/2, too. */
  readonly tls?: boolean;
  /** False: as an API server before 1.32, which knows no `sendInitialEvents`. */
  readonly streamingLists?: boolean;
  /** True: what has lost its owners goes. */
  readonly collectsGarbage?: boolean;
  readonly clock?: Clock;
}

export interface FakeApiServer {
  readonly url: string;
  /** PEM; undefined without TLS. */
  readonly certificateAuthority: string | undefined;
  /** For a transport. */
  readonly access: ClusterAccess;
  /** All requests so far. */
  readonly requests: readonly SeenRequest[];
  /** Asked for each request; undefined takes it away. */
  setFaults(hook: FaultHook | undefined): void;
  watches(resource?: string): readonly OpenWatch[];
  /** Every version and every continue token so far is too old from now on. */
  expireHistory(): void;
  cutConnections(): void;
  stop(): Promise<void>;
}

const PATCH_FORMS: Readonly<Record<string, PatchForm>> = {
  'application/merge-patch+json': 'merge',
  'application/json-patch+json': 'json',
  'application/strategic-merge-patch+json': 'strategic',
  'application/apply-patch+yaml': 'apply',
};

export async function startFakeApiServer(options: FakeApiServerOptions = {}): Promise<FakeApiServer> {
  const clock = options.clock ?? systemClock;
  const tls = options.tls === true ? await selfSigned(new Date()) : undefined;
  const handler = new Handler(options, clock);
  const http = await startHttpServer(tls, (request, response) => void handler.answer(request, response));
  const url = `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${http.port}`;
  return {
    url,
    certificateAuthority: tls?.cert,
    access: {
      server: new URL(url),
      namespace: 'default',
      tls: async () => (tls === undefined ? {} : { ca: tls.cert }),
      headers: async () => ({}),
      renew: async () => false,
    },
    requests: handler.requests,
    setFaults: (hook) => (handler.faults = hook),
    watches: (resource) =>
      handler.watches.all().filter(({ request }) => resource === undefined || request.resource === resource),
    expireHistory: () => handler.api.storage.compact(),
    cutConnections: () => http.cutConnections(),
    stop: () => http.stop(),
  };
}

class Handler {
  readonly requests: SeenRequest[] = [];
  readonly watches: OpenWatches;
  readonly api: ObjectsApi;
  faults: FaultHook | undefined;
  readonly #clock: Clock;
  readonly #streamingLists: boolean;

  constructor({ streamingLists = true, collectsGarbage = false }: FakeApiServerOptions, clock: Clock) {
    this.#clock = clock;
    this.#streamingLists = streamingLists;
    this.watches = new OpenWatches(clock);
    this.api = new ObjectsApi({ clock, collectsGarbage });
  }

  async answer(request: HttpRequest, response: HttpResponse): Promise<void> {
    try {
      const bytes = await readBody(request);
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://fake');
      const target = readTarget(pathname, this.api.types());
      const seen = this.#see(request, pathname, searchParams, target, readJson(bytes));
      const fault = this.faults?.(seen);
      if (fault !== undefined && !(await this.#pass(fault, response))) {
        return;
      }
      if (pathname === '/readyz') {
        sendJson(response, 200, 'ok');
        return;
      }
      if (target === undefined) {
        throw apiError(404, 'NotFound', 'the server could not find the requested resource');
      }
      if (seen.verb === 'watch') {
        this.#watch(seen, target, response);
        return;
      }
      const answer = this.#operate(seen, target);
      if (fault?.kind === 'cut') {
        cut(response);
        return;
      }
      sendJson(response, answer.status, answer.body);
    } catch (error) {
      if (!(error instanceof FakeApiError)) {
        const bug = apiError(500, 'InternalError', `the fake API server failed: ${String(error)}`);
        sendJson(response, 500, statusOf(bug));
        throw error;
      }
      sendJson(response, error.status, statusOf(error));
    }
  }

  #see(
    request: HttpRequest,
    path: string,
    query: URLSearchParams,
    target: Target | undefined,
    body: unknown,
  ): SeenRequest {
    const { namespace = '', name = '', subresource = '' } = target ?? {};
    const method = request.method ?? '';
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([field, value]) => [
        field,
        Array.isArray(value) ? value.join(', ') : (value ?? ''),
      ]),
    );
    const seen: SeenRequest = {
      number: this.requests.length + 1,
      verb: target === undefined ? 'other' : verbOf(method, name === '', query),
      method,
      path,
      query,
      headers,
      resource: target === undefined ? '' : resourceName(target.type),
      namespace,
      name,
      subresource,
      body,
    };
    this.requests.push(seen);
    return seen;
  }

  /** False: nothing else is to be answered. */
  async #pass(fault: Fault, response: HttpResponse): Promise<boolean> {
    switch (fault.kind) {
      case 'refuse': {
        const { status, reason = '', message = `refused with ${status}`, retryAfterSeconds } = fault;
        const details = retryAfterSeconds === undefined ? {} : { retryAfterSeconds };
        const headers: Record<string, string> =
          retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
        sendJson(response, status, statusOf(apiError(status, reason, message, details)), headers);
        return false;
      }
      case 'cut':
        if (fault.when === 'before') {
          cut(response);
        }
        return fault.when === 'after';
      case 'silence':
        return false;
      case 'delay': {
        const { promise, resolve } = Promise.withResolvers<void>();
        this.#clock.after(fault.ms, resolve);
        await promise;
        return true;
      }
    }
  }

  #watch(request: SeenRequest, target: Target, response: HttpResponse): void {
    const { query, headers } = request;
    const sendInitialEvents = query.get('sendInitialEvents') === 'true';
    if (sendInitialEvents && !this.#streamingLists) {
      throw apiError(
        422,
        'Invalid',
        'sendInitialEvents: Forbidden: sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled',
      );
    }
    const asked = {
      request,
      target,
      query: {
        selects: readSelectors(query.get('labelSelector'), query.get('fieldSelector')),
        resourceVersion: query.get('resourceVersion') ?? '',
        match: query.get('resourceVersionMatch') ?? '',
        sendInitialEvents,
        bookmarks: query.get('allowWatchBookmarks') === 'true',
      },
      isPartial: asPartial(headers['accept'] ?? ''),
      timeoutSeconds: Number(query.get('timeoutSeconds') ?? 0),
    };
    this.watches.begin(this.api.storage, asked, response);
  }

  #operate({ verb, query, body, headers }: SeenRequest, target: Target): Answer {
    const write: WriteQuery = {
      manager:
        query.get('fieldManager') ??
        (headers['content-type'] === 'application/apply-patch+yaml' ? '' : agentOf(headers)),
      dryRun: query.get('dryRun') === 'All',
      force: query.get('force') === 'true',
    };
    const isPartial = asPartial(headers['accept'] ?? '');
    switch (verb) {
      case 'get': {
        const object = this.api.get(target);
        return ok(isPartial ? partial(object) : object);
      }
      case 'list': {
        const list = this.api.list(target, {
          selects: readSelectors(query.get('labelSelector'), query.get('fieldSelector')),
          limit: Number(query.get('limit') ?? 0),
          token: query.get('continue') ?? '',
          resourceVersion: query.get('resourceVersion') ?? '',
          match: query.get('resourceVersionMatch') ?? '',
        });
        return ok(isPartial ? partialList(list) : list);
      }
      case 'create':
        return this.api.create(target, objectAt(body), write);
      case 'update':
        return this.api.replace(target, objectAt(body), write);
      case 'patch': {
        const form = PATCH_FORMS[headers['content-type'] ?? ''];
        if (form === undefined) {
          throw apiError(415, 'UnsupportedMediaType', 'the body of the request was in an unknown format');
        }
        return this.api.patch(target, form, body, write);
      }
      case 'delete': {
        const options = objectAt(body);
        const isDryRun = write.dryRun || JSON.stringify(options['dryRun'] ?? []) === '["All"]';
        return ok(this.api.delete(target, options, isDryRun));
      }
      default:
        throw apiError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource');
    }
  }
}

const ok = (body: JsonObject): Answer => ({ status: 200, body });

/** Without a field manager the API server takes the name of the program. */
const agentOf = (headers: SeenRequest['headers']): string => (headers['user-agent'] ?? 'unknown').split('/')[0] ?? '';

const WRITES: Readonly<Record<string, Verb>> = { PUT: 'update', PATCH: 'patch', DELETE: 'delete' };

function verbOf(method: string, isCollection: boolean, query: URLSearchParams): Verb {
  if (method === 'GET') {
    return query.get('watch') === 'true' || query.get('watch') === '1' ? 'watch' : isCollection ? 'list' : 'get';
  }
  if (isCollection) {
    return method === 'POST' ? 'create' : 'other';
  }
  return WRITES[method] ?? 'other';
}

function readJson(bytes: Buffer): unknown {
  try {
    return bytes.length === 0 ? undefined : JSON.parse(bytes.toString('utf8'));
  } catch {
    // expected: a body that is no JSON is answered like one that says nothing.
    return undefined;
  }
}
