// What the Redis interfaces of one app share, and how a guest gets a connection: the manifest is asked first.
import type { OutboundNetwork } from '../network/index.ts';
import type { Guest } from '../guest.ts';
import { RedisFailed } from './commands.ts';
import type { Lease, RedisConnections } from './connections.ts';
import { parseRedisUrl } from './target.ts';

/** Spin's table holds this many connections per instance (spin-contract.md §4). */
const MAX_OPEN = 1024;

const OPEN = Symbol('open Redis connections');

export class RedisState {
  readonly #network: OutboundNetwork;
  readonly connections: RedisConnections;

  constructor(network: OutboundNetwork, connections: RedisConnections) {
    this.#network = network;
    this.connections = connections;
  }

  async open({ component, call }: Guest, address: string): Promise<Lease> {
    const target = parseRedisUrl(address);
    // A denied address and one that is none are the same to the guest.
    if (target === undefined) {
      throw new RedisFailed({ tag: 'invalid-address' });
    }
    const { scheme } = target.destination;
    const host = target.host.includes(':') ? `[${target.host}]` : target.host;
    if (!this.#network.allows(component.id, target.destination, `${scheme}://${host}:${target.port}`)) {
      throw new RedisFailed({ tag: 'invalid-address' });
    }
    return this.connections.lease(target, call.signal);
  }
}

/** A guest's own count of what it holds open. */
export class OpenCount {
  #open = 0;

  static of(guest: Guest): OpenCount {
    return guest.state(OPEN, () => new OpenCount());
  }

  take(): void {
    if (this.#open === MAX_OPEN) {
      throw new RedisFailed({ tag: 'too-many-connections' });
    }
    this.#open += 1;
  }

  giveBack(): void {
    this.#open -= 1;
  }
}
