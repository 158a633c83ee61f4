// The auth-provider `oidc`: an id token in the kubeconfig, and with it a refresh token for the next one. What asks the
// identity provider is loaded when a token has run out, and only then.
import { UserError } from '@spindle/api';
import type { Clock } from '../clock.ts';
import { bearer, type Credentials, type CredentialSource } from './credentials.ts';
import { fetchTrusting } from './fetch-trusting.ts';
import type { Material } from './kubeconfig-file.ts';
import { readMaterial } from './material.ts';

/** A token is renewed before it runs out on its way. */
const MARGIN_MS = 10_000;

type Config = Readonly<Record<string, string>>;

/** `refresh` gives an id token and what to ask with the next time. */
export interface OidcOptions {
  readonly clock: Clock;
  readonly config: Config;
  readonly refresh?: (config: Config) => Promise<Config>;
}

export function oidcCredentials({ clock, config, refresh = askProvider }: OidcOptions): CredentialSource {
  let known = config;
  let credentials: Credentials | undefined;
  let running: Promise<Credentials> | undefined;
  const renewed = async (): Promise<Credentials> => {
    known = await refresh(known);
    const token = known['id-token'] ?? '';
    if (token === '') {
      throw noToken('its answer has no id token');
    }
    return (credentials = { headers: bearer(token) });
  };
  const run = (): Promise<Credentials> => {
    running ??= renewed().finally(() => (running = undefined));
    return running;
  };
  const current = async (): Promise<Credentials> => {
    const token = known['id-token'] ?? '';
    if (token === '' || expiryOf(token) - MARGIN_MS < clock.date().getTime()) {
      return run();
    }
    return (credentials ??= { headers: bearer(token) });
  };
  return {
    current,
    renew: async (headers) => (await (credentials?.headers === headers ? run() : current())).headers !== headers,
  };
}

/** Milliseconds since 1970; 0 for what is not a token. Nobody trusts it here: the API server checks it. */
function expiryOf(token: string): number {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
    return typeof claims === 'object' && claims !== null && 'exp' in claims ? Number(claims.exp) * 1000 : 0;
  } catch {
    // expected: not a token; a new one is asked for.
    return 0;
  }
}

async function askProvider(config: Config): Promise<Config> {
  const [issuer, client, token] = ['idp-issuer-url', 'client-id', 'refresh-token'].map((name) => config[name] ?? '');
  const server = URL.parse(issuer ?? '');
  if (server === null || !client || !token) {
    throw noToken('the kubeconfig has no issuer, client or refresh token');
  }
  // Not client-node, whose own refresh ends in a TypeError of this library (2.0.1), and which costs 80 MB.
  const { customFetch, discovery, refreshTokenGrant } = await import('openid-client');
  try {
    const authority = await readMaterial(authorityOf(config), 'certificate of the identity provider');
    const options = authority === undefined ? {} : { [customFetch]: fetchTrusting(authority) };
    const provider = await discovery(server, client, config['client-secret'] || undefined, undefined, options);
    const tokens = await refreshTokenGrant(provider, token);
    // A provider that hands out no new one lets the old one be used again (RFC 6749 §6).
    return { ...config, 'id-token': tokens.id_token ?? '', 'refresh-token': tokens.refresh_token ?? token };
  } catch (cause) {
    throw noToken(cause instanceof Error ? cause.message : String(cause), cause);
  }
}

const authorityOf = (config: Config): Material => {
  const { 'idp-certificate-authority': file, 'idp-certificate-authority-data': data } = config;
  return { file, data: data === undefined ? undefined : Buffer.from(data, 'base64') };
};

const noToken = (why: string, cause?: unknown): UserError =>
  new UserError(`the identity provider gives no new token: ${why}`, {
    code: 'SPK7008',
    remedy: 'Log in again with the tool that wrote the kubeconfig.',
    cause,
  });
