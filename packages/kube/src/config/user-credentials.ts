// A user of a kubeconfig as a source of credentials. Of several kinds the one that client-go takes: a file before a token,
// either before a plugin; a certificate and impersonation go with all.
import { UserError } from '@spindle/api';
import type { CredentialHeaders } from '../transport/access.ts';
import { bearer, fixedCredentials, type Credentials, type CredentialSource } from './credentials.ts';
import { execCredentials, type ExecOptions } from './exec-plugin.ts';
import type { Impersonation, Named, UserEntry } from './kubeconfig-file.ts';
import { readMaterial } from './material.ts';
import { oidcCredentials } from './oidc.ts';
import { tokenFileCredentials } from './token-file.ts';

export type UserOptions = Omit<ExecOptions, 'exec'>;

export function userCredentials(user: Named<UserEntry> | undefined, options: UserOptions): CredentialSource {
  if (user === undefined) {
    return fixedCredentials({ headers: {} });
  }
  return new UserCredentials(user, sourceOf(user, options));
}

function sourceOf(user: Named<UserEntry>, options: UserOptions): CredentialSource {
  const { tokenFile, token, basic, exec, authProvider } = user;
  if (tokenFile !== undefined) {
    return tokenFileCredentials(tokenFile, options.clock);
  }
  if (token !== undefined) {
    return fixedCredentials({ headers: bearer(token) });
  }
  if (basic !== undefined) {
    const pair = Buffer.from(`${basic.username}:${basic.password}`).toString('base64');
    return fixedCredentials({ headers: { authorization: `Basic ${pair}` } });
  }
  if (exec !== undefined) {
    return execCredentials({ ...options, exec });
  }
  if (authProvider === undefined) {
    return fixedCredentials({ headers: {} });
  }
  if (authProvider.name !== 'oidc') {
    throw new UserError(`the auth-provider ${JSON.stringify(authProvider.name)} is not supported`, {
      code: 'SPK7007',
      file: user.file,
      field: `users: ${user.name}`,
      remedy: 'Use the credential plugin (exec) of your provider, as kubectl does since 1.26.',
    });
  }
  return oidcCredentials({ clock: options.clock, config: authProvider.config });
}

/** Adds what the entry itself says. */
class UserCredentials implements CredentialSource {
  readonly #user: Named<UserEntry>;
  readonly #source: CredentialSource;
  readonly #impersonation: CredentialHeaders;
  #usedCertificate: Buffer | undefined;
  #last: { readonly from: Credentials['headers']; readonly headers: Credentials['headers'] } | undefined;

  constructor(user: Named<UserEntry>, source: CredentialSource) {
    this.#user = user;
    this.#source = source;
    this.#impersonation = impersonationHeaders(user.impersonation);
  }

  async current(): Promise<Credentials> {
    const { headers, certificate } = await this.#source.current();
    if (this.#last?.from !== headers) {
      this.#last = { from: headers, headers: { ...headers, ...this.#impersonation } };
    }
    const own = certificate ?? (await this.#certificate());
    return { headers: this.#last.headers, ...(own === undefined ? {} : { certificate: own }) };
  }

  async renew(headers: Credentials['headers']): Promise<boolean> {
    const used = this.#usedCertificate;
    const own = await this.#certificate();
    if (own !== undefined && used !== undefined && !own.cert.equals(used)) {
      return true;
    }
    return this.#last === undefined || this.#last.headers !== headers || this.#source.renew(this.#last.from);
  }

  async #certificate(): Promise<{ readonly cert: Buffer; readonly key: Buffer } | undefined> {
    const cert = await readMaterial(this.#user.certificate, 'client certificate');
    const key = await readMaterial(this.#user.key, "client certificate's key");
    if ((cert === undefined) !== (key === undefined)) {
      throw new UserError('a client certificate and its key go together', {
        code: 'SPK7002',
        file: this.#user.file,
        field: `users: ${this.#user.name}`,
        remedy: 'Give client-certificate and client-key, or neither.',
      });
    }
    if (cert === undefined || key === undefined) {
      return undefined;
    }
    this.#usedCertificate = cert;
    return { cert, key };
  }
}

function impersonationHeaders(impersonation: Impersonation | undefined): CredentialHeaders {
  if (impersonation === undefined) {
    return {};
  }
  const { user, uid, groups, extra } = impersonation;
  return {
    'impersonate-user': user,
    ...(uid === undefined ? {} : { 'impersonate-uid': uid }),
    // A line each: the API server takes a comma as part of a name.
    ...(groups.length === 0 ? {} : { 'impersonate-group': [...groups] }),
    ...Object.fromEntries(
      [...extra].map(([name, values]) => [`impersonate-extra-${encodeURIComponent(name).toLowerCase()}`, [...values]]),
    ),
  };
}
