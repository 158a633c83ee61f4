// The socket that an application listens on while it is watched. It belongs to the watching, not to a run: each run
// gets a duplicate of its descriptor, so that connections wait in its queue while one run follows another, and none is
// refused or reset (threads of a run share it in the same way).
import { closeSync } from 'node:fs';
import { createServer } from 'node:net';
import { bind, descriptorOf, duplicateDescriptor, type ListenAddress } from '@spindle/runtime';

export class ListeningSocket {
  readonly address: ListenAddress;
  readonly #fd: number;

  private constructor(address: ListenAddress, fd: number) {
    this.address = address;
    this.#fd = fd;
  }

  static async open(address: ListenAddress, findFreePort: boolean): Promise<ListeningSocket> {
    const server = createServer();
    const bound = await bind(server, { address, findFreePort });
    const fd = duplicateDescriptor(descriptorOf(server));
    // Only its own descriptor; from here on nobody accepts until the first run does.
    await new Promise((resolve) => server.close(resolve));
    return new ListeningSocket(bound, fd);
  }

  /** For one run, which closes it. */
  descriptor(): number {
    return duplicateDescriptor(this.#fd);
  }

  close(): void {
    closeSync(this.#fd);
  }
}
