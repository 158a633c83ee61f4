// The socket that an application listens on while it is watched. It belongs to the watching, not to a run: each run
// gets a duplicate of its descriptor, so that connections wait in its queue while one run follows another, and none is
// refused or reset (threads of a run share it in the same way).
import { closeSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { UserError } from '@spindle/api';
import { duplicateDescriptor, formatAddress, type ListenAddress } from '@spindle/runtime';

/** As `up --find-free-port` tries (spin-contract.md §3.5). */
const FREE_PORT_TRIES = 10;

export class ListeningSocket {
  readonly address: ListenAddress;
  readonly #fd: number;

  private constructor(address: ListenAddress, fd: number) {
    this.address = address;
    this.#fd = fd;
  }

  static async open(wanted: ListenAddress, findFreePort: boolean): Promise<ListeningSocket> {
    const tries = findFreePort && wanted.port !== 0 ? FREE_PORT_TRIES : 1;
    for (let offset = 0; ; offset += 1) {
      try {
        return await ListeningSocket.#bind({ ...wanted, port: wanted.port + offset });
      } catch (error) {
        if (offset + 1 >= tries || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') {
          throw cannotListen(wanted, error);
        }
      }
    }
  }

  static async #bind({ host, port }: ListenAddress): Promise<ListeningSocket> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port }, resolve);
    });
    const bound = server.address() as AddressInfo;
    const fd = duplicateDescriptor(descriptorOf(server));
    // Only its own descriptor; from here on nobody accepts until the first run does.
    await new Promise((resolve) => server.close(resolve));
    return new ListeningSocket({ host: bound.address, port: bound.port }, fd);
  }

  /** For one run, which closes it. */
  descriptor(): number {
    return duplicateDescriptor(this.#fd);
  }

  close(): void {
    closeSync(this.#fd);
  }
}

/** Node shows it nowhere else. */
function descriptorOf(server: Server): number {
  const fd = (server as Server & { readonly _handle?: { readonly fd?: number } })._handle?.fd;
  if (fd === undefined || fd < 0) {
    throw new Error('the server does not listen');
  }
  return fd;
}

function cannotListen(address: ListenAddress, cause: unknown): UserError {
  const { code, message } = cause as NodeJS.ErrnoException;
  return code === 'EADDRINUSE'
    ? new UserError(
        `${formatAddress(address)} is already in use. To have Spin search for a free port, use the --find-free-port option.`,
        { code: 'SPK4030', field: '--listen', cause },
      )
    : new UserError(`cannot listen on ${formatAddress(address)}: ${message}`, {
        code: 'SPK4031',
        field: '--listen',
        remedy: 'Give an address of this machine and a port that you may use.',
        cause,
      });
}
