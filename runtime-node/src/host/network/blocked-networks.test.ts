import { parseNetwork, type Network } from '@spindle/api';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isBlocked, NOTHING_BLOCKED } from './blocked-networks.ts';

const networks = (...cidrs: string[]): Network[] => cidrs.map((cidr) => parseNetwork(cidr) as Network);
const PRIVATE = { networks: [], blockPrivate: true };

describe('block_networks', () => {
  it.each([
    '0.0.0.0',
    '10.10.10.10',
    '100.64.1.1',
    '127.0.0.1',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.1',
    '192.168.1.1',
    '198.18.0.1',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    'fc00::f00d',
    'fe80::1',
    'fe80::1%eth0',
    'ff02::1',
    '2001:db8::1',
    // IPv4 in IPv6: mapped, compatible, translated, NAT64, 6to4.
    '::ffff:10.10.10.10',
    '::ffff:7f00:1',
    '::127.0.0.1',
    '::ffff:0:10.0.0.1',
    '64:ff9b::10.0.0.1',
    '64:ff9b:1::8.8.8.8',
    '2002:7f00:1::',
    '2002:0a00:0001::1',
    '2001:0:4136:e378:8000:63bf:3fff:fdd2',
    'not an address',
  ])('with "private" blocks %s', (address) => {
    expect(isBlocked(PRIVATE, address)).toBe(true);
  });

  it.each([
    '8.8.8.8',
    '123.123.123.123',
    '172.15.0.1',
    '172.32.0.1',
    '192.31.196.1',
    '2600::beef',
    '2606:4700:4700::1111',
    '::ffff:8.8.8.8',
    '64:ff9b::8.8.8.8',
    '2002:0808:0808::1',
  ])('with "private" lets %s through', (address) => {
    expect(isBlocked(PRIVATE, address)).toBe(false);
  });

  it.each([
    ['123.123.123.123', true],
    ['123.100.100.100', false],
    ['::ffff:123.123.123.123', true],
    ['64:ff9b::7b7b:0101', true],
    ['2001:db8::1000', true],
    ['2001:db9::1000', false],
    ['10.0.0.1', false],
  ])('with networks decides on %s: %s', (address, expected) => {
    const blocked = { networks: networks('123.123.0.0/16', '2001:db8::/96'), blockPrivate: false };
    expect(isBlocked(blocked, address)).toBe(expected);
  });

  it('lets everything through when nothing is blocked', () => {
    expect(isBlocked(NOTHING_BLOCKED, '127.0.0.1')).toBe(false);
  });

  it('judges an IPv4 address and each way to write it in IPv6 alike', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        const expected = isBlocked(PRIVATE, address);
        // `::0.0.0.1` and `::` are the loopback and unspecified addresses of IPv6 itself.
        const compatible = address.startsWith('0.') ? [] : [`::${address}`];
        for (const written of [`::ffff:${address}`, `64:ff9b::${address}`, `::ffff:0:${address}`, ...compatible]) {
          expect(isBlocked(PRIVATE, written)).toBe(expected);
        }
      }),
    );
  });
});
