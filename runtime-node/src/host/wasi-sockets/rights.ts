// What a socket may do: the rules of its component, and how many sockets its instance and the app may hold.
import type { Guest } from '../guest.ts';
import { ConnectionLimit, type OutboundNetwork } from '../network/index.ts';
import type { SocketAddress } from './address.ts';

/** Sockets of one instance, as many as files (wasi-filesystem/quota.ts): a guest must not use up those of the process. */
const MAX_SOCKETS = 256;

const RIGHTS = Symbol('wasi-sockets');

export class SocketRights {
  readonly network: OutboundNetwork;
  /** Sockets of the instance, within those of the app. */
  readonly limit: ConnectionLimit;
  readonly #componentId: string;

  constructor(network: OutboundNetwork, componentId: string) {
    this.network = network;
    this.limit = new ConnectionLimit(MAX_SOCKETS, network.sockets);
    this.#componentId = componentId;
  }

  /** As in Spin, a rule has no way to name the interface of a link-local address: those with one are denied. */
  allows(scheme: 'tcp' | 'udp', { ip, port, scopeId }: SocketAddress): boolean {
    return scopeId === 0 && this.network.allowsSocket(this.#componentId, { scheme, address: ip, port });
  }

  /** The same without a word to the operator. */
  accepts(scheme: 'tcp' | 'udp', { ip, port, scopeId }: SocketAddress): boolean {
    return scopeId === 0 && this.network.acceptsSocket(this.#componentId, { scheme, address: ip, port });
  }

  /** Whether there is an address that the component may use by this scheme. */
  has(scheme: 'tcp' | 'udp'): boolean {
    return this.network.allowsScheme(this.#componentId, scheme);
  }
}

export const rightsOf = (network: OutboundNetwork, guest: Guest): SocketRights =>
  guest.state(RIGHTS, () => new SocketRights(network, guest.component.id));
