import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  fromNode,
  fromWit,
  hostOf,
  isAnyLocal,
  isOfFamily,
  isRemote,
  isUnicast,
  sameAddress,
  toWit,
  type IpSocketAddress,
} from './address.ts';
import { v4, v6 } from './testing/socket-guest.ts';

const part = fc.oneof(fc.constantFrom(0, 1, 0xff, 0xffff), fc.nat(0xffff));
const port = fc.nat(0xffff);
const anyV4 = fc.record({ port, address: fc.array(fc.nat(255), { minLength: 4, maxLength: 4 }) });
const anyV6 = fc.record({
  port,
  flowInfo: fc.constant(0),
  address: fc.array(part, { minLength: 8, maxLength: 8 }),
  scopeId: fc.constant(0),
});
const anyAddress: fc.Arbitrary<IpSocketAddress> = fc.oneof(
  anyV4.map((val) => ({ tag: 'ipv4', val }) as const),
  anyV6.map((val) => ({ tag: 'ipv6', val }) as const),
);

describe('an address of a guest', () => {
  it('is the same once it has been to the host and back', () => {
    fc.assert(
      fc.property(anyAddress, (address) => {
        expect(toWit(fromWit(address))).toEqual(address);
      }),
    );
  });

  it('is the same once it has been text, as Node gives and takes it', () => {
    fc.assert(
      fc.property(anyAddress, (address) => {
        const there = fromWit(address);
        const back = fromNode({ address: hostOf(there), port: there.port });
        expect(sameAddress(back, there)).toBe(true);
        expect(toWit(back)).toEqual(address);
      }),
    );
  });

  it('is one only: another address or port is not the same', () => {
    fc.assert(
      fc.property(anyAddress, anyAddress, (one, other) => {
        expect(sameAddress(fromWit(one), fromWit(other))).toBe(JSON.stringify(one) === JSON.stringify(other));
      }),
    );
  });

  it.each([
    ['127.0.0.1', v4(7)],
    ['::1', v6(7)],
    ['::ffff:10.0.0.1', v6(7, [0, 0, 0, 0, 0, 0xffff, 0x0a00, 1])],
    ['::ffff:a00:1', v6(7, [0, 0, 0, 0, 0, 0xffff, 0x0a00, 1])],
    ['2001:DB8::', v6(7, [0x2001, 0xdb8, 0, 0, 0, 0, 0, 0])],
    ['fe80::1%lo', v6(7, [0xfe80, 0, 0, 0, 0, 0, 0, 1])],
  ])('as Node writes it, %s, is read', (address, expected) => {
    expect(toWit(fromNode({ address, port: 7 }))).toEqual(expected);
  });

  it('is not made of what is none', () => {
    expect(() => fromNode({ address: 'localhost', port: 1 })).toThrow('localhost');
  });
});

const mapped = v6(1, [0, 0, 0, 0, 0, 0xffff, 0x7f00, 1]);
const compatible = v6(1, [0, 0, 0, 0, 0, 0, 0x7f00, 1]);

describe('a socket of a family', () => {
  it.each([
    ['an IPv4 address', v4(1), 'ipv4'],
    ['an IPv6 address', v6(1), 'ipv6'],
    ['no address in particular', v6(1, [0, 0, 0, 0, 0, 0, 0, 0]), 'ipv6'],
    ['IPv4 mapped into IPv6', mapped, undefined],
    ['an IPv4-compatible address', compatible, undefined],
    ['the least of those', v6(1, [0, 0, 0, 0, 0, 0, 0, 2]), undefined],
  ])('of %s %o: %s', (_what, address, family) => {
    expect([isOfFamily(fromWit(address), 'ipv4'), isOfFamily(fromWit(address), 'ipv6')]).toEqual([
      family === 'ipv4',
      family === 'ipv6',
    ]);
  });
});

describe('an address', () => {
  it.each([
    [v4(1), { remote: true, unicast: true, anyLocal: false }],
    [v4(0), { remote: false, unicast: true, anyLocal: false }],
    [v4(0, [0, 0, 0, 0]), { remote: false, unicast: true, anyLocal: true }],
    [v4(1, [0, 0, 0, 0]), { remote: false, unicast: true, anyLocal: false }],
    [v4(1, [0, 0, 0, 1]), { remote: true, unicast: true, anyLocal: false }],
    [v4(1, [224, 0, 0, 1]), { remote: true, unicast: false, anyLocal: false }],
    [v4(1, [255, 255, 255, 255]), { remote: true, unicast: false, anyLocal: false }],
    [v6(1), { remote: true, unicast: true, anyLocal: false }],
    [v6(0, [0, 0, 0, 0, 0, 0, 0, 0]), { remote: false, unicast: true, anyLocal: true }],
    [v6(0, [0, 0, 0, 0, 0, 0, 0, 0], 3), { remote: false, unicast: true, anyLocal: false }],
    [v6(1, [0xff02, 0, 0, 0, 0, 0, 0, 1]), { remote: true, unicast: false, anyLocal: false }],
  ])('%o is %o', (wit, expected) => {
    const address = fromWit(wit);
    expect({ remote: isRemote(address), unicast: isUnicast(address), anyLocal: isAnyLocal(address) }).toEqual(expected);
  });
});
