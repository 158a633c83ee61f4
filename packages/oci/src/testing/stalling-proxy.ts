// A connection that dies slowly: passes on so many bytes of the server's answers, then nothing more.
import { connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export interface StallingProxy {
  /** `127.0.0.1:<port>` */
  readonly host: string;
  /** Settles when the last byte has been passed on. */
  readonly stalled: Promise<void>;
}

export async function startStallingProxy(target: string, bytes: number): Promise<StallingProxy> {
  const [host, port] = target.split(':');
  const sockets = new Set<Socket>();
  const stalled = Promise.withResolvers<void>();
  let left = bytes;
  const server = createServer((client) => {
    const upstream = connect(Number(port), host);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      // expected: the client is killed while it waits.
      socket.on('error', () => undefined);
    }
    client.pipe(upstream);
    upstream.on('data', (chunk: Buffer) => {
      const part = chunk.subarray(0, left);
      left -= part.byteLength;
      client.write(part, () => {
        if (left === 0) {
          stalled.resolve();
        }
      });
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => {
    for (const socket of sockets) {
      socket.destroy();
    }
    server.close();
  });
  const address = server.address();
  return {
    host: `127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}`,
    stalled: stalled.promise,
  };
}
