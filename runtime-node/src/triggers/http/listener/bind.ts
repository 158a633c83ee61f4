// Begins to listen: on the address that was given, a free port after it, or a socket that listens already.
import type { AddressInfo, Server } from 'node:net';
import { UserError } from '@spindle/api';
import { formatAddress, type ListenAddress, type ListenerOptions } from '../address.ts';

/** spin-contract.md §3.5 `--find-free-port`. */
const FREE_PORT_TRIES = 10;

/** Resolves with the address that was bound. */
export async function bind(
  server: Server,
  options: Pick<ListenerOptions, 'address' | 'socket' | 'findFreePort'>,
): Promise<ListenAddress> {
  if (options.socket !== undefined) {
    await listenOn(server, options.socket);
    return boundAddress(server);
  }
  const { host, port } = options.address;
  const tries = options.findFreePort && port !== 0 ? FREE_PORT_TRIES : 1;
  for (let offset = 0; offset < tries; offset += 1) {
    if (await bindTo(server, host, port + offset)) {
      return boundAddress(server);
    }
  }
  throw options.findFreePort
    ? new UserError(
        `Couldn't find a free port in the range ${port}-${port + tries - 1}. Consider retrying with a different base port.`,
        { code: 'SPK4030', field: '--listen' },
      )
    : new UserError(
        `${formatAddress(options.address)} is already in use. To have Spin search for a free port, use the --find-free-port option.`,
        { code: 'SPK4030', field: '--listen' },
      );
}

function boundAddress(server: Server): ListenAddress {
  const { address, port } = server.address() as AddressInfo;
  return { host: address, port };
}

/** The descriptor of the socket that a server listens on. Node shows it nowhere else. */
export function descriptorOf(server: Server): number {
  const fd = (server as Server & { readonly _handle?: { readonly fd?: number } })._handle?.fd;
  if (fd === undefined || fd < 0) {
    throw new Error('the server does not listen');
  }
  return fd;
}

function listenOn(server: Server, fd: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ fd }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** False when the port is taken. */
function bindTo(server: Server, host: string, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => {
      server.off('listening', bound);
      if (error.code === 'EADDRINUSE') {
        resolve(false);
      } else {
        reject(
          new UserError(`cannot listen on ${formatAddress({ host, port })}: ${error.message}`, {
            code: 'SPK4031',
            field: '--listen',
            remedy: 'Give an address of this machine and a port that you may use.',
            cause: error,
          }),
        );
      }
    };
    const bound = (): void => {
      server.off('error', failed);
      resolve(true);
    };
    server.once('error', failed);
    server.once('listening', bound);
    server.listen({ host, port });
  });
}
