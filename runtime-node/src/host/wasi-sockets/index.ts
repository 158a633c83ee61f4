// wasi:sockets 0.2 (spin-contract.md §4.11): all interfaces are there, since many guests import them without use;
// every address and every name is denied.
import { plain, type HostInterface } from '../../component/index.ts';
import type { HostCapability } from '../capability.ts';
import type { Guest } from '../guest.ts';
import { ipNameLookup } from './name-lookup.ts';
import { Network } from './socket.ts';
import { tcp, tcpCreateSocket } from './tcp.ts';
import { udp, udpCreateSocket } from './udp.ts';

const network: HostInterface<Guest> = {
  repeatable: true,
  resources: { network: Network },
  // No error resource of ours comes from a socket.
  functions: { 'network-error-code': plain(() => undefined) },
};

const instanceNetwork: HostInterface<Guest> = {
  repeatable: true,
  resources: {},
  functions: { 'instance-network': plain(() => new Network()) },
};

const interfaces: ReadonlyMap<string, HostInterface<Guest>> = new Map([
  ['wasi:sockets/network@0.2.12', network],
  ['wasi:sockets/instance-network@0.2.12', instanceNetwork],
  ['wasi:sockets/ip-name-lookup@0.2.12', ipNameLookup],
  ['wasi:sockets/tcp@0.2.12', tcp],
  ['wasi:sockets/tcp-create-socket@0.2.12', tcpCreateSocket],
  ['wasi:sockets/udp@0.2.12', udp],
  ['wasi:sockets/udp-create-socket@0.2.12', udpCreateSocket],
]);

export const wasiSockets: HostCapability<undefined, object> = {
  id: 'wasi-sockets',
  interfaces: [...interfaces.keys()],
  configKeys: [],
  parse: () => undefined,
  open: async () => ({}),
  bind: () => interfaces,
};
