// Servers on addresses that a flag gives.
import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import { UserError } from '@spindle/api';
import type { BindAddress } from './go-flags.ts';

/** The port, which the system chooses when the flag says 0. */
export async function listen(server: Server, { host, port }: BindAddress, flag: string): Promise<number> {
  try {
    server.listen({ port, ...(host === undefined ? {} : { host }) });
    await once(server, 'listening');
  } catch (cause) {
    throw new UserError(`cannot listen on ${host ?? ''}:${port}: ${cause instanceof Error ? cause.message : cause}`, {
      code: 'SPK6003',
      remedy: `Give --${flag} another address.`,
      cause,
    });
  }
  return (server.address() as AddressInfo).port;
}

/** Those who are connected are cut off. */
export async function close(server: Server & { closeAllConnections?: () => void }): Promise<void> {
  if (!server.listening) {
    return;
  }
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections?.();
  await closed;
}
