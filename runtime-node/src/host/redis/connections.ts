// Connections of one app to the Redis servers that its guests name: handed from one instance to the next when they are
// as they were made, never more at a time than the limits allow.
import type { SecureContext } from 'node:tls';
import { platformTrust } from '../http/client/trust.ts';
import { PlaceQueue, type ConnectionLimit, type OutboundNetwork } from '../network/index.ts';
import { openConnection } from './open-connection.ts';
import { ConnectionLost, type RespConnection } from './resp/connection.ts';
import { targetKey, type RedisTarget } from './target.ts';

/** How long a connection that nobody uses stays open: as long as those of HTTP, so that a busy app keeps its own. */
const IDLE_MS = 30_000;

/** Kept for later; a burst of more goes when it is over. */
const MAX_IDLE = 64;

/** One that has not been used for so long is asked whether it still works: its server may have gone without a word. */
const ASK_AFTER_MS = 1000;

/** For the answer to that; a new connection is made when it does not come. */
const ALIVE_MS = 1000;

/** To be released once, by the guest that has it or with its instance. */
export interface Lease {
  readonly connection: RespConnection;
  /** `clean`: the next user finds it as it was made. */
  release(clean: boolean): void;
}

interface Idle {
  readonly key: string;
  readonly connection: RespConnection;
  readonly since: number;
  readonly timer: NodeJS.Timeout;
}

export class RedisConnections {
  readonly #network: OutboundNetwork;
  readonly #limit: ConnectionLimit;
  readonly #secureContext: () => SecureContext;
  readonly #places: PlaceQueue;
  /** The one that was used last stands last. */
  readonly #idle = new Set<Idle>();
  readonly #open = new Set<RespConnection>();
  #closed = false;

  constructor(network: OutboundNetwork, limit: ConnectionLimit, secureContext: () => SecureContext = platformTrust) {
    this.#network = network;
    this.#limit = limit;
    this.#secureContext = secureContext;
    this.#places = new PlaceQueue(limit);
  }

  /** Whether the component may connect there has been asked. Rejects with ConnectionLost, ProtocolError or ConnectError. */
  async lease(target: RedisTarget, signal: AbortSignal): Promise<Lease> {
    const key = targetKey(target);
    const connection = (await this.#reuse(key)) ?? (await this.#connect(target, signal));
    let held = true;
    return {
      connection,
      release: (clean) => {
        if (held) {
          held = false;
          this.#giveBack(key, connection, clean);
        }
      },
    };
  }

  close(): void {
    this.#closed = true;
    for (const connection of this.#open) {
      connection.destroy();
    }
  }

  async #reuse(key: string): Promise<RespConnection | undefined> {
    for (;;) {
      const idle = [...this.#idle].findLast((one) => one.key === key);
      if (idle === undefined) {
        return undefined;
      }
      this.#take(idle);
      if (performance.now() - idle.since < ASK_AFTER_MS || (await isAlive(idle.connection))) {
        return idle.connection;
      }
    }
  }

  #take(idle: Idle): void {
    clearTimeout(idle.timer);
    this.#idle.delete(idle);
    idle.connection.hold(true);
  }

  async #connect(target: RedisTarget, signal: AbortSignal): Promise<RespConnection> {
    if (!this.#limit.free) {
      // Its place is free at once.
      const [oldest] = this.#idle;
      oldest?.connection.destroy();
    }
    const place = await this.#places.take(signal).catch((cause: unknown) => {
      throw new ConnectionLost('the call was ended', { cause });
    });
    const opened: { connection?: RespConnection } = {};
    const onClose = (): void => {
      place[Symbol.dispose]();
      this.#forget(opened.connection);
    };
    try {
      const connection = await openConnection(target, (either) => this.#socket(target, either), { signal, onClose });
      opened.connection = connection;
      this.#open.add(connection);
      if (this.#closed) {
        connection.destroy();
      }
      return connection;
    } catch (error) {
      place[Symbol.dispose]();
      throw error;
    }
  }

  #socket(target: RedisTarget, signal: AbortSignal) {
    return target.tls
      ? this.#network.connectTls(target, { alpn: [], secureContext: this.#secureContext() }, signal)
      : this.#network.connect(target, signal);
  }

  #giveBack(key: string, connection: RespConnection, clean: boolean): void {
    if (!clean || !connection.usable || !connection.quiet || this.#closed || this.#places.wanted) {
      connection.destroy();
      return;
    }
    const timer = setTimeout(() => connection.destroy(), IDLE_MS);
    timer.unref();
    connection.hold(false);
    this.#idle.add({ key, connection, since: performance.now(), timer });
    const [oldest] = this.#idle;
    if (this.#idle.size > MAX_IDLE) {
      oldest?.connection.destroy();
    }
  }

  #forget(connection: RespConnection | undefined): void {
    if (connection === undefined) {
      return;
    }
    this.#open.delete(connection);
    const idle = this.#idle.values().find((one) => one.connection === connection);
    if (idle !== undefined) {
      clearTimeout(idle.timer);
      this.#idle.delete(idle);
    }
  }
}

async function isAlive(connection: RespConnection): Promise<boolean> {
  const timer = setTimeout(() => connection.destroy(), ALIVE_MS);
  try {
    await connection.send('PING');
    return connection.usable;
  } catch {
    // expected: the server has closed it
    return false;
  } finally {
    clearTimeout(timer);
  }
}
