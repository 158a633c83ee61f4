// wasi:sockets tcp and tcp-create-socket.
import { err, ok, plain, type HostInterface } from '../../component/index.ts';
import type { Guest } from '../guest.ts';
import { refuse, Socket, socketFunctions, type IpAddressFamily } from './socket.ts';

class TcpSocket extends Socket {}

const SECOND = 1_000_000_000n;

/** Linux: tcp_keepalive_*, ip_default_ttl, and the defaults of tcp_rmem and tcp_wmem. */
const OPTIONS = {
  'keep-alive-enabled': false,
  'keep-alive-idle-time': 7200n * SECOND,
  'keep-alive-interval': 75n * SECOND,
  'keep-alive-count': 9,
  'hop-limit': 64,
  'receive-buffer-size': 131_072n,
  'send-buffer-size': 16_384n,
};

export const tcp: HostInterface<Guest> = {
  repeatable: true,
  resources: { 'tcp-socket': TcpSocket },
  functions: {
    ...socketFunctions('tcp-socket', OPTIONS),
    '[method]tcp-socket.start-connect': refuse('access-denied'),
    '[method]tcp-socket.finish-connect': refuse('not-in-progress'),
    '[method]tcp-socket.start-listen': refuse('access-denied'),
    '[method]tcp-socket.finish-listen': refuse('not-in-progress'),
    '[method]tcp-socket.accept': refuse('invalid-state'),
    '[method]tcp-socket.shutdown': refuse('invalid-state'),
    '[method]tcp-socket.is-listening': plain(() => false),
    '[method]tcp-socket.set-listen-backlog-size': plain((_guest, _self: TcpSocket, value: bigint) =>
      value === 0n ? err('invalid-argument') : ok(undefined),
    ),
  },
};

export const tcpCreateSocket: HostInterface<Guest> = {
  repeatable: true,
  resources: {},
  functions: { 'create-tcp-socket': plain((_guest, family: IpAddressFamily) => ok(new TcpSocket(family))) },
};
