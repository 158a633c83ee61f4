// Connections of drivers, handed from one guest to the next: never more at a time than the limits allow, by key (who may
// use them, and to where) and in all; those that nobody uses are kept for a while.
import type { ConnectionLimit } from '../network/index.ts';

export interface Poolable {
  /** False once it is closed or broken. */
  readonly usable: boolean;
  /** Keeps this process alive, or does not. */
  hold(held: boolean): void;
  destroy(): void;
  /** Nobody has left anything behind: it need not be reset. */
  readonly clean?: boolean;
  /** Takes back what a user has left behind; false when that cannot be. */
  reset(signal: AbortSignal): Promise<boolean>;
}

export interface PoolOptions {
  /** Of all keys together, within the limits of the app. */
  readonly limit: ConnectionLimit;
  readonly maxPerKey: number;
  readonly maxWaitMs?: number;
  readonly idleMs?: number;
}

/** Everything was in use for too long. */
export class PoolExhausted extends Error {
  override readonly name = 'PoolExhausted';
}

/** To be released once. */
export interface Lease<C> {
  readonly connection: C;
  release(): void;
}

/** Makes a connection; `onClose` must be called once, when it has ended. */
export type Open<C> = (signal: AbortSignal, onClose: () => void) => Promise<C>;

/** As those of HTTP, so that a busy app keeps its own. */
const IDLE_MS = 30_000;
/** A guest that holds all connections itself waits for nobody. */
const MAX_WAIT_MS = 30_000;
/** Kept for later, of all keys; a burst of more goes when it is over. */
const MAX_IDLE = 64;
/** To take back what a guest has left behind; a new connection is made when it takes longer. */
const RESET_MS = 5000;

/** A connection that was made before, or a place for a new one. */
type Grant<C> = { readonly connection: C } | { readonly place: Disposable };

interface Idle<C> {
  readonly group: Group<C>;
  readonly connection: C;
  readonly timer: NodeJS.Timeout;
}

interface Group<C> {
  readonly key: string;
  /** Connections, also those that are being made. */
  open: number;
  /** Those of them that were given back and are not ready yet. */
  returning: number;
  /** In the order in which they came. */
  readonly waiting: Set<(grant: Grant<C>) => void>;
}

export class ConnectionPool<C extends Poolable> {
  readonly #options: PoolOptions;
  readonly #groups = new Map<string, Group<C>>();
  /** The one that was used last stands last. */
  readonly #idle = new Set<Idle<C>>();
  readonly #open = new Set<C>();
  #closed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
    options.limit.onFree(() => this.#serve());
  }

  /** Connections that nobody uses. */
  get idle(): number {
    return this.#idle.size;
  }

  /** A connection that is ready now, where there is one: who takes it need not wait. */
  tryLease(key: string): Lease<C> | undefined {
    const group = this.#groups.get(key);
    const idle = group === undefined || group.waiting.size > 0 ? undefined : this.#takeIdle(group);
    return group && idle && this.#leaseOf(group, idle);
  }

  /** Rejects with PoolExhausted, the signal's reason, or what `open` rejects with. */
  async lease(key: string, open: Open<C>, signal: AbortSignal): Promise<Lease<C>> {
    signal.throwIfAborted();
    const group = this.#groupOf(key);
    const began = performance.now();
    const atOnce = group.waiting.size === 0 ? this.#take(group) : undefined;
    const grant = atOnce ?? (await this.#turn(group, signal));
    if ('place' in grant) {
      this.#options.limit.acquired(atOnce === undefined ? performance.now() - began : undefined);
    }
    const connection = 'connection' in grant ? grant.connection : await this.#connect(group, grant.place, open, signal);
    return this.#leaseOf(group, connection);
  }

  #leaseOf(group: Group<C>, connection: C): Lease<C> {
    let held = true;
    return {
      connection,
      release: () => {
        if (held) {
          held = false;
          void this.#giveBack(group, connection);
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

  #groupOf(key: string): Group<C> {
    const group = this.#groups.get(key) ?? { key, open: 0, returning: 0, waiting: new Set() };
    this.#groups.set(key, group);
    return group;
  }

  /** `others` wait too. */
  #take(group: Group<C>, others = 0): Grant<C> | undefined {
    const connection = this.#takeIdle(group);
    if (connection !== undefined) {
      return { connection };
    }
    // One that is about to be ready comes sooner than a new one.
    const isDue = group.returning > others;
    const place = isDue || group.open >= this.#options.maxPerKey ? undefined : this.#options.limit.tryTake();
    if (place === undefined) {
      return undefined;
    }
    group.open += 1;
    return { place };
  }

  #takeIdle(group: Group<C>): C | undefined {
    const idle = [...this.#idle].findLast((one) => one.group === group && one.connection.usable);
    if (idle !== undefined) {
      this.#forgetIdle(idle);
      idle.connection.hold(true);
    }
    return idle?.connection;
  }

  #turn(group: Group<C>, signal: AbortSignal): Promise<Grant<C>> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        group.waiting.delete(proceed);
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
        this.#forgetEmpty(group);
      };
      const proceed = (grant: Grant<C>): void => {
        settle();
        resolve(grant);
      };
      const onAbort = (): void => {
        settle();
        reject(signal.reason as Error);
      };
      const timer = setTimeout(() => {
        settle();
        reject(new PoolExhausted('too many connections'));
      }, this.#options.maxWaitMs ?? MAX_WAIT_MS);
      group.waiting.add(proceed);
      signal.addEventListener('abort', onAbort);
      if (group.open < this.#options.maxPerKey && !this.#options.limit.free) {
        // Somebody else's that is idle makes room.
        const [oldest] = this.#idle;
        oldest?.connection.destroy();
      }
    });
  }

  /** Gives what has become free to those who wait. */
  #serve(): void {
    for (const group of this.#groups.values()) {
      for (const proceed of group.waiting) {
        const grant = this.#take(group, group.waiting.size - 1);
        if (grant === undefined) {
          break;
        }
        proceed(grant);
      }
    }
  }

  async #connect(group: Group<C>, place: Disposable, open: Open<C>, signal: AbortSignal): Promise<C> {
    const opened: { connection?: C } = {};
    let closed = false;
    const onClose = (): void => {
      if (closed) {
        return;
      }
      closed = true;
      group.open -= 1;
      this.#forget(opened.connection);
      this.#forgetEmpty(group);
      // Tells those who wait.
      place[Symbol.dispose]();
    };
    try {
      const connection = await open(signal, onClose);
      opened.connection = connection;
      if (!closed) {
        this.#open.add(connection);
      }
      if (this.#closed) {
        connection.destroy();
      }
      return connection;
    } catch (error) {
      onClose();
      throw error;
    }
  }

  async #giveBack(group: Group<C>, connection: C): Promise<void> {
    let reusable = connection.usable;
    if (reusable && connection.clean !== true) {
      group.returning += 1;
      reusable = await connection.reset(AbortSignal.timeout(RESET_MS));
      group.returning -= 1;
    }
    if (!reusable || this.#closed) {
      connection.destroy();
      // Who waited for it may open one.
      this.#serve();
      return;
    }
    connection.hold(false);
    const timer = setTimeout(() => connection.destroy(), this.#options.idleMs ?? IDLE_MS).unref();
    this.#idle.add({ group, connection, timer });
    this.#serve();
    const [oldest] = this.#idle;
    if (this.#idle.size > MAX_IDLE || this.#hasToMakeRoom()) {
      oldest?.connection.destroy();
    }
  }

  /** Who may open one more, and finds no place. */
  #hasToMakeRoom(): boolean {
    return this.#groups.values().some(({ waiting, open }) => waiting.size > 0 && open < this.#options.maxPerKey);
  }

  #forget(connection: C | undefined): void {
    if (connection === undefined) {
      return;
    }
    this.#open.delete(connection);
    const idle = this.#idle.values().find((one) => one.connection === connection);
    if (idle !== undefined) {
      this.#forgetIdle(idle);
    }
  }

  #forgetIdle(idle: Idle<C>): void {
    clearTimeout(idle.timer);
    this.#idle.delete(idle);
  }

  /** Guests may make up any number of keys. */
  #forgetEmpty(group: Group<C>): void {
    if (group.open === 0 && group.waiting.size === 0) {
      this.#groups.delete(group.key);
    }
  }
}
