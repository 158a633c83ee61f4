// Which connection an exchange goes over: one HTTP/2 session as long as it has room, a second one when a GOAWAY or the
// server's limit of streams asks for it, HTTP/1.1 where the server speaks nothing newer (kube-client 23).
import type { Clock } from '../clock.ts';
import type { ClusterAccess } from './access.ts';
import type { Connection, Incoming, Outgoing } from './connection.ts';
import { dialTls } from './dial.ts';
import { Http1Connection } from './http1-connection.ts';
import { openHttp2 } from './http2-connection.ts';

export class Connections {
  readonly #access: ClusterAccess;
  readonly #clock: Clock;
  #connections: Connection[] = [];
  #opening: Promise<Connection> | undefined;
  #end: Error | undefined;

  constructor(access: ClusterAccess, clock: Clock) {
    this.#access = access;
    this.#clock = clock;
  }

  /** Several that find no room wait for the same new connection. */
  async send(outgoing: Outgoing, signal: AbortSignal): Promise<Incoming> {
    for (;;) {
      // Whoever finds room takes it in the same turn, so that nobody else finds it too.
      const found = this.#connections.find((connection) => connection.hasRoom);
      if (found !== undefined) {
        outgoing.guard?.();
        return found.send(outgoing, signal);
      }
      this.#opening ??= this.#open().finally(() => (this.#opening = undefined));
      await this.#opening;
      signal.throwIfAborted();
    }
  }

  /** The next exchange begins with new credentials, and what is under way goes on. */
  retire(): void {
    for (const connection of this.#connections) {
      connection.retire();
    }
  }

  destroy(reason: Error): void {
    this.#end = reason;
    for (const connection of this.#connections) {
      connection.destroy(reason);
    }
  }

  async #open(): Promise<Connection> {
    const connection = await this.#dial();
    if (this.#end !== undefined) {
      connection.destroy(this.#end);
      throw this.#end;
    }
    this.#connections = [...this.#connections.filter(({ isOver }) => !isOver), connection];
    return connection;
  }

  async #dial(): Promise<Connection> {
    const { server } = this.#access;
    if (server.protocol === 'http:') {
      return new Http1Connection(this.#access);
    }
    const socket = await dialTls(this.#access, ['h2', 'http/1.1']);
    if (socket.alpnProtocol === 'h2') {
      return openHttp2(server.origin, socket, this.#clock);
    }
    socket.destroy();
    return new Http1Connection(this.#access);
  }
}
