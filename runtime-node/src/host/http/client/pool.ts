// Connections of one app: kept by origin, made when none is free, never more at a time than the limit allows.
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { ConnectionLimit, OutboundNetwork } from '../../network/index.ts';
import type { Connection, ConnectionEvents, Upstream } from './connection.ts';
import { Http1Connection } from './http1.ts';
import { Http2Connection } from './http2.ts';
import { connectionKey, type WireRequest } from './request.ts';

export interface PoolOptions {
  /** Connections serve several exchanges. */
  readonly keepAlive: boolean;
  /** Connections at one time, within those of the app. */
  readonly limit: ConnectionLimit;
  /** `host[:port]` whose plain connections speak HTTP/2 from the first byte (spin-contract.md §3.9). */
  readonly h2cAuthority: string | undefined;
}

export interface Begun {
  readonly upstream: Upstream;
  /** The connection has served before, so the peer may have closed it without our knowing yet. */
  readonly reused: boolean;
}

export interface BeginOptions {
  /** Not on a connection that has served before. */
  readonly fresh: boolean;
  readonly signal: AbortSignal;
  /** Called when the wait for a place is over. */
  readonly onConnecting: () => void;
}

interface Waiter {
  readonly key: string;
  readonly proceed: () => void;
}

const ALPN = ['h2', 'http/1.1'];

export class ConnectionPool {
  readonly #network: OutboundNetwork;
  readonly #options: PoolOptions;
  readonly #connections = new Map<string, Set<Connection>>();
  readonly #waiters = new Set<Waiter>();
  #closed = false;

  constructor(network: OutboundNetwork, options: PoolOptions) {
    this.#network = network;
    this.#options = options;
    options.limit.onFree(() => {
      if (options.limit.free) {
        this.#proceed(undefined);
      }
    });
  }

  /** Begins an exchange. Rejects with ConnectError or, once `signal` is aborted, with its reason. */
  async begin(request: WireRequest, { fresh, signal, onConnecting }: BeginOptions): Promise<Begun> {
    const key = connectionKey(request);
    let place: Disposable | undefined;
    let waitsSince: number | undefined;
    for (;;) {
      const free = fresh ? undefined : this.#free(key);
      if (free !== undefined) {
        return { upstream: this.#use(key, free, request), reused: true };
      }
      place = this.#takePlace();
      if (place !== undefined) {
        break;
      }
      waitsSince ??= performance.now();
      await this.#turn(key, signal);
    }
    this.#options.limit.acquired(waitsSince === undefined ? undefined : performance.now() - waitsSince);
    onConnecting();
    let socket: Socket | TLSSocket;
    try {
      socket = await this.#connect(request, signal);
    } catch (error) {
      place[Symbol.dispose]();
      throw error;
    }
    return { upstream: this.#use(key, this.#keep(key, request, socket, place), request), reused: false };
  }

  close(): void {
    this.#closed = true;
    for (const connections of this.#connections.values()) {
      for (const connection of connections) {
        connection.destroy();
      }
    }
  }

  /** Puts it behind the others, so that they stand in the order of their last use. What takes more serves who waits. */
  #use(key: string, connection: Connection, request: WireRequest): Upstream {
    const connections = this.#connections.get(key);
    connections?.delete(connection);
    connections?.add(connection);
    const upstream = connection.begin(request);
    if (connection.available) {
      this.#waiting(key)?.proceed();
    }
    return upstream;
  }

  /** The one that was used last: the others may then grow old and go. */
  #free(key: string): Connection | undefined {
    return [...(this.#connections.get(key) ?? [])].findLast(({ available }) => available);
  }

  /** When there is none, makes one, if it can, by giving up a connection that nobody uses. */
  #takePlace(): Disposable | undefined {
    const place = this.#options.limit.tryTake();
    if (place !== undefined) {
      return place;
    }
    for (const connections of this.#connections.values()) {
      for (const connection of connections) {
        if (connection.idle) {
          // Its place is free once it has closed; whoever waits hears of that.
          connection.destroy();
          return undefined;
        }
      }
    }
    return undefined;
  }

  #turn(key: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        this.#waiters.delete(waiter);
        signal.removeEventListener('abort', onAbort);
      };
      const onAbort = (): void => {
        settle();
        reject(signal.reason as Error);
      };
      const waiter: Waiter = {
        key,
        proceed: () => {
          settle();
          resolve();
        },
      };
      this.#waiters.add(waiter);
      signal.addEventListener('abort', onAbort);
      if (signal.aborted) {
        onAbort();
      }
    });
  }

  #connect({ origin, trust }: WireRequest, signal: AbortSignal): Promise<Socket | TLSSocket> {
    if (origin.scheme === 'http') {
      return this.#network.connect(origin, signal);
    }
    return this.#network.connectTls(origin, { alpn: ALPN, secureContext: trust.secureContext() }, signal);
  }

  #keep(key: string, { origin, authority }: WireRequest, socket: Socket | TLSSocket, place: Disposable): Connection {
    const connections = this.#connections.get(key) ?? new Set();
    this.#connections.set(key, connections);
    const events: ConnectionEvents = {
      onAvailable: () => this.#proceed(key),
      onClose: () => {
        connections.delete(connection);
        if (connections.size === 0) {
          this.#connections.delete(key);
        }
        place[Symbol.dispose]();
      },
    };
    const isHttp2 =
      origin.scheme === 'https'
        ? (socket as TLSSocket).alpnProtocol === 'h2'
        : authority === this.#options.h2cAuthority;
    const connection = new (isHttp2 ? Http2Connection : Http1Connection)(socket, this.#options.keepAlive, events);
    connections.add(connection);
    if (this.#closed) {
      connection.destroy();
    }
    return connection;
  }

  /** Lets one go on: of those that want this very origin the first, else the first of all. */
  #proceed(key: string | undefined): void {
    const [first] = this.#waiters;
    (this.#waiting(key) ?? first)?.proceed();
  }

  /** The first that waits for this very origin. */
  #waiting(key: string | undefined): Waiter | undefined {
    return this.#waiters.values().find((waiter) => waiter.key === key);
  }
}
