// A proxy of bytes before a server: counts connections, and can hold them still as a network does that has lost one.
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface TcpProxy {
  readonly port: number;
  /** All there ever were. */
  readonly connections: number;
  /** No byte goes either way on the connections of now; new ones are as before. */
  freeze(): void;
  /** Ends the connections of now without a word. */
  cut(): void;
  /** Settles when the server has sent something. */
  serverSaid(): Promise<void>;
  close(): Promise<void>;
}

export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let connections = 0;
  let waiting: () => void = Promise.withResolvers<void>().resolve;
  const server = createServer((client) => {
    connections += 1;
    const target = connect(targetPort, '127.0.0.1');
    const pair = [client, target] as const;
    pairs.add(pair);
    target.on('data', () => waiting());
    for (const socket of pair) {
      socket.on('error', () => {
        // expected: the other end breaks off; `close` follows.
      });
      socket.once('close', () => {
        pairs.delete(pair);
        client.destroy();
        target.destroy();
      });
    }
    client.pipe(target).pipe(client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): void => {
    for (const [client, target] of pairs) {
      client.resetAndDestroy();
      target.resetAndDestroy();
    }
  };
  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return connections;
    },
    freeze() {
      for (const [client, target] of pairs) {
        client.unpipe();
        target.unpipe();
        client.pause();
        target.pause();
      }
    },
    cut,
    serverSaid: () => new Promise((resolve) => (waiting = resolve)),
    async close() {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
