// The number of a cluster, held as long as the process lives that started it: a socket without a file, which the kernel
// lets go of however the process ends (unix(7), abstract sockets).
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { MAX_CLUSTERS } from './addresses.ts';

export interface Claim {
  readonly number: number;
  release(): void;
}

export async function claimNumber(): Promise<Claim> {
  for (let number = 0; number < MAX_CLUSTERS; number += 1) {
    const server = createServer();
    if (await listens(server, `\0spindle-cluster-${number}`)) {
      server.unref();
      return { number, release: () => server.close() };
    }
  }
  throw new Error(`${MAX_CLUSTERS} clusters run on this machine, and no more fit: stop one`);
}

async function listens(server: Server, path: string): Promise<boolean> {
  server.listen(path);
  try {
    await once(server, 'listening');
    return true;
  } catch {
    // expected: that one is taken.
    return false;
  }
}
