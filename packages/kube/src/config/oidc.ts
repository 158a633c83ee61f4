// The auth-provider `oidc`: an id token in the kubeconfig, and with it a refresh token for the next one. What asks the
// identity provider is loaded when a token has run out, and only then: it costs 80 MB.
import { UserError } from '@spindle/api';
import type { Clock } from '../clock.ts';
import { bearer, type Credentials, type CredentialSource } from './credentials.ts';

/** A token is renewed before it runs out on its way. */
const MARGIN_MS = 10_000;

type Config = Readonly<Record<string, string>>;

/** `refresh` gives an id token and what to ask with the next time. */
export interface OidcOptions {
  readonly clock: Clock;
  readonly config: Config;
  readonly refresh?: (config: Config) => Promise<Config>;
}

export function oidcCredentials({ clock, config, refresh = refreshWithClientNode }: OidcOptions): CredentialSource {
  let known = config;
  let credentials: Credentials | undefined;
  let running: Promise<Credentials> | undefined;
  const renewed = async (): Promise<Credentials> => {
    known = await refresh(known);
    return (credentials = { headers: bearer(known['id-token'] ?? '') });
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

async function refreshWithClientNode(config: Config): Promise<Config> {
  if (['idp-issuer-url', 'client-id', 'refresh-token'].some((name) => (config[name] ?? '') === '')) {
    throw noToken('the kubeconfig has no issuer, client or refresh token');
  }
  const { OpenIDConnectAuth } = await import('@kubernetes/client-node/dist/oidc_auth.js');
  // It keeps what it gets in the object it is given, and asks only when the token in it has run out.
  const kept: Record<string, string> = { ...config, 'id-token': RUN_OUT };
  try {
    const user = { name: '', authProvider: { name: 'oidc', config: kept } };
    await new OpenIDConnectAuth().applyAuthentication(user, { headers: {} });
  } catch (cause) {
    throw noToken(cause instanceof Error ? cause.message : String(cause), cause);
  }
  if (kept['id-token'] === RUN_OUT || !kept['id-token']) {
    throw noToken('its answer has no id token');
  }
  return kept;
}

/** `{"exp":1}` */
const RUN_OUT = 'e30.eyJleHAiOjF9.e30';

const noToken = (why: string, cause?: unknown): UserError =>
  new UserError(`the identity provider gives no new token: ${why}`, {
    code: 'SPK7008',
    remedy: 'Log in again with the tool that wrote the kubeconfig.',
    cause,
  });
