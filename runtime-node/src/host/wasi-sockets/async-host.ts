// wasi:sockets 0.3 (spin-contract.md §4.13) over the sockets of 0.2, with their rights: nothing listens, nothing of TCP binds, no name is
// looked up.
import {
  err,
  ok,
  plain,
  waiting,
  type HostFunction,
  type HostInterface,
  type Result,
  type StreamReader,
} from '../../component/index.ts';
import type { Guest } from '../guest.ts';
import type { IpAddressFamily, IpSocketAddress } from './address.ts';
import { asyncFail, asyncResult, type AsyncErrorCode } from './async-error-code.ts';
import { AsyncTcpSocket } from './async-tcp-socket.ts';
import { AsyncUdpSocket } from './async-udp-socket.ts';
import type { ErrorCode } from './error-code.ts';
import { isHostName } from './name-lookup.ts';
import { optionFunctions, type OptionValues } from './options.ts';
import { rightsOf, type SocketsState } from './rights.ts';
import { TCP_OPTIONS } from './tcp-socket.ts';
import { UDP_OPTIONS } from './udp-socket.ts';

interface Wrapper {
  readonly inner: object;
}

type Option = (guest: Guest, self: object, ...value: readonly unknown[]) => Result<unknown, ErrorCode>;

/** Those of 0.2 on the socket within, as `get-` and `set-`. */
const options = (resource: string, initial: OptionValues): Record<string, HostFunction<Guest>> =>
  Object.fromEntries(
    Object.entries(optionFunctions(resource, initial)).map(([name, { call }]) => {
      const option = call as unknown as Option;
      const [start = '', last = ''] = name.split('.');
      return [
        `${start}.${last.startsWith('set-') ? last : `get-${last}`}`,
        plain((guest: Guest, self: Wrapper, ...value: readonly unknown[]) =>
          asyncResult(option(guest, self.inner, ...value)),
        ),
      ];
    }),
  );

const DENIED: Result<never, AsyncErrorCode> = err({ tag: 'access-denied' });

const tcp = (state: SocketsState): Record<string, HostFunction<Guest>> => ({
  ...options('tcp-socket', TCP_OPTIONS),
  '[static]tcp-socket.create': plain((guest: Guest, family: IpAddressFamily) =>
    ok(new AsyncTcpSocket(family, rightsOf(state, guest))),
  ),
  '[method]tcp-socket.bind': plain(() => DENIED),
  '[method]tcp-socket.listen': plain(() => DENIED),
  '[method]tcp-socket.connect': waiting((_guest, self: AsyncTcpSocket, remote: IpSocketAddress) =>
    self.connect(remote),
  ),
  '[method]tcp-socket.send': plain((_guest, self: AsyncTcpSocket, bytes: StreamReader) => self.send(bytes)),
  '[method]tcp-socket.receive': plain((_guest, self: AsyncTcpSocket) => self.receive()),
  '[method]tcp-socket.get-local-address': plain((_guest, { inner }: AsyncTcpSocket) =>
    asyncResult(inner.localAddress()),
  ),
  '[method]tcp-socket.get-remote-address': plain((_guest, { inner }: AsyncTcpSocket) =>
    asyncResult(inner.remoteAddress()),
  ),
  '[method]tcp-socket.get-is-listening': plain(() => false),
  '[method]tcp-socket.get-address-family': plain((_guest, { inner }: AsyncTcpSocket) => inner.family),
  '[method]tcp-socket.set-listen-backlog-size': plain((_guest, { inner }: AsyncTcpSocket, value: bigint) =>
    asyncResult(inner.setListenBacklogSize(value)),
  ),
});

const udp = (state: SocketsState): Record<string, HostFunction<Guest>> => ({
  ...options('udp-socket', UDP_OPTIONS),
  '[static]udp-socket.create': plain((guest: Guest, family: IpAddressFamily) => {
    const rights = rightsOf(state, guest);
    const place = rights.takePlace();
    return place === undefined ? asyncFail('new-socket-limit') : ok(new AsyncUdpSocket(family, rights, place));
  }),
  '[method]udp-socket.bind': plain((_guest, self: AsyncUdpSocket, local: IpSocketAddress) => self.bind(local)),
  '[method]udp-socket.connect': waiting((_guest, self: AsyncUdpSocket, remote: IpSocketAddress) =>
    self.connect(remote),
  ),
  '[method]udp-socket.disconnect': waiting((_guest, self: AsyncUdpSocket) => self.disconnect()),
  '[method]udp-socket.send': waiting(
    (_guest, self: AsyncUdpSocket, data: Uint8Array, remote: IpSocketAddress | undefined) => self.send(data, remote),
  ),
  '[method]udp-socket.receive': waiting((_guest, self: AsyncUdpSocket) => self.receive()),
  '[method]udp-socket.get-local-address': plain((_guest, { inner }: AsyncUdpSocket) =>
    asyncResult(inner.localAddress()),
  ),
  '[method]udp-socket.get-remote-address': plain((_guest, { inner }: AsyncUdpSocket) =>
    asyncResult(inner.remoteAddress()),
  ),
  '[method]udp-socket.get-address-family': plain((_guest, { inner }: AsyncUdpSocket) => inner.family),
});

/** Not repeatable: what was begun is seen by the peer. */
export const asyncTypes = (state: SocketsState): HostInterface<Guest> => ({
  resources: { 'tcp-socket': AsyncTcpSocket, 'udp-socket': AsyncUdpSocket },
  functions: { ...tcp(state), ...udp(state) },
});

export const asyncNameLookup: HostInterface<Guest> = {
  repeatable: true,
  resources: {},
  functions: {
    'resolve-addresses': waiting((_guest, name: string) =>
      err({ tag: isHostName(name) ? 'permanent-resolver-failure' : 'invalid-argument' }),
    ),
  },
};
