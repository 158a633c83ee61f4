// wasi:sockets 0.2 and 0.3 (spin-contract.md §4.11): clients over TCP and UDP, each address asked for at the app's network.
// No name is looked up and nothing listens. Many guests import all of it without use.
import { availableParallelism } from 'node:os';
import { plain, type HostInterface } from '../../component/index.ts';
import type { HostCapability } from '../capability.ts';
import type { Guest } from '../guest.ts';
import type { IoError } from '../io/streams.ts';
import { ConnectionLimit } from '../network/index.ts';
import { openFileLimit, readProcLimits } from '../open-file-limit.ts';
import { asyncNameLookup, asyncTypes } from './async-host.ts';
import { SocketStreamError } from './error-code.ts';
import { ipNameLookup } from './name-lookup.ts';
import { socketsPerThread, type SocketsState } from './rights.ts';
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

const interfacesOver = (state: SocketsState): ReadonlyMap<string, HostInterface<Guest>> =>
  new Map([
    ['wasi:sockets/network@0.2.12', network],
    ['wasi:sockets/instance-network@0.2.12', instanceNetwork],
    ['wasi:sockets/ip-name-lookup@0.2.12', ipNameLookup],
    ['wasi:sockets/tcp@0.2.12', tcp],
    ['wasi:sockets/tcp-create-socket@0.2.12', tcpCreateSocket(state)],
    ['wasi:sockets/udp@0.2.12', udp],
    ['wasi:sockets/udp-create-socket@0.2.12', udpCreateSocket(state)],
    ['wasi:sockets/types@0.3.0', asyncTypes(state)],
    ['wasi:sockets/ip-name-lookup@0.3.0', asyncNameLookup],
  ]);

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
    'wasi:sockets/types@0.3.0',
    'wasi:sockets/ip-name-lookup@0.3.0',
  ],
  configKeys: [],
  parse: () => undefined,
  open: async (_config, { network: outbound }) => {
    // By default there are as many threads as the process may use processors.
    const most = socketsPerThread(openFileLimit(readProcLimits()), availableParallelism());
    return { network: outbound, limit: new ConnectionLimit(most, outbound.sockets) };
  },
  bind: interfacesOver,
};
