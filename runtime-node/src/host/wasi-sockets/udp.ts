// wasi:sockets udp and udp-create-socket: the functions of the WIT over UdpSocket and its streams.
import { ok, plain, waiting, type HostInterface } from '../../component/index.ts';
import type { Guest } from '../guest.ts';
import { fromWit, type IpAddressFamily, type IpSocketAddress } from './address.ts';
import { IncomingDatagramStream, OutgoingDatagramStream, type OutgoingDatagram } from './datagram-streams.ts';
import { fail } from './error-code.ts';
import { optionFunctions } from './options.ts';
import { rightsOf, type SocketsState } from './rights.ts';
import type { Network } from './socket.ts';
import { UDP_OPTIONS, UdpSocket } from './udp-socket.ts';

/** Not repeatable: what was sent is sent. */
export const udp: HostInterface<Guest> = {
  resources: {
    'udp-socket': UdpSocket,
    'incoming-datagram-stream': IncomingDatagramStream,
    'outgoing-datagram-stream': OutgoingDatagramStream,
  },
  functions: {
    ...optionFunctions('udp-socket', UDP_OPTIONS),
    '[method]udp-socket.start-bind': plain((_guest, self: UdpSocket, _network: Network, local: IpSocketAddress) =>
      self.startBind(fromWit(local)),
    ),
    '[method]udp-socket.finish-bind': plain((_guest, self: UdpSocket) => self.finishBind()),
    '[method]udp-socket.stream': waiting((_guest, self: UdpSocket, remote: IpSocketAddress | undefined) =>
      self.stream(remote && fromWit(remote)),
    ),
    '[method]udp-socket.local-address': plain((_guest, self: UdpSocket) => self.localAddress()),
    '[method]udp-socket.remote-address': plain((_guest, self: UdpSocket) => self.remoteAddress()),
    '[method]udp-socket.address-family': plain((_guest, self: UdpSocket) => self.family),
    '[method]udp-socket.subscribe': plain((_guest, self: UdpSocket) => self.subscribe()),
    '[method]incoming-datagram-stream.receive': plain((_guest, self: IncomingDatagramStream, max: bigint) =>
      self.receive(max),
    ),
    '[method]incoming-datagram-stream.subscribe': plain((_guest, self: IncomingDatagramStream) => self.subscribe()),
    '[method]outgoing-datagram-stream.check-send': plain((_guest, self: OutgoingDatagramStream) => self.checkSend()),
    '[method]outgoing-datagram-stream.send': waiting(
      (_guest, self: OutgoingDatagramStream, datagrams: readonly OutgoingDatagram[]) => self.send(datagrams),
    ),
    '[method]outgoing-datagram-stream.subscribe': plain((_guest, self: OutgoingDatagramStream) => self.subscribe()),
  },
};

export const udpCreateSocket = (state: SocketsState): HostInterface<Guest> => ({
  repeatable: true,
  resources: {},
  functions: {
    'create-udp-socket': plain((guest: Guest, family: IpAddressFamily) => {
      const rights = rightsOf(state, guest);
      const place = rights.takePlace();
      return place === undefined ? fail('new-socket-limit') : ok(new UdpSocket(family, rights, place));
    }),
  },
});
