// wasi:sockets tcp and tcp-create-socket: the functions of the WIT over TcpSocket.
import { err, ok, plain, type HostFunction, type HostInterface } from '../../component/index.ts';
import type { Guest } from '../guest.ts';
import { fromWit, type IpAddressFamily, type IpSocketAddress } from './address.ts';
import type { ErrorCode } from './error-code.ts';
import { optionFunctions } from './options.ts';
import { rightsOf, type SocketsState } from './rights.ts';
import type { Network } from './socket.ts';
import { TCP_OPTIONS, TcpSocket, type ShutdownType } from './tcp-socket.ts';

/** Answers every call with one error. */
const refuse = (code: ErrorCode): HostFunction<Guest> => plain(() => err(code));

/** Not repeatable: a connection that was begun is seen by its peer. */
export const tcp: HostInterface<Guest> = {
  resources: { 'tcp-socket': TcpSocket },
  functions: {
    ...optionFunctions('tcp-socket', TCP_OPTIONS),
    '[method]tcp-socket.start-bind': refuse('access-denied'),
    '[method]tcp-socket.finish-bind': refuse('not-in-progress'),
    '[method]tcp-socket.start-connect': plain((_guest, self: TcpSocket, _network: Network, remote: IpSocketAddress) =>
      self.startConnect(fromWit(remote)),
    ),
    '[method]tcp-socket.finish-connect': plain((_guest, self: TcpSocket) => self.finishConnect()),
    // What is not bound cannot listen.
    '[method]tcp-socket.start-listen': refuse('invalid-state'),
    '[method]tcp-socket.finish-listen': refuse('not-in-progress'),
    '[method]tcp-socket.accept': refuse('invalid-state'),
    '[method]tcp-socket.local-address': plain((_guest, self: TcpSocket) => self.localAddress()),
    '[method]tcp-socket.remote-address': plain((_guest, self: TcpSocket) => self.remoteAddress()),
    '[method]tcp-socket.is-listening': plain(() => false),
    '[method]tcp-socket.address-family': plain((_guest, self: TcpSocket) => self.family),
    '[method]tcp-socket.set-listen-backlog-size': plain((_guest, self: TcpSocket, value: bigint) =>
      self.setListenBacklogSize(value),
    ),
    '[method]tcp-socket.subscribe': plain((_guest, self: TcpSocket) => self.subscribe()),
    '[method]tcp-socket.shutdown': plain((_guest, self: TcpSocket, type: ShutdownType) => self.shutdown(type)),
  },
};

export const tcpCreateSocket = (state: SocketsState): HostInterface<Guest> => ({
  repeatable: true,
  resources: {},
  functions: {
    'create-tcp-socket': plain((guest: Guest, family: IpAddressFamily) =>
      ok(new TcpSocket(family, rightsOf(state, guest))),
    ),
  },
});
