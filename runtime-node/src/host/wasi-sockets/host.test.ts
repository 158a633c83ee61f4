import { describe, expect, it } from 'vitest';
import { Trap } from '../../component/index.ts';
import type { Pollable } from '../io/streams.ts';
import { callHost, type CallHost } from '../testing/call-host.ts';
import { fakeGuest } from '../testing/fake-guest.ts';
import { wasiSockets } from './index.ts';
import type { Socket } from './socket.ts';

const ok = (val: unknown): object => ({ tag: 'ok', val });
const err = (val: string): object => ({ tag: 'err', val });

function caller(name: string): CallHost {
  const { guest, component } = fakeGuest();
  return callHost(wasiSockets.bind({}, component).get(`wasi:sockets/${name}@0.2.12`), guest);
}

function newSocket(kind: 'tcp' | 'udp', family = 'ipv4'): Socket {
  return caller(`${kind}-create-socket`)<{ val: Socket }>(`create-${kind}-socket`, family).val;
}

const network = caller('instance-network')('instance-network');
const address = { tag: 'ipv4', val: { port: 80, address: [127, 0, 0, 1] } };

describe.each(['tcp', 'udp'] as const)('a %s socket', (kind) => {
  const call = caller(kind);
  const method = (name: string, ...args: unknown[]): unknown => call(`[method]${kind}-socket.${name}`, ...args);

  it('is made for a family and knows it', () => {
    expect(method('address-family', newSocket(kind, 'ipv4'))).toBe('ipv4');
    expect(method('address-family', newSocket(kind, 'ipv6'))).toBe('ipv6');
  });

  it('may not be bound, and so has no addresses', () => {
    const socket = newSocket(kind);
    expect(method('start-bind', socket, network, address)).toEqual(err('access-denied'));
    expect(method('finish-bind', socket)).toEqual(err('not-in-progress'));
    expect(method('local-address', socket)).toEqual(err('invalid-state'));
    expect(method('remote-address', socket)).toEqual(err('invalid-state'));
  });

  it('is ready, since nothing is in progress, and is not dropped before its pollables', () => {
    const socket = newSocket(kind);
    const pollable = method('subscribe', socket) as Pollable;
    expect(pollable.ready()).toBe(true);
    expect(() => socket[Symbol.dispose]()).toThrow(Trap);
    pollable[Symbol.dispose]();
    expect(() => socket[Symbol.dispose]()).not.toThrow();
  });
});

const options = [
  ['tcp', 'keep-alive-enabled', false, true],
  ['tcp', 'keep-alive-idle-time', 7_200_000_000_000n, 5_000_000_000n],
  ['tcp', 'keep-alive-interval', 75_000_000_000n, 1_000_000_000n],
  ['tcp', 'keep-alive-count', 9, 3],
  ['tcp', 'hop-limit', 64, 1],
  ['tcp', 'receive-buffer-size', 131_072n, 4096n],
  ['tcp', 'send-buffer-size', 16_384n, 4096n],
  ['udp', 'unicast-hop-limit', 64, 255],
  ['udp', 'receive-buffer-size', 212_992n, 4096n],
  ['udp', 'send-buffer-size', 212_992n, 4096n],
] as const;

describe('an option', () => {
  it.each(options)('of %s, %s, is set and read back, for one socket only', (kind, option, initial, other) => {
    const call = caller(kind);
    const [socket, untouched] = [newSocket(kind), newSocket(kind)];
    expect(call(`[method]${kind}-socket.${option}`, socket)).toEqual(ok(initial));
    expect(call(`[method]${kind}-socket.set-${option}`, socket, other)).toEqual(ok(undefined));
    expect(call(`[method]${kind}-socket.${option}`, socket)).toEqual(ok(other));
    expect(call(`[method]${kind}-socket.${option}`, untouched)).toEqual(ok(initial));
  });

  it.each(options.filter(([, option]) => option !== 'keep-alive-enabled'))(
    'of %s, %s, is never zero',
    (kind, option, initial) => {
      const zero = typeof initial === 'bigint' ? 0n : 0;
      const set = `[method]${kind}-socket.set-${option}`;
      expect(caller(kind)(set, newSocket(kind), zero)).toEqual(err('invalid-argument'));
    },
  );
});

describe('a tcp socket', () => {
  const call = caller('tcp');

  it.each([
    ['start-connect', 'access-denied'],
    ['finish-connect', 'not-in-progress'],
    ['start-listen', 'access-denied'],
    ['finish-listen', 'not-in-progress'],
    ['accept', 'invalid-state'],
    ['shutdown', 'invalid-state'],
  ])('answers %s by %s', (name, code) => {
    expect(call(`[method]tcp-socket.${name}`, newSocket('tcp'), network, address)).toEqual(err(code));
  });

  it('does not listen', () => {
    const socket = newSocket('tcp');
    expect(call('[method]tcp-socket.is-listening', socket)).toBe(false);
    expect(call('[method]tcp-socket.set-listen-backlog-size', socket, 10n)).toEqual(ok(undefined));
    expect(call('[method]tcp-socket.set-listen-backlog-size', socket, 0n)).toEqual(err('invalid-argument'));
  });
});

describe('a udp socket', () => {
  it('gives no streams while it is not bound', () => {
    expect(caller('udp')('[method]udp-socket.stream', newSocket('udp'), address)).toEqual(err('invalid-state'));
  });
});

const resolve = (name: string): unknown => caller('ip-name-lookup')('resolve-addresses', network, name);

describe('a look-up', () => {
  it.each(['example.com', 'localhost', 'bücher.example', 'a.b.c.', 'under_score', '127.0.0.1', '::1', '[::1]'])(
    'of %o is refused',
    (name) => {
      expect(resolve(name)).toEqual(err('permanent-resolver-failure'));
    },
  );

  it.each(['', 'a b', 'a/b', 'a?b', 'a#b', 'a\\b', 'user@host', 'host:80', '%zz', 'a\0b'])(
    'of %o is not even a question',
    (name) => {
      expect(resolve(name)).toEqual(err('invalid-argument'));
    },
  );
});

describe('the capability', () => {
  it('serves what it announces, and none of it waits', () => {
    const bound = wasiSockets.bind({}, fakeGuest().component);
    expect([...bound.keys()]).toEqual([...wasiSockets.interfaces]);
    const functions = [...bound.values()].flatMap((hostInterface) => Object.values(hostInterface.functions));
    expect(functions.filter(({ waits }) => waits)).toEqual([]);
  });
});
