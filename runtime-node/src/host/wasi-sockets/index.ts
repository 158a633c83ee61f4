// wasi:sockets 0.2 (spin-contract.md §4.11): clients over TCP and UDP, each address asked for at the app's network.
// No name is looked up and nothing listens. Many guests import all of it without use.
import { plain, type HostInterface } from '../../component/index.ts';
import type { HostCapability } from '../capability.ts';
import type { Guest } from '../guest.ts';
import type { IoError } from '../io/streams.ts';
import type { OutboundNetwork } from '../network/index.ts';
import { SocketStreamError } from './error-code.ts';
import { ipNameLookup } from './name-lookup.ts';
import { Network } from './socket.ts';
import { tcp, tcpCreateSocket } from './tcp.ts';
import { udp, udpCreateSocket } from './udp.ts';

const network: HostInterface<Guest> = {
  repeatable: true,
  resources: { network: Network },
  functions: {
    'network-error-code': plain((_guest, error: IoError) =>
      error instanceof SocketStreamError ? error.code : undefined,
    ),
  },
};

const instanceNetwork: HostInterface<Guest> = {
  repeatable: true,
  resources: {},
  functions: { 'instance-network': plain(() => new Network()) },
};

const interfacesOver = (outbound: OutboundNetwork): ReadonlyMap<string, HostInterface<Guest>> =>
  new Map([
    ['wasi:sockets/network@0.2.12', network],
    ['wasi:sockets/instance-network@0.2.12', instanceNetwork],
    ['wasi:sockets/ip-name-lookup@0.2.12', ipNameLookup],
    ['wasi:sockets/tcp@0.2.12', tcp],
    ['wasi:sockets/tcp-create-socket@0.2.12', tcpCreateSocket(outbound)],
    ['wasi:sockets/udp@0.2.12', udp],
    ['wasi:sockets/udp-create-socket@0.2.12', udpCreateSocket(outbound)],
  ]);

interface SocketsState {
  readonly network: OutboundNetwork;
}

export const wasiSockets: HostCapability<undefined, SocketsState> = {
  id: 'wasi-sockets',
  interfaces: [
    'wasi:sockets/network@0.2.12',
    'wasi:sockets/instance-network@0.2.12',
    'wasi:sockets/ip-name-lookup@0.2.12',
    'wasi:sockets/tcp@0.2.12',
    'wasi:sockets/tcp-create-socket@0.2.12',
    'wasi:sockets/udp@0.2.12',
    'wasi:sockets/udp-create-socket@0.2.12',
  ],
  configKeys: [],
  parse: () => undefined,
  open: async (_config, app) => ({ network: app.network }),
  bind: (state) => interfacesOver(state.network),
};
