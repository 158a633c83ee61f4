// Addresses that no guest may reach, whatever its allowed hosts say (spin-contract.md §5.1 `block_networks`).
// Asked about the address that a name resolved to, never about the name.
import { networkContains, type IpAddress, type Network } from '@spindle/api';
import { embeddedIpv4, isGlobal, parseAddress } from './address.ts';

export interface BlockedNetworks {
  readonly networks: readonly Network[];
  /** Everything that is not globally routable. */
  readonly blockPrivate: boolean;
}

export const NOTHING_BLOCKED: BlockedNetworks = { networks: [], blockPrivate: false };

export function isBlocked(blocked: BlockedNetworks, text: string): boolean {
  if (!blocked.blockPrivate && blocked.networks.length === 0) {
    return false;
  }
  const address = parseAddress(text);
  // What cannot be judged is not let through.
  return address === undefined || blocksAddress(blocked, address);
}

function blocksAddress(blocked: BlockedNetworks, address: IpAddress): boolean {
  if (blocked.blockPrivate && !isGlobal(address)) {
    return true;
  }
  if (blocked.networks.some((network) => networkContains(network, address))) {
    return true;
  }
  const embedded = embeddedIpv4(address);
  return embedded !== undefined && blocksAddress(blocked, embedded);
}
