// wasi:sockets ip-name-lookup: no guest may look up a name, whatever the name (spin-contract.md §3.10).
import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { err, plain, type HostInterface, type Result } from '../../component/index.ts';
import type { Guest } from '../guest.ts';
import { PollableSource } from '../io/streams.ts';
import type { ErrorCode } from './error-code.ts';
import type { Network } from './socket.ts';

/** What a look-up would give; none is ever made. */
abstract class ResolveAddressStream extends PollableSource {
  abstract next(): Result<unknown, ErrorCode>;
}

export const ipNameLookup: HostInterface<Guest> = {
  repeatable: true,
  resources: { 'resolve-address-stream': ResolveAddressStream },
  functions: {
    'resolve-addresses': plain((_guest, _network: Network, name: string) =>
      err<ErrorCode>(isHostName(name) ? 'permanent-resolver-failure' : 'invalid-argument'),
    ),
    '[method]resolve-address-stream.resolve-next-address': plain((_guest, self: ResolveAddressStream) => self.next()),
    '[method]resolve-address-stream.subscribe': plain((_guest, self: ResolveAddressStream) => self.subscribe()),
  },
};

/** An IP address, or a host by the rules of URLs, from which everything that is not host has been taken. */
export function isHostName(name: string): boolean {
  return isIP(name) !== 0 || (!/[/?#\\]/.test(name) && domainToASCII(name) !== '');
}
