// wasi:sockets udp and udp-create-socket. A datagram stream is made of a bound socket, and none is ever bound; the
// classes say what one would do.
import { ok, plain, type HostInterface, type Result } from '../../component/index.ts';
import type { Guest } from '../guest.ts';
import { PollableSource } from '../io/streams.ts';
import { refuse, Socket, socketFunctions, type ErrorCode, type IpAddressFamily } from './socket.ts';

class UdpSocket extends Socket {}

abstract class IncomingDatagramStream extends PollableSource {
  abstract receive(maxResults: bigint): Result<readonly unknown[], ErrorCode>;
}

abstract class OutgoingDatagramStream extends PollableSource {
  abstract checkSend(): Result<bigint, ErrorCode>;
  abstract send(datagrams: readonly unknown[]): Result<bigint, ErrorCode>;
}

/** Linux: ip_default_ttl, rmem_default and wmem_default. */
const OPTIONS = {
  'unicast-hop-limit': 64,
  'receive-buffer-size': 212_992n,
  'send-buffer-size': 212_992n,
};

export const udp: HostInterface<Guest> = {
  repeatable: true,
  resources: {
    'udp-socket': UdpSocket,
    'incoming-datagram-stream': IncomingDatagramStream,
    'outgoing-datagram-stream': OutgoingDatagramStream,
  },
  functions: {
    ...socketFunctions('udp-socket', OPTIONS),
    '[method]udp-socket.stream': refuse('invalid-state'),
    '[method]incoming-datagram-stream.receive': plain((_guest, self: IncomingDatagramStream, max: bigint) =>
      self.receive(max),
    ),
    '[method]incoming-datagram-stream.subscribe': plain((_guest, self: IncomingDatagramStream) => self.subscribe()),
    '[method]outgoing-datagram-stream.check-send': plain((_guest, self: OutgoingDatagramStream) => self.checkSend()),
    '[method]outgoing-datagram-stream.send': plain((_guest, self: OutgoingDatagramStream, datagrams: unknown[]) =>
      self.send(datagrams),
    ),
    '[method]outgoing-datagram-stream.subscribe': plain((_guest, self: OutgoingDatagramStream) => self.subscribe()),
  },
};

export const udpCreateSocket: HostInterface<Guest> = {
  repeatable: true,
  resources: {},
  functions: { 'create-udp-socket': plain((_guest, family: IpAddressFamily) => ok(new UdpSocket(family))) },
};
