// A server of the loopback at an address that pods reach too.
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';

export interface Relay {
  readonly port: number;
  stop(): void;
}

export async function startRelay(address: string, target: number): Promise<Relay> {
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    client.pipe(upstream).pipe(client);
    client.on('error', () => upstream.destroy());
    upstream.on('error', () => client.destroy());
  });
  server.listen(0, address);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    stop() {
      server.close();
    },
  };
}
