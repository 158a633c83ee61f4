// `[outbound_networking]` of the runtime configuration (spin-contract.md §5.1).
import { parseNetwork, UserError, type Network } from '@spindle/api';
import { NOTHING_BLOCKED, type BlockedNetworks } from './blocked-networks.ts';

export interface NetworkConfig {
  readonly blocked: BlockedNetworks;
  /** Sockets of `wasi:sockets` at one time; undefined is no limit. */
  readonly maxSocketConnections: number | undefined;
  /** All outbound connections of the app at one time; undefined is no limit. */
  readonly maxTotalConnections: number | undefined;
}

export const NETWORK_CONFIG_KEY = 'outbound_networking';

const KEYS = ['block_networks', 'max_socket_connections', 'max_total_connections'];

export function parseNetworkConfig(section: unknown): NetworkConfig {
  if (section === undefined) {
    return { blocked: NOTHING_BLOCKED, maxSocketConnections: undefined, maxTotalConnections: undefined };
  }
  const table = tableOf(section, NETWORK_CONFIG_KEY, KEYS);
  return {
    blocked: parseBlocked(table['block_networks'] ?? []),
    maxSocketConnections: countOf(table['max_socket_connections'], `${NETWORK_CONFIG_KEY}.max_socket_connections`),
    maxTotalConnections: countOf(table['max_total_connections'], `${NETWORK_CONFIG_KEY}.max_total_connections`),
  };
}

function parseBlocked(list: unknown): BlockedNetworks {
  const field = `${NETWORK_CONFIG_KEY}.block_networks`;
  if (!Array.isArray(list)) {
    throw new UserError(`${field} must be a list of networks`, {
      code: 'SPK4001',
      field,
      remedy: 'Write ["10.0.0.0/8", "private"].',
    });
  }
  const networks: Network[] = [];
  let blockPrivate = false;
  for (const entry of list as unknown[]) {
    const network = typeof entry === 'string' ? parseNetwork(entry) : undefined;
    if (entry === 'private') {
      blockPrivate = true;
    } else if (network === undefined) {
      throw new UserError(`${field}: ${JSON.stringify(entry)} is not a network`, {
        code: 'SPK4001',
        field,
        remedy: "Give an IP network in CIDR notation, such as 1.1.1.1/32, or the keyword 'private'.",
      });
    } else {
      networks.push(network);
    }
  }
  return { networks, blockPrivate };
}

/** A section as a table with no other keys than `known`. */
export function tableOf(section: unknown, name: string, known: readonly string[]): Record<string, unknown> {
  if (typeof section !== 'object' || section === null || Array.isArray(section)) {
    throw new UserError(`${name} must be a table`, {
      code: 'SPK4001',
      field: name,
      remedy: `Begin it with [${name}].`,
    });
  }
  const table = section as Record<string, unknown>;
  const unknown = Object.keys(table).find((key) => !known.includes(key));
  if (unknown !== undefined) {
    throw new UserError(`unknown key ${unknown} in [${name}]`, {
      code: 'SPK4001',
      field: `${name}.${unknown}`,
      remedy: `Known keys are ${known.join(', ')}.`,
    });
  }
  return table;
}

/** A whole number from 0, or undefined when the key is absent. */
export function countOf(value: unknown, field: string): number | undefined {
  if (value === undefined || (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0)) {
    return value;
  }
  throw new UserError(`${field} must be a whole number from 0`, {
    code: 'SPK4001',
    field,
    remedy: 'Leave it out for no limit.',
  });
}
