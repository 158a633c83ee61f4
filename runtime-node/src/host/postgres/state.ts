// What the PostgreSQL interfaces of one app share, and how a guest gets a connection: the manifest is asked about every
// server of the address before any socket is opened.
import { X509Certificate } from 'node:crypto';
import { userInfo } from 'node:os';
import { createSecureContext, type SecureContext } from 'node:tls';
import { parseOutboundUrl } from '@spindle/api';
import type { Guest } from '../guest.ts';
import { platformTrust } from '../http/client/trust.ts';
import { ConnectionPool, PoolExhausted, type Lease, type Open } from '../connection-pool/pool.ts';
import type { ConnectionLimit, OutboundNetwork } from '../network/index.ts';
import { parseAddress, type PgServer } from './address/parse.ts';
import { connect, type CheckedServer, type ConnectTarget } from './connect.ts';
import { connectError, connectionFailed, PgError } from './failure.ts';
import { TypeNames } from './types/names.ts';
import { Session } from './session.ts';
import type { Connection } from './client/connection.ts';

/** Spin's pool: connections to one address. */
const MAX_PER_ADDRESS = 64;
/** Spin keeps the pools of so many addresses. */
const MAX_ADDRESSES = 16;
const DEFAULT_PORT = 5432;
const SCHEME = 'postgres';

export interface OpenSession {
  readonly session: Session;
  /** Once; the next guest may have the connection then. */
  release(): void;
}

export class PgState {
  readonly #network: OutboundNetwork;
  readonly #pool: ConnectionPool<Connection>;
  /** The one that was used last stands last. */
  readonly #names = new Map<string, TypeNames>();

  constructor(network: OutboundNetwork, limit: ConnectionLimit) {
    this.#network = network;
    this.#pool = new ConnectionPool({ limit, maxPerKey: MAX_PER_ADDRESS });
  }

  /**
   * `authority`: a certificate in PEM to trust in place of the platform's. Throws or rejects with PgError. Answers at once
   * where a connection is ready.
   */
  open({ component, call }: Guest, text: string, authority?: string): OpenSession | Promise<OpenSession> {
    const key = JSON.stringify([component.id, text, authority]);
    // Who may go where does not change while the app is open.
    const ready = this.#pool.tryLease(key);
    return ready === undefined
      ? this.#openLater(key, this.#targetOf(component.id, text, authority), call.signal)
      : this.#sessionOn(ready, key);
  }

  #sessionOn({ connection, release }: Lease<Connection>, key: string): OpenSession {
    return { session: new Session(connection, this.#namesFor(key)), release };
  }

  async #openLater(key: string, target: ConnectTarget, call: AbortSignal): Promise<OpenSession> {
    try {
      const open: Open<Connection> = (signal, onClose) => connect(this.#network, target, signal, onClose);
      return this.#sessionOn(await this.#pool.lease(key, open, call), key);
    } catch (error) {
      throw error instanceof PoolExhausted ? connectionFailed('too many connections', error) : connectError(error);
    }
  }

  #targetOf(componentId: string, text: string, authority: string | undefined): ConnectTarget {
    const address = parseAddress(text);
    if (address === undefined) {
      throw connectionFailed('invalid connection string');
    }
    const servers = address.servers.map((server) => this.#checked(componentId, server));
    if (servers.length === 0) {
      throw connectionFailed(
        'Error occurred while creating a new object: invalid configuration\n\nCaused by:\n    0: invalid configuration\n    1: host missing',
      );
    }
    const user = address.user ?? userInfo().username;
    return {
      servers,
      login: { user, password: address.password, database: address.database ?? user, parameters: address.parameters },
      sslMode: address.sslMode,
      directTls: address.directTls,
      session: address.session,
      timeoutMs: address.connectTimeoutMs,
      trust: () => (authority === undefined ? platformTrust() : trustOf(authority)),
    };
  }

  close(): void {
    this.#pool.close();
  }

  /** What is connected to is what is asked about: the address in place of the name where both are given. */
  #checked(componentId: string, { host, hostaddr, port }: PgServer): CheckedServer {
    if (host.startsWith('/') || host.startsWith('@')) {
      throw connectionFailed('Unix sockets are not supported on WebAssembly');
    }
    const shown = `${SCHEME}://${host}${port === undefined ? '' : `:${port}`}`;
    const [named, used] = [host, hostaddr ?? host].map((name) =>
      this.#allowed(componentId, name, port ?? DEFAULT_PORT),
    );
    if (named === undefined || used === undefined) {
      throw connectionFailed(`address ${shown} is not permitted`);
    }
    return { host: used, port: port ?? DEFAULT_PORT, serverName: named };
  }

  /** The host in its normal form. */
  #allowed(componentId: string, name: string, port: number): string | undefined {
    const url = `${SCHEME}://${name.includes(':') ? `[${name}]` : name}:${port}`;
    const destination = /[@/?#\\\s]/.test(name) ? undefined : parseOutboundUrl(url, SCHEME);
    if (destination === undefined || !this.#network.allows(componentId, destination, url)) {
      return undefined;
    }
    const { host } = destination;
    return host.kind === 'ip' ? host.address.toString() : host.name;
  }

  #namesFor(key: string): TypeNames {
    const names = this.#names.get(key) ?? new TypeNames();
    this.#names.delete(key);
    this.#names.set(key, names);
    const [oldest] = this.#names.keys();
    if (oldest !== undefined && this.#names.size > MAX_ADDRESSES) {
      this.#names.delete(oldest);
    }
    return names;
  }
}

/** Throws PgError when it is no certificate. */
export function checkAuthority(pem: string): void {
  try {
    trustOf(pem);
    void new X509Certificate(pem);
  } catch (cause) {
    throw new PgError({ tag: 'other', val: `invalid root certificate: ${(cause as Error).message}` }, cause);
  }
}

const trustOf = (pem: string): SecureContext => createSecureContext({ ca: pem });
