// What a socket may do: the rules of its component, and how many sockets its instance and the app may hold.
import type { Guest } from '../guest.ts';
import { ConnectionLimit, type OutboundNetwork } from '../network/index.ts';
import type { SocketAddress } from './address.ts';

/** Sockets of one instance, as many as files (wasi-filesystem/quota.ts): a guest must not use up those of the others. */
const MAX_SOCKETS = 256;

/** A quarter of the files of the process for the sockets of guests: half is for their files, a quarter for all else. */
const SOCKETS_PART = 4;

/** So few must be possible however small the limit is and however many the threads. */
const LEAST_SOCKETS = 64;

const RIGHTS = Symbol('wasi-sockets');

/** What the sockets of an app share in one thread. */
export interface SocketsState {
  readonly network: OutboundNetwork;
  /** All sockets, within those that the runtime configuration allows. */
  readonly limit: ConnectionLimit;
}

/** `files`: how many the process may open. */
export const socketsPerThread = (files: number, threads: number): number =>
  Math.max(LEAST_SOCKETS, Math.floor(files / SOCKETS_PART / threads));

export class SocketRights {
  readonly network: OutboundNetwork;
  /** Sockets of the instance, within all. */
  readonly limit: ConnectionLimit;
  readonly #componentId: string;

  constructor({ network, limit }: SocketsState, componentId: string) {
    this.network = network;
    this.limit = new ConnectionLimit(MAX_SOCKETS, limit);
    this.#componentId = componentId;
  }

  /** A place for a socket; undefined when there is none. */
  takePlace(): Disposable | undefined {
    const place = this.limit.tryTake();
    if (place === undefined) {
      this.limit.rejected();
    } else {
      this.limit.acquired();
    }
    return place;
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

export const rightsOf = (state: SocketsState, guest: Guest): SocketRights =>
  guest.state(RIGHTS, () => new SocketRights(state, guest.component.id));
