// What TLS of one component to one host trusts and shows: the first table of the runtime configuration that names both.
import type { SecureContext } from 'node:tls';
import type { ClientTlsConfig } from './config.ts';

export interface TlsTrust {
  /** Connections are shared by those with the same only: who connected with a certificate must not serve others. */
  readonly id: string;
  /** Asked when there is a connection to be made. */
  readonly secureContext: () => SecureContext;
}

export class ClientTls {
  readonly #trusts: readonly { readonly config: ClientTlsConfig; readonly trust: TlsTrust }[];
  readonly #otherwise: TlsTrust;

  constructor(
    trusts: readonly { readonly config: ClientTlsConfig; readonly trust: TlsTrust }[],
    secureContext: () => SecureContext,
  ) {
    this.#trusts = trusts;
    this.#otherwise = { id: '', secureContext };
  }

  /** `host` as that of an `Origin`. */
  trustOf(componentId: string, host: string): TlsTrust {
    if (this.#trusts.length === 0) {
      return this.#otherwise;
    }
    const found = this.#trusts.find(
      ({ config: { componentIds, hosts } }) => componentIds.includes(componentId) && hosts.includes(host),
    );
    return found?.trust ?? this.#otherwise;
  }
}
