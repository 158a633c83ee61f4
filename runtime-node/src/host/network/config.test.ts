import { UserError } from '@spindle/api';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseNetworkConfig } from './config.ts';

/** The config, or what was thrown instead. */
function outcome(section: unknown): unknown {
  try {
    return parseNetworkConfig(section);
  } catch (error) {
    return error;
  }
}

describe('[outbound_networking]', () => {
  it('blocks and limits nothing when it is absent', () => {
    expect(parseNetworkConfig(undefined)).toEqual({
      blocked: { networks: [], blockPrivate: false },
      maxSocketConnections: undefined,
      maxTotalConnections: undefined,
    });
  });

  it('reads networks, the keyword private and the limits', () => {
    const config = parseNetworkConfig({
      block_networks: ['1.1.1.1/32', 'private', '2001:db8::/32'],
      max_socket_connections: 1,
      max_total_connections: 200,
    });
    expect(config.blocked.blockPrivate).toBe(true);
    expect(config.blocked.networks.map(({ address, prefixLength }) => `${address.toString()}/${prefixLength}`)).toEqual(
      ['1.1.1.1/32', '2001:db8::/32'],
    );
    expect(config.maxSocketConnections).toBe(1);
    expect(config.maxTotalConnections).toBe(200);
  });

  it.each([
    ['a number for the table', 5, 'outbound_networking'],
    ['a list for the table', [], 'outbound_networking'],
    ['an unknown key', { block_network: [] }, 'outbound_networking.block_network'],
    ['a string for the list', { block_networks: 'private' }, 'outbound_networking.block_networks'],
    ['a host name', { block_networks: ['example.com'] }, 'outbound_networking.block_networks'],
    ['an address without a prefix', { block_networks: ['1.1.1.1'] }, 'outbound_networking.block_networks'],
    ['a prefix that is too long', { block_networks: ['1.1.1.1/33'] }, 'outbound_networking.block_networks'],
    ['a number in the list', { block_networks: [10] }, 'outbound_networking.block_networks'],
    ['a negative limit', { max_total_connections: -1 }, 'outbound_networking.max_total_connections'],
    ['half a connection', { max_total_connections: 0.5 }, 'outbound_networking.max_total_connections'],
    ['a limit in quotes', { max_socket_connections: '9' }, 'outbound_networking.max_socket_connections'],
  ])('refuses %s and names the field', (_what, section, field) => {
    const failure = outcome(section);
    expect(failure).toBeInstanceOf(UserError);
    expect((failure as UserError).place.field).toBe(field);
    expect((failure as UserError).remedy).toEqual(expect.any(String));
  });

  it('answers anything at all with a config or a UserError', () => {
    fc.assert(
      fc.property(fc.object({ key: fc.constantFrom('block_networks', 'max_total_connections', 'x') }), (section) => {
        const result = outcome(section);
        expect(result instanceof UserError || !(result instanceof Error)).toBe(true);
      }),
    );
  });
});
