// A server on the loopback that does as it is told with each connection, for tests of clients that must cope.
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';

export interface ScriptedServer extends AsyncDisposable {
  readonly port: number;
  /** Connections that were made. */
  readonly accepted: number;
}

/** `script` is called with each chunk that comes; `count` is the number of those before it. */
export async function scriptedServer(
  script: (socket: Socket, chunk: Buffer, count: number) => void,
  onConnect: (socket: Socket) => void = () => {},
): Promise<ScriptedServer> {
  const sockets = new Set<Socket>();
  let accepted = 0;
  const server = createServer((socket) => {
    accepted += 1;
    sockets.add(socket);
    let count = 0;
    socket.on('data', (chunk) => script(socket, Buffer.from(chunk), count++));
    // expected: the client hangs up when it has had enough.
    socket.on('error', () => {});
    onConnect(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    get accepted() {
      return accepted;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) {
        socket.destroy();
      }
      server.close();
      await once(server, 'close');
    },
  };
}
