// Who asks: what goes into the headers of each request and into the TLS handshake, as of now, and what is done when the
// server does not take it.

import type { CredentialHeaders } from '../transport/access.ts';

export interface Credentials {
  /** The same object as long as nothing has changed. */
  readonly headers: CredentialHeaders;
  /** PEM. */
  readonly certificate?: { readonly cert: string | Buffer; readonly key: string | Buffer };
}

export interface CredentialSource {
  current(): Promise<Credentials>;
  /** The server refused `headers`. True when others are current now. */
  renew(headers: Credentials['headers']): Promise<boolean>;
}

/** They never change. */
export function fixedCredentials(credentials: Credentials): CredentialSource {
  return {
    current: async () => credentials,
    renew: async () => false,
  };
}

export const bearer = (token: string): CredentialHeaders => ({ authorization: `Bearer ${token}` });
