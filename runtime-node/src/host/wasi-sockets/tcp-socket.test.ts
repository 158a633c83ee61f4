import { afterEach, describe, expect, it, vi } from 'vitest';
import { Trap } from '../../component/index.ts';
import { v4, v6, valueOf } from './testing/socket-guest.ts';
import { echo, held, readAll, write, TcpEnds } from './testing/tcp-ends.ts';

const ok = (val?: unknown): object => ({ tag: 'ok', val });
const err = (val: string): object => ({ tag: 'err', val });

const ends = new TcpEnds();
const open: TcpEnds['open'] = (setup) => ends.open(setup);
const listen: TcpEnds['listen'] = (onPeer, host) => ends.listen(onPeer, host);

afterEach(() => ends.close());

describe('a connection', () => {
  it.each([
    ['IPv4', '127.0.0.1', v4],
    ['IPv6', '::1', v6],
  ] as const)('over %s carries bytes both ways, and knows its two ends', async (_name, host, at) => {
    const server = await listen(echo, host);
    const guest = await open();
    const { socket, input, output } = await guest.connect(at(server.port));
    await write(output, Buffer.from('hello'));
    expect(await readAll(input, 5)).toEqual({ text: 'hello', end: undefined });
    const peer = await server.peer();
    expect(guest.tcp('remote-address', socket)).toEqual(ok(at(server.port)));
    expect(guest.tcp('local-address', socket)).toEqual(ok(at(peer.remotePort ?? 0)));
    expect(guest.tcp('address-family', socket)).toBe(at(1).tag);
  });

  it('is not there before it was asked for, and is asked for once', async () => {
    const server = await listen();
    const guest = await open();
    const socket = guest.newTcp();
    expect(guest.tcp('finish-connect', socket)).toEqual(err('not-in-progress'));
    expect(guest.startConnect(socket, v4(server.port))).toEqual(ok());
    const pollable = socket.subscribe();
    expect(pollable.ready()).toBe(false);
    expect(guest.tcp('finish-connect', socket)).toEqual(err('would-block'));
    expect(guest.startConnect(socket, v4(server.port))).toEqual(err('concurrency-conflict'));
    await pollable.wait();
    expect(pollable.ready()).toBe(true);
    expect(guest.startConnect(socket, v4(server.port))).toEqual(err('concurrency-conflict'));
    pollable[Symbol.dispose]();
    valueOf(await guest.finishConnect(socket));
    expect(guest.tcp('finish-connect', socket)).toEqual(err('not-in-progress'));
    expect(guest.startConnect(socket, v4(server.port))).toEqual(err('invalid-state'));
    expect(server.peers).toHaveLength(1);
  });

  it('that is refused says so when it is asked for, and its socket is done for', async () => {
    const server = await listen();
    await server.close();
    const guest = await open();
    const socket = guest.newTcp();
    guest.startConnect(socket, v4(server.port));
    expect(await guest.finishConnect(socket)).toEqual(err('connection-refused'));
    expect(guest.tcp('finish-connect', socket)).toEqual(err('not-in-progress'));
    expect(guest.startConnect(socket, v4(server.port))).toEqual(err('invalid-state'));
    expect(guest.tcp('shutdown', socket, 'both')).toEqual(err('invalid-state'));
    expect(guest.tcp('local-address', socket)).toEqual(err('invalid-state'));
    expect(guest.tcp('remote-address', socket)).toEqual(err('invalid-state'));
  });

  it.each([
    ['of the other family', 'ipv4', v6(80)],
    ['of the other family', 'ipv6', v4(80)],
    ['that is IPv4 mapped into IPv6', 'ipv6', v6(80, [0, 0, 0, 0, 0, 0xffff, 0x7f00, 1])],
    ['without a port', 'ipv4', v4(0)],
    ['of nobody in particular', 'ipv4', v4(80, [0, 0, 0, 0])],
    ['of many', 'ipv4', v4(80, [224, 0, 0, 1])],
    ['of all', 'ipv4', v4(80, [255, 255, 255, 255])],
    ['of many', 'ipv6', v6(80, [0xff02, 0, 0, 0, 0, 0, 0, 1])],
  ] as const)('to an address %s (%s, %o) is no request at all', async (_what, family, address) => {
    const guest = await open({ allowed: ['*://*:*'] });
    const socket = guest.newTcp(family);
    expect(guest.startConnect(socket, address)).toEqual(err('invalid-argument'));
    expect(guest.network.sockets.taken).toBe(0);
    expect(guest.tcp('finish-connect', socket)).toEqual(err('not-in-progress'));
  });
});

describe('a destination', () => {
  it('that the manifest does not name is denied, and nothing is sent there', async () => {
    const server = await listen();
    const told: string[] = [];
    const guest = await open({
      allowed: [`tcp://127.0.0.2:${server.port}`, `udp://127.0.0.1:${server.port}`, 'http://*:*', 'tcp://127.0.0.1:1'],
      warn: (message) => told.push(message),
    });
    const socket = guest.newTcp();
    expect(guest.startConnect(socket, v4(server.port))).toEqual(err('access-denied'));
    expect(told).toEqual([expect.stringContaining(`allowed_outbound_hosts = ["tcp://127.0.0.1:${server.port}"]`)]);
    // The socket may still be used.
    expect(guest.startConnect(socket, v4(1))).toEqual(ok());
    expect(server.peers).toHaveLength(0);
  });

  it.each([
    ['tcp://127.0.0.1:*', true],
    ['tcp://127.0.0.0/8:*', true],
    ['*://*:*', true],
    ['tcp://*:*', true],
    ['tcp://localhost:*', false],
    ['http://127.0.0.1:*', false],
    ['tcp://[::ffff:127.0.0.1]:*', false],
  ])('127.0.0.1 is allowed by %s: %s', async (entry, allowed) => {
    const server = await listen();
    const guest = await open({ allowed: [entry] });
    expect(guest.startConnect(guest.newTcp(), v4(server.port))).toEqual(allowed ? ok() : err('access-denied'));
  });

  it('in a blocked network is denied whatever the manifest says', async () => {
    const server = await listen();
    const guest = await open({
      allowed: ['*://*:*'],
      config: { outbound_networking: { block_networks: ['private'] } },
    });
    expect(guest.startConnect(guest.newTcp(), v4(server.port))).toEqual(err('access-denied'));
    expect(guest.startConnect(guest.newTcp('ipv6'), v6(server.port))).toEqual(err('access-denied'));
  });

  it('on an interface of its own cannot be named by a rule, and is denied', async () => {
    const guest = await open({ allowed: ['*://*:*'] });
    const linkLocal = v6(80, [0xfe80, 0, 0, 0, 0, 0, 0, 1], 1);
    expect(guest.startConnect(guest.newTcp('ipv6'), linkLocal)).toEqual(err('access-denied'));
  });
});

describe('a socket that is dropped', () => {
  it('closes its connection, and one that is only on its way', async () => {
    const server = await listen(held);
    const guest = await open();
    const { socket, input, output } = await guest.connect(v4(server.port));
    guest.drop(output, input, socket);
    const attempt = guest.newTcp();
    guest.startConnect(attempt, v4(server.port));
    // By now the system is at it.
    await new Promise((resolve) => setImmediate(resolve));
    guest.drop(attempt);
    expect(guest.network.sockets.taken).toBe(0);
    for (const index of [0, 1]) {
      const peer = await server.peer(index);
      await vi.waitFor(() => expect(peer.closed).toBe(true), { timeout: 20_000 });
    }
  });

  it('closes a connection that the guest never asked for', async () => {
    const server = await listen(held);
    const guest = await open();
    const socket = guest.newTcp();
    guest.startConnect(socket, v4(server.port));
    await socket.wait();
    const peer = await server.peer();
    const closed = new Promise((resolve) => peer.once('close', resolve));
    guest.drop(socket);
    await closed;
    expect(guest.network.sockets.taken).toBe(0);
  });

  it('before its streams or pollables traps, and is closed all the same', async () => {
    const server = await listen(held);
    const guest = await open();
    const { socket, input, output } = await guest.connect(v4(server.port));
    const peer = await server.peer();
    const closed = new Promise((resolve) => peer.once('close', resolve));
    expect(() => socket[Symbol.dispose]()).toThrow(Trap);
    await closed;
    expect(guest.network.sockets.taken).toBe(0);
    using pollable = input.subscribe();
    expect(() => input[Symbol.dispose]()).toThrow(Trap);
    expect(pollable.ready()).toBe(true);
    guest.drop(output);
    expect(() => socket[Symbol.dispose]()).not.toThrow();
  });
});

describe('many connections', () => {
  it('of one guest each carry their own bytes', async () => {
    const server = await listen(echo);
    const guest = await open();
    const all = await Promise.all(
      Array.from({ length: 100 }, async (_, n) => {
        const { input, output } = await guest.connect(v4(server.port));
        const text = `number ${n}`;
        await write(output, Buffer.from(text));
        return (await readAll(input, text.length)).text === text;
      }),
    );
    expect(all.every(Boolean)).toBe(true);
    expect(server.peers).toHaveLength(100);
  });

  it('are as many as an instance may hold, and more once it has dropped some', async () => {
    const server = await listen();
    const guest = await open();
    const sockets = Array.from({ length: 256 }, () => guest.newTcp());
    expect(sockets.map((socket) => guest.startConnect(socket, v4(server.port)).tag)).not.toContain('err');
    const one = guest.newTcp();
    expect(guest.startConnect(one, v4(server.port))).toEqual(err('new-socket-limit'));
    guest.drop(...sockets.splice(0, 1));
    expect(guest.startConnect(one, v4(server.port))).toEqual(ok());
  });

  it.each(['max_socket_connections', 'max_total_connections'])(
    'are as many as %s says, among all instances of the app',
    async (key) => {
      const server = await listen();
      const guest = await open({ config: { outbound_networking: { [key]: 2 } } });
      const other = ends.another(guest);
      const first = guest.newTcp();
      expect(guest.startConnect(first, v4(server.port))).toEqual(ok());
      expect(other.startConnect(other.newTcp(), v4(server.port))).toEqual(ok());
      const late = other.newTcp();
      expect(other.startConnect(late, v4(server.port))).toEqual(err('new-socket-limit'));
      guest.drop(first);
      expect(other.startConnect(late, v4(server.port))).toEqual(ok());
    },
  );
});

describe('a guest', () => {
  it('may not bind, listen or accept', async () => {
    const guest = await open({ allowed: ['*://*:*'] });
    const socket = guest.newTcp();
    expect(guest.tcp('start-bind', socket, 'network', v4(0))).toEqual(err('access-denied'));
    expect(guest.tcp('finish-bind', socket)).toEqual(err('not-in-progress'));
    expect(guest.tcp('start-listen', socket)).toEqual(err('invalid-state'));
    expect(guest.tcp('finish-listen', socket)).toEqual(err('not-in-progress'));
    expect(guest.tcp('accept', socket)).toEqual(err('invalid-state'));
    expect(guest.tcp('is-listening', socket)).toBe(false);
  });

  it('may say how many it would let wait, as long as there is no connection', async () => {
    const server = await listen();
    const guest = await open();
    const socket = guest.newTcp();
    expect(guest.tcp('set-listen-backlog-size', socket, 0n)).toEqual(err('invalid-argument'));
    expect(guest.tcp('set-listen-backlog-size', socket, 10n)).toEqual(ok());
    guest.startConnect(socket, v4(server.port));
    expect(guest.tcp('set-listen-backlog-size', socket, 10n)).toEqual(err('invalid-state'));
  });
});
