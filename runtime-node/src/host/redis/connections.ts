// Connections of one app to the Redis servers that its guests name: handed from one instance to the next when they are
// as they were made, never more at a time than the limits allow.
import type { SecureContext } from 'node:tls';
import { ConnectionPool, PoolExhausted, type Poolable, type Lease as PoolLease } from '../connection-pool/pool.ts';
import { platformTrust } from '../http/client/trust.ts';
import { ConnectError, type ConnectionLimit, type OutboundNetwork } from '../network/index.ts';
import { RedisFailed } from './commands.ts';
import { openConnection } from './open-connection.ts';
import type { RedisConnection } from './client/connection.ts';
import { ConnectionLost } from './client/connection-lost.ts';
import { ProtocolError } from './client/protocol-error.ts';
import { targetKey, type RedisTarget } from './target.ts';

/** One that has not been used for so long is asked whether it still works: its server may have gone without a word. */
const ASK_AFTER_MS = 1000;

/** For the answer to that; a new connection is made when it does not come. */
const ALIVE_MS = 1000;

/** To be released once, by the guest that has it or with its instance. */
export interface Lease {
  readonly connection: RedisConnection;
  /** `clean`: the next user finds it as it was made. */
  release(clean: boolean): void;
}

/** A connection and what the pool has to know of it. */
class Pooled implements Poolable {
  readonly connection: RedisConnection;
  #usedAt = performance.now();

  constructor(connection: RedisConnection) {
    this.connection = connection;
  }

  get usable(): boolean {
    return this.connection.usable;
  }

  hold(held: boolean): void {
    this.connection.hold(held);
  }

  destroy(): void {
    this.connection.destroy();
  }

  /** Nothing can be taken back: whoever chose the commands may have watched, selected or subscribed. */
  used(clean: boolean): void {
    if (!clean || !this.connection.quiet) {
      this.destroy();
    }
    this.#usedAt = performance.now();
  }

  async reset(): Promise<boolean> {
    return this.usable;
  }

  async isAlive(): Promise<boolean> {
    if (performance.now() - this.#usedAt < ASK_AFTER_MS) {
      return this.usable;
    }
    const timer = setTimeout(() => this.destroy(), ALIVE_MS);
    try {
      await this.connection.send('PING');
      return this.usable;
    } catch {
      // expected: the server has closed it
      return false;
    } finally {
      clearTimeout(timer);
    }
  }
}

export class RedisConnections {
  readonly #network: OutboundNetwork;
  readonly #secureContext: () => SecureContext;
  readonly #pool: ConnectionPool<Pooled>;

  constructor(network: OutboundNetwork, limit: ConnectionLimit, secureContext: () => SecureContext = platformTrust) {
    this.#network = network;
    this.#secureContext = secureContext;
    // How many one server takes is for the limit to say.
    this.#pool = new ConnectionPool({ limit, maxPerKey: Number.POSITIVE_INFINITY });
  }

  /** Whether the component may connect there has been asked. Rejects with RedisFailed, ConnectionLost and their like. */
  async lease(target: RedisTarget, signal: AbortSignal): Promise<Lease> {
    for (;;) {
      const lease = await this.#take(target, signal);
      const pooled = lease.connection;
      if (await pooled.isAlive()) {
        return {
          connection: pooled.connection,
          release: (clean) => {
            pooled.used(clean);
            lease.release();
          },
        };
      }
      pooled.destroy();
      lease.release();
    }
  }

  close(): void {
    this.#pool.close();
  }

  async #take(target: RedisTarget, signal: AbortSignal): Promise<PoolLease<Pooled>> {
    try {
      return await this.#pool.lease(
        targetKey(target),
        (either, onClose) => this.#open(target, either, onClose),
        signal,
      );
    } catch (error) {
      if (error instanceof PoolExhausted) {
        throw new RedisFailed({ tag: 'too-many-connections' });
      }
      const known = [ConnectionLost, ProtocolError, ConnectError].some((type) => error instanceof type);
      throw signal.aborted && !known ? new ConnectionLost('the call was ended', { cause: error }) : error;
    }
  }

  async #open(target: RedisTarget, signal: AbortSignal, onClose: () => void): Promise<Pooled> {
    const socket = (either: AbortSignal) =>
      target.tls
        ? this.#network.connectTls(target, { alpn: [], secureContext: this.#secureContext() }, either)
        : this.#network.connect(target, either);
    return new Pooled(await openConnection(target, socket, { signal, onClose }));
  }
}
