// One connection to a Redis server that the operator names, shared by all who ask: opened at the first command, and anew
// after it was lost. The manifest has no say here, nor have blocked networks: a guest does not choose the address.
import { platformTrust } from '../http/client/trust.ts';
import { NOTHING_BLOCKED, openTcp, startTls, type Resolve } from '../network/index.ts';
import { openConnection } from './open-connection.ts';
import type { Argument, RedisConnection } from './client/connection.ts';
import type { Reply } from './client/reply.ts';
import type { RedisTarget } from './target.ts';

export class SharedConnection {
  readonly #target: RedisTarget;
  readonly #resolve: Resolve;
  readonly #closing = new AbortController();
  #connection: Promise<RedisConnection> | undefined;

  constructor(target: RedisTarget, resolve: Resolve) {
    this.#target = target;
    this.#resolve = resolve;
  }

  /** Rejects with ConnectionLost, ProtocolError or ConnectError. Nothing is sent twice: it may have been done once. */
  async send(command: string, args: readonly Argument[]): Promise<Reply> {
    return (await this.connected()).send(command, args);
  }

  async connected(): Promise<RedisConnection> {
    const current = this.#connection;
    if (current !== undefined) {
      const connection = await current;
      if (connection.usable) {
        return connection;
      }
    }
    // Whoever comes first opens it for all.
    if (this.#connection === current) {
      const opening = this.#open();
      this.#connection = opening;
      opening.catch(() => {
        if (this.#connection === opening) {
          this.#connection = undefined;
        }
      });
    }
    return this.#connection as Promise<RedisConnection>;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    const connection = await this.#connection?.catch(() => undefined);
    connection?.destroy();
  }

  async #open(): Promise<RedisConnection> {
    const connection = await openConnection(this.#target, (signal) => this.#socket(signal), {
      signal: this.#closing.signal,
      onClose: () => {},
      // None of the commands of a store takes its time.
      answersAtOnce: true,
    });
    connection.hold(false);
    return connection;
  }

  async #socket(signal: AbortSignal) {
    const socket = await openTcp(this.#target, { resolve: this.#resolve, blocked: NOTHING_BLOCKED, signal });
    return this.#target.tls
      ? startTls(socket, this.#target.host, { alpn: [], secureContext: platformTrust() }, signal)
      : socket;
  }
}
