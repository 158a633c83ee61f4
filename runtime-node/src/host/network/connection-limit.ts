// How many connections may be open at one time. A limit may lie within another: what is taken of it is taken of both,
// as `max_socket_connections` and `[outbound_http] max_connections` lie within `max_total_connections`
// (spin-contract.md §5.1). What is taken of a kind that somebody watches is counted as Spin does (§8.1).
import type { Instruments } from '../../telemetry/instruments.ts';

/** Connections of one kind. */
export interface WatchedKind {
  readonly kind: string;
  readonly instruments: Instruments;
}

/**
 * What of a limit of the app falls to one of the threads that serve it, each of which has connections of its own. Together
 * they keep to it as long as each has one.
 */
export const limitPerThread = (limit: number | undefined, threads: number): number | undefined =>
  limit === undefined || limit === 0 ? limit : Math.max(1, Math.floor(limit / threads));

export class ConnectionLimit {
  readonly #max: number;
  /** This one, then those around it. */
  readonly #chain: readonly ConnectionLimit[];
  readonly #listeners: (() => void)[];
  readonly #watched: WatchedKind | undefined;
  /** The one among the chain that is of a kind. */
  readonly #ofKind: ConnectionLimit | undefined;
  #taken = 0;

  /** `max` undefined is no limit but that of the whole. */
  constructor(max: number | undefined, whole?: ConnectionLimit, watched?: WatchedKind) {
    const around = whole === undefined ? undefined : { watched: whole.#watched, ofKind: whole.#ofKind };
    this.#watched = watched ?? around?.watched;
    this.#ofKind = watched === undefined ? around?.ofKind : this;
    this.#max = max ?? Number.POSITIVE_INFINITY;
    this.#chain = whole === undefined ? [this] : [this, ...whole.#chain];
    this.#listeners = whole === undefined ? [] : whole.#listeners;
  }

  get taken(): number {
    return this.#taken;
  }

  /** Whether a place can be had now. */
  get free(): boolean {
    return this.#chain.every((limit) => limit.#taken < limit.#max);
  }

  /** A place, to be disposed with the connection; undefined when there is none. */
  tryTake(): Disposable | undefined {
    if (!this.free) {
      return undefined;
    }
    this.#add(1);
    let held = true;
    return {
      [Symbol.dispose]: () => {
        if (held) {
          held = false;
          this.#add(-1);
          this.#tellShares();
          for (const listener of this.#listeners) {
            listener();
          }
        }
      },
    };
  }

  /** Tells who watches of a place that was taken; `waitedMs` when somebody had to wait for it. */
  acquired(waitedMs?: number): void {
    if (this.#watched === undefined) {
      return;
    }
    const { kind, instruments } = this.#watched;
    if (waitedMs !== undefined) {
      instruments.record('outbound_connection_permit_wait_duration_ms', { kind }, waitedMs);
    }
    instruments.add('outbound_connection_permits_acquired', { kind, waited: waitedMs !== undefined });
    this.#tellShares();
  }

  /** Tells who watches that a connection was refused for want of a place. */
  rejected(): void {
    const limit = this.#whole !== this && this.#whole.#taken >= this.#whole.#max ? 'global' : 'factor';
    this.#watched?.instruments.add('outbound_connection_permits_rejected', { kind: this.#watched.kind, limit });
  }

  /** How much is taken of what the configuration limits. */
  #tellShares(): void {
    if (this.#watched === undefined) {
      return;
    }
    const { kind, instruments } = this.#watched;
    const [own, whole] = [this.#ofKind === undefined ? undefined : this.#ofKind.#share, this.#whole.#share];
    if (own !== undefined) {
      instruments.record('outbound_connection_factor_utilization', { kind }, own);
    }
    if (whole !== undefined) {
      instruments.record('outbound_connection_global_utilization', {}, whole);
    }
  }

  /** That of all connections, which has no other around it. */
  get #whole(): ConnectionLimit {
    return this.#chain.at(-1) ?? this;
  }

  get #share(): number | undefined {
    return Number.isFinite(this.#max) && this.#max > 0 ? this.#taken / this.#max : undefined;
  }

  /** Calls `listener` each time that a place was given back here or anywhere in the whole; others may have taken it. */
  onFree(listener: () => void): void {
    this.#listeners.push(listener);
  }

  #add(by: 1 | -1): void {
    for (const limit of this.#chain) {
      limit.#taken += by;
    }
  }
}
