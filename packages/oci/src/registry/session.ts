// Requests to one repository of one registry: adds what authorises them, follows redirects of reads, and turns
// refusals into errors. Credentials never leave the registry's own origin (distribution-spec 1.1, RFC 9110 §15.4).
import { Authorizer } from '../auth/authorizer.ts';
import { anonymous } from '../auth/credentials.ts';
import { forbidden, unauthorized, unreachable, unsafeTransfer } from '../errors.ts';
import { apiHost, credentialServer } from '../reference.ts';
import type { RegistryOptions } from '../types.ts';
import { answerError } from './answer-error.ts';
import { retrying } from './retry.ts';
import {
  DEFAULT_TRANSPORT,
  exchange,
  type HttpAnswer,
  type HttpRequest,
  type RequestBody,
  type Transport,
} from './transport.ts';
import { TransportError } from './transport-error.ts';

const MAX_REDIRECTS = 5; // Registries use one, to their storage; Docker stops at ten.
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

export type Access = 'pull' | 'push' | 'login';

export interface RegistryRequest {
  readonly method: HttpRequest['method'];
  /** Path below the registry's root, or a whole URL that the registry gave. */
  readonly target: string | URL;
  readonly access: Access;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: RequestBody;
  /** Statuses that the caller understands; any other is an error. */
  readonly expect: readonly number[];
  /** In place of the session's, to stop this request alone. */
  readonly signal?: AbortSignal | undefined;
  /** Redirects are answers (of a HEAD to a storage that would refuse it). */
  readonly keepRedirect?: boolean;
}

export class RegistrySession {
  readonly registry: string;
  readonly repository: string;
  /** What the user named, for messages. */
  readonly where: string;
  readonly transport: Transport;
  readonly signal: AbortSignal | undefined;
  readonly #root: URL;
  readonly #authorizer: Authorizer;

  constructor(registry: string, repository: string, where: string, options: RegistryOptions) {
    this.registry = registry;
    this.repository = repository;
    this.where = where;
    this.signal = options.signal;
    this.transport = { ...DEFAULT_TRANSPORT, ...options.transport };
    const insecure = options.insecure ?? false;
    this.#root = new URL(`${insecure ? 'http' : 'https'}://${apiHost(registry)}/`);
    this.#authorizer = new Authorizer({
      registry,
      where,
      insecure,
      source: options.credentials ?? anonymous,
      send: (request) => exchange(request, this.transport, this.signal),
      now: this.transport.now,
      signal: this.signal,
    });
  }

  /** For requests that change nothing when repeated: tries again as the policy says, then gives a `UserError`. */
  async repeat<T>(operation: () => Promise<T>, signal: AbortSignal | undefined = this.signal): Promise<T> {
    try {
      return await retrying(this.transport.retry, signal, operation);
    } catch (error) {
      throw this.explain(error);
    }
  }

  /** The last word on a failure: what the transport reports becomes the user's. */
  explain(error: unknown): unknown {
    return error instanceof TransportError
      ? unreachable(this.registry, this.where, error.message, error.remedy, error)
      : error;
  }

  async send(request: RegistryRequest): Promise<HttpAnswer> {
    let url = this.resolve(request.target);
    for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
      const answer = await this.#authorised(url, request);
      if (!REDIRECTS.has(answer.status) || request.keepRedirect === true) {
        return await this.#accepted(answer, request);
      }
      await answer.discard();
      if (request.method !== 'GET' && request.method !== 'HEAD') {
        throw unsafeTransfer(this.registry, this.where, 'redirects an upload, which is not followed');
      }
      url = this.resolve(answer.headers.get('location') ?? '', url);
    }
    throw unsafeTransfer(this.registry, this.where, `redirects more than ${MAX_REDIRECTS} times`);
  }

  /** Makes a URL that the registry gave absolute, and refuses one that would lose the encryption. */
  resolve(target: string | URL, base: URL = this.#root): URL {
    const url = target instanceof URL ? new URL(target) : URL.parse(target, base);
    if (
      target === '' ||
      url === null ||
      !/^https?:$/.test(url.protocol) ||
      url.username !== '' ||
      url.password !== ''
    ) {
      throw unsafeTransfer(this.registry, this.where, 'sent a redirect or location that cannot be followed');
    }
    if (base.protocol === 'https:' && url.protocol === 'http:') {
      if (url.host !== base.host) {
        throw unsafeTransfer(this.registry, this.where, `redirects from HTTPS to plain HTTP at ${url.host}`);
      }
      // A registry behind a proxy that ends TLS and does not tell it so; the way it was reached works.
      url.protocol = 'https:';
    }
    return url;
  }

  async #authorised(url: URL, request: RegistryRequest): Promise<HttpAnswer> {
    const scope = this.#scope(request.access);
    const own = url.origin === this.#root.origin;
    const authorization = own ? await this.#authorizer.header(scope) : undefined;
    const first = await this.#exchange(url, request, authorization);
    if (first.status !== 401 || !own) {
      return first;
    }
    await first.discard();
    const challenge = first.headers.get('www-authenticate') ?? '';
    return await this.#exchange(url, request, await this.#authorizer.answer(challenge, scope, authorization));
  }

  #exchange(url: URL, request: RegistryRequest, authorization: string | undefined): Promise<HttpAnswer> {
    const { method, body } = request;
    const headers = { ...request.headers, ...(authorization === undefined ? {} : { authorization }) };
    return exchange({ method, url, headers, body }, this.transport, request.signal ?? this.signal);
  }

  async #accepted(answer: HttpAnswer, request: RegistryRequest): Promise<HttpAnswer> {
    if (request.expect.includes(answer.status)) {
      return answer;
    }
    const server = credentialServer(this.registry);
    if (answer.status === 401 || answer.status === 403) {
      // The text of a refusal is the server's to choose, and it has just seen the credentials: not quoted.
      await answer.discard();
      const refusal = answer.status === 401 ? unauthorized : forbidden;
      throw refusal(server, this.where, await this.#authorizer.tried());
    }
    throw await answerError(answer, this.registry, this.where, this.transport.now());
  }

  #scope(access: Access): string {
    switch (access) {
      case 'login':
        return '';
      case 'pull':
        return `repository:${this.repository}:pull`;
      case 'push':
        return `repository:${this.repository}:pull,push`;
    }
  }
}
