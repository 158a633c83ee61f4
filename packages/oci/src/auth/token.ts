// Gets a bearer token from the service that a registry names (distribution token authentication specification;
// identity tokens by OAuth 2, RFC 6749 §6). The service's words are not quoted: it has just seen a password.
import { readBounded } from '../registry/bounded.ts';
import { isRecord } from '../json.ts';
import type { HttpAnswer, HttpRequest } from '../registry/transport.ts';
import { TransportError } from '../registry/transport-error.ts';
import { type Credentials, encodeUserPassword } from './credentials.ts';

const DEFAULT_LIFETIME_S = 300; // spin-contract.md §2.3: when the service says nothing.
const MAX_ANSWER_BYTES = 1_048_576; // Tokens have a few kilobytes; Google's and Azure's the most.
const SAFE_TOKEN = /^[\x21-\x7e]+$/; // What a header value may hold.

export interface TokenRequest {
  readonly realm: URL;
  readonly service: string | undefined;
  /** `repository:me/app:pull,push`; none to check a login. */
  readonly scopes: readonly string[];
  readonly credentials: Credentials | undefined;
}

export interface Token {
  readonly value: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

export type TokenOutcome =
  | { readonly kind: 'token'; readonly token: Token }
  | { readonly kind: 'refused'; readonly status: number };

export async function requestToken(
  request: TokenRequest,
  send: (request: HttpRequest) => Promise<HttpAnswer>,
  now: number,
): Promise<TokenOutcome> {
  const answer = await send(tokenHttpRequest(request));
  if (answer.status === 429 || answer.status >= 500) {
    await answer.discard();
    throw new TransportError(`the token service ${request.realm.host} answered ${answer.status}`, { retryable: true });
  }
  if (answer.status !== 200) {
    await answer.discard();
    return { kind: 'refused', status: answer.status };
  }
  const body = await readBounded(answer.body, MAX_ANSWER_BYTES);
  const token = body === undefined ? undefined : parseToken(body.toString('utf8'), now);
  if (token === undefined) {
    throw new TransportError(`the token service ${request.realm.host} sent no usable token`, { retryable: false });
  }
  return { kind: 'token', token };
}

/** Pure. */
function tokenHttpRequest({ realm, service, scopes, credentials }: TokenRequest): HttpRequest {
  if (credentials?.kind === 'identity-token') {
    const form = new URLSearchParams({
      grant_type: 'refresh_token',
      client_id: 'spindle',
      refresh_token: credentials.token,
    });
    if (service !== undefined) {
      form.set('service', service);
    }
    if (scopes.length > 0) {
      form.set('scope', scopes.join(' '));
    }
    const bytes = Buffer.from(form.toString());
    return {
      method: 'POST',
      url: realm,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: {
        size: bytes.byteLength,
        open: async function* () {
          yield bytes;
        },
      },
    };
  }
  const url = new URL(realm);
  if (service !== undefined) {
    url.searchParams.set('service', service);
  }
  for (const scope of scopes) {
    url.searchParams.append('scope', scope);
  }
  if (credentials === undefined) {
    return { method: 'GET', url };
  }
  const basic = `Basic ${encodeUserPassword(credentials.username, credentials.password)}`;
  return { method: 'GET', url, headers: { authorization: basic } };
}

/** Pure; `token` and `access_token` are the same thing in two dialects. */
function parseToken(text: string, now: number): Token | undefined {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    // expected: the caller reports that there is no token, without the text, which may hold one.
    return undefined;
  }
  if (!isRecord(answer)) {
    return undefined;
  }
  const value = answer['token'] ?? answer['access_token'];
  if (typeof value !== 'string' || !SAFE_TOKEN.test(value)) {
    return undefined;
  }
  const lifetime = answer['expires_in'];
  const seconds = typeof lifetime === 'number' && lifetime > 0 ? lifetime : DEFAULT_LIFETIME_S;
  return { value, expiresAt: now + seconds * 1000 };
}
