// Answers one registry's challenges: keeps its tokens per scope and asks for credentials only when they are wanted.
// Credentials go to the registry itself (Basic) or to the token service it names, never in clear text unless the
// user chose plain HTTP.
import { credentialServer } from '../reference.ts';
import { unauthorized, unsafeTransfer, unsupportedChallenge } from '../errors.ts';
import type { HttpAnswer, HttpRequest } from '../registry/transport.ts';
import { parseChallenges } from './challenge.ts';
import { type CredentialLookup, type CredentialSource, encodeUserPassword } from './credentials.ts';
import { requestToken, type Token } from './token.ts';

const EARLY_MS = 10_000; // A token is renewed this long before its end: the clock of the registry may be ahead.

export interface AuthorizerOptions {
  /** As in references. */
  readonly registry: string;
  /** What the user named, for messages. */
  readonly where: string;
  readonly insecure: boolean;
  readonly source: CredentialSource;
  readonly send: (request: HttpRequest) => Promise<HttpAnswer>;
  readonly now: () => number;
  readonly signal: AbortSignal | undefined;
}

export class Authorizer {
  readonly #options: AuthorizerOptions;
  #lookup: Promise<CredentialLookup> | undefined;
  #basic: string | undefined;
  /** Sixteen downloads that start together share one request. */
  readonly #tokens = new Map<string, Promise<Token>>();

  constructor(options: AuthorizerOptions) {
    this.#options = options;
  }

  /** The `authorization` to send at once, when a former challenge has been answered. */
  async header(scope: string): Promise<string | undefined> {
    return this.#basic ?? (await this.#heldToken(scope));
  }

  /** The `authorization` that answers a 401; `rejected` is the one that led to it. */
  async answer(challenge: string, scope: string, rejected: string | undefined): Promise<string> {
    const challenges = parseChallenges(challenge);
    const bearer = challenges.find(({ scheme, parameters }) => scheme === 'bearer' && parameters.has('realm'));
    if (bearer !== undefined) {
      return await this.#bearer(bearer.parameters, scope, rejected);
    }
    const { registry, where } = this.#options;
    if (!challenges.some(({ scheme }) => scheme === 'basic')) {
      throw unsupportedChallenge(registry, where, challenge === '' ? 'nothing' : challenge);
    }
    const { credentials } = await this.#credentials();
    if (rejected !== undefined || credentials?.kind !== 'password') {
      throw unauthorized(credentialServer(registry), where, await this.tried());
    }
    this.#basic = `Basic ${encodeUserPassword(credentials.username, credentials.password)}`;
    return this.#basic;
  }

  /** What was shown to the registry, for the message of a refusal. */
  async tried(): Promise<readonly string[]> {
    const { credentials, problems } = await this.#credentials();
    return [
      credentials === undefined ? 'no credentials were found' : `tried those of ${credentials.from}`,
      ...problems,
    ];
  }

  async #heldToken(scope: string): Promise<string | undefined> {
    const token = await this.#tokens.get(scope);
    return token === undefined || token.expiresAt - EARLY_MS <= this.#options.now()
      ? undefined
      : `Bearer ${token.value}`;
  }

  async #bearer(parameters: ReadonlyMap<string, string>, scope: string, rejected: string | undefined): Promise<string> {
    let known: Promise<Token> | undefined;
    do {
      known = this.#tokens.get(scope);
      const held = await this.#heldToken(scope);
      if (held !== undefined && held !== rejected) {
        // Another request of the same scope has got it meanwhile.
        return held;
      }
      // While this one waited, another may have begun to ask for a new one.
    } while (this.#tokens.get(scope) !== known);
    const fetched = this.#fetchToken(parameters, scope);
    this.#tokens.set(scope, fetched);
    try {
      return `Bearer ${(await fetched).value}`;
    } catch (error) {
      this.#tokens.delete(scope);
      throw error;
    }
  }

  async #fetchToken(parameters: ReadonlyMap<string, string>, scope: string): Promise<Token> {
    const { registry, where, send, now } = this.#options;
    const realm = this.#realm(parameters.get('realm') ?? '');
    const { credentials } = await this.#credentials();
    const scopes = [...new Set([scope, ...(parameters.get('scope') ?? '').split(' ')])].filter((one) => one !== '');
    const outcome = await requestToken({ realm, service: parameters.get('service'), scopes, credentials }, send, now());
    if (outcome.kind === 'refused') {
      throw unauthorized(credentialServer(registry), where, [
        ...(await this.tried()),
        `its token service ${realm.host} answered ${outcome.status}`,
      ]);
    }
    return outcome.token;
  }

  #realm(text: string): URL {
    const { registry, where, insecure } = this.#options;
    const realm = URL.parse(text);
    if (realm === null || !/^https?:$/.test(realm.protocol)) {
      throw unsupportedChallenge(registry, where, `Bearer realm="${text}"`);
    }
    if (realm.protocol === 'http:' && !insecure) {
      throw unsafeTransfer(registry, where, 'wants the password sent over plain HTTP');
    }
    return realm;
  }

  #credentials(): Promise<CredentialLookup> {
    const { source, registry, signal } = this.#options;
    this.#lookup ??= source(credentialServer(registry), signal);
    return this.#lookup;
  }
}
