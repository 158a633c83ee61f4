// What a registry may be shown, and the order of the places where it is looked up (spin-contract.md §2.3):
// Spin's own file, then Docker's configuration, then nothing. A broken place never stops an anonymous pull.

export type Credentials =
  | { readonly kind: 'password'; readonly username: string; readonly password: string; readonly from: string }
  /** Exchanged for access tokens by OAuth 2 (`docker login` to registries that do so). */
  | { readonly kind: 'identity-token'; readonly token: string; readonly from: string };

export interface CredentialLookup {
  readonly credentials?: Credentials | undefined;
  /** Why a place could not be read; part of the message if the registry then refuses. Holds no secret. */
  readonly problems: readonly string[];
}

/** Credentials for a server such as `ghcr.io`, `index.docker.io` or `localhost:5000`. */
export type CredentialSource = (server: string, signal?: AbortSignal) => Promise<CredentialLookup>;

export const anonymous: CredentialSource = async () => ({ problems: [] });

/** The first place that has credentials wins; problems met on the way are kept. */
export function firstOf(...sources: readonly CredentialSource[]): CredentialSource {
  return async function lookUpCredentials(server, signal) {
    const problems: string[] = [];
    for (const source of sources) {
      const found = await source(server, signal);
      problems.push(...found.problems);
      if (found.credentials !== undefined) {
        return { credentials: found.credentials, problems };
      }
    }
    return { problems };
  };
}

/** Reads base64 of `user:password`; undefined when it is not that. */
export function decodeUserPassword(encoded: string): { username: string; password: string } | undefined {
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 1 ? undefined : { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

export const encodeUserPassword = (username: string, password: string): string =>
  Buffer.from(`${username}:${password}`).toString('base64');
