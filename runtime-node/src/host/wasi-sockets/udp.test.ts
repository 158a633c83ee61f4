import { createSocket, type RemoteInfo, type Socket as Peer } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { Trap } from '../../component/index.ts';
import type { IpSocketAddress } from './address.ts';
import type { IncomingDatagram, IncomingDatagramStream, OutgoingDatagramStream } from './datagram-streams.ts';
import type { UdpSocket } from './udp-socket.ts';
import { SocketGuest, v4, v6, valueOf, type Answer, type SocketGuestSetup } from './testing/socket-guest.ts';

const ok = (val?: unknown): object => ({ tag: 'ok', val });
const err = (val: string): object => ({ tag: 'err', val });

const guests: SocketGuest[] = [];
const peers: Peer[] = [];

async function open(setup?: SocketGuestSetup): Promise<SocketGuest> {
  const guest = await SocketGuest.open(setup);
  guests.push(guest);
  return guest;
}

/** A server of the test; `onMessage` gets each datagram. */
async function listen(
  onMessage: (peer: Peer, data: Buffer, from: RemoteInfo) => void = () => {},
  host = '127.0.0.1',
): Promise<{ peer: Peer; port: number }> {
  const peer = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  peers.push(peer);
  peer.on('message', (data, from) => onMessage(peer, data, from));
  peer.bind(0, host);
  await once(peer, 'listening');
  return { peer, port: peer.address().port };
}

const echo = (peer: Peer, data: Buffer, { port, address }: RemoteInfo): void => peer.send(data, port, address);

afterEach(() => {
  for (const guest of guests.splice(0)) {
    guest[Symbol.dispose]();
  }
  for (const peer of peers.splice(0)) {
    peer.close();
  }
});

type Sent = Answer<bigint> | Promise<Answer<bigint>>;

/** As a guest sends: asks first. */
async function send(
  stream: OutgoingDatagramStream,
  ...datagrams: readonly (readonly [data: string | Uint8Array, to?: IpSocketAddress])[]
): Promise<Answer<bigint>> {
  stream.checkSend();
  return (await stream.send(
    datagrams.map(([data, remoteAddress]) => ({ data: Buffer.from(data), remoteAddress })),
  )) as Awaited<Sent>;
}

async function receive(stream: IncomingDatagramStream, count: number): Promise<IncomingDatagram[]> {
  const all: IncomingDatagram[] = [];
  while (all.length < count) {
    await stream.wait();
    all.push(...valueOf(stream.receive(100n) as Answer<IncomingDatagram[]>));
  }
  return all;
}

const texts = (datagrams: readonly IncomingDatagram[]): string[] => datagrams.map(({ data }) => `${data as Buffer}`);

const portOf = (guest: SocketGuest, socket: UdpSocket): number =>
  valueOf(guest.udp<Answer<IpSocketAddress>>('local-address', socket)).val.port;

describe('a client', () => {
  it.each([
    ['IPv4', '127.0.0.1', 'ipv4', v4],
    ['IPv6', '::1', 'ipv6', v6],
  ] as const)('over %s sends to one server and hears from it', async (_name, host, family, at) => {
    const { port } = await listen(echo, host);
    const guest = await open();
    const socket = guest.bound(family);
    const [incoming, outgoing] = valueOf(await guest.stream(socket, at(port)));
    expect(await send(outgoing, ['one'], ['two', at(port)], [''])).toEqual(ok(3n));
    const heard = await receive(incoming, 3);
    expect(texts(heard)).toEqual(['one', 'two', '']);
    expect(heard[0]?.remoteAddress).toEqual(at(port));
    expect(guest.udp('remote-address', socket)).toEqual(ok(at(port)));
    expect(guest.udp('local-address', socket)).toEqual(ok(at(portOf(guest, socket))));
    expect(guest.udp('address-family', socket)).toBe(family);
  });

  it('sends to several servers and hears from each', async () => {
    const servers = [await listen(echo), await listen(echo)];
    const guest = await open();
    const socket = guest.bound();
    const [incoming, outgoing] = valueOf(await guest.stream(socket));
    await send(outgoing, ...servers.map(({ port }) => [`to ${port}`, v4(port)] as const));
    const heard = await receive(incoming, 2);
    expect(heard.map(({ remoteAddress }) => remoteAddress.val.port).toSorted()).toEqual(
      servers.map(({ port }) => port).toSorted(),
    );
    expect(guest.udp('remote-address', socket)).toEqual(err('invalid-state'));
  });

  it('goes from one server to another and to none in particular, and hears from the present one only', async () => {
    const [one, other] = [await listen(echo), await listen(echo)];
    const guest = await open();
    const socket = guest.bound();
    const first = valueOf(await guest.stream(socket, v4(one.port)));
    await send(first[1], ['first']);
    await receive(first[0], 1);
    await send(first[1], ['not fetched']);
    await first[0].wait();
    guest.drop(...first);
    const [incoming, outgoing] = valueOf(await guest.stream(socket, v4(other.port)));
    one.peer.send('stranger', portOf(guest, socket), '127.0.0.1');
    await send(outgoing, ['second']);
    expect(texts(await receive(incoming, 1))).toEqual(['second']);
    guest.drop(incoming, outgoing);
    const last = valueOf(await guest.stream(socket));
    expect(guest.udp('remote-address', socket)).toEqual(err('invalid-state'));
    await send(last[1], ['third', v4(one.port)]);
    expect(texts(await receive(last[0], 1))).toEqual(['third']);
  });

  it('is told when nobody is there, once', async () => {
    const { peer, port } = await listen();
    peers.length = 0;
    await new Promise<void>((resolve) => peer.close(resolve));
    const guest = await open();
    const [incoming, outgoing] = valueOf(await guest.stream(guest.bound(), v4(port)));
    expect(await send(outgoing, ['anybody?'])).toEqual(ok(1n));
    await incoming.wait();
    expect(incoming.receive(1n)).toEqual(err('connection-refused'));
    expect(incoming.receive(1n)).toEqual(ok([]));
    expect(incoming.ready()).toBe(false);
  });

  it('fetches as many as it asks for, and none when there are none', async () => {
    const { peer, port } = await listen();
    const guest = await open();
    const socket = guest.bound();
    const [incoming] = valueOf(await guest.stream(socket, v4(port)));
    expect(incoming.receive(5n)).toEqual(ok([]));
    for (const text of ['a', 'b', 'c']) {
      await new Promise((resolve) => peer.send(text, portOf(guest, socket), '127.0.0.1', resolve));
    }
    await incoming.wait();
    expect(incoming.receive(0n)).toEqual(ok([]));
    let heard: string[] = [];
    for (const max of [1n, 2n ** 64n - 1n]) {
      await incoming.wait();
      const got = texts(valueOf(incoming.receive(max) as Answer<IncomingDatagram[]>));
      expect(got.length).toBeLessThanOrEqual(Number(max));
      heard = [...heard, ...got];
    }
    expect(heard.join('')).toMatch(/^ab?c?$/);
  });
});

describe('sending', () => {
  it('is asked for first, and for no more than was granted', async () => {
    const { port } = await listen();
    const guest = await open();
    const [, outgoing] = valueOf(await guest.stream(guest.bound(), v4(port)));
    expect(outgoing.ready()).toBe(true);
    expect(() => outgoing.send([])).toThrow(Trap);
    expect(outgoing.checkSend()).toEqual(ok(16n));
    const datagram = { data: Buffer.from('x'), remoteAddress: undefined };
    expect(() => outgoing.send(Array.from({ length: 17 }, () => datagram))).toThrow(Trap);
    expect(await outgoing.send(Array.from({ length: 16 }, () => datagram))).toEqual(ok(16n));
    expect(() => outgoing.send([datagram])).toThrow(Trap);
    outgoing.checkSend();
    expect(outgoing.send([])).toEqual(ok(0n));
  });

  it('of too much at once is refused by size', async () => {
    const { port } = await listen();
    const guest = await open();
    const [, outgoing] = valueOf(await guest.stream(guest.bound(), v4(port)));
    expect(await send(outgoing, [Buffer.alloc(65_507)])).toEqual(ok(1n));
    expect(await send(outgoing, [Buffer.alloc(65_508)])).toEqual(err('datagram-too-large'));
    expect(await send(outgoing, [Buffer.alloc(1_000_000)])).toEqual(err('datagram-too-large'));
  });

  it('stops at the first that cannot be sent, whose error is only told when it was the first of all', async () => {
    const { port } = await listen();
    const guest = await open();
    const [, outgoing] = valueOf(await guest.stream(guest.bound()));
    const bad = ['x', v4(port, [127, 0, 0, 2])] as const;
    expect(await send(outgoing, ['a', v4(port)], bad, ['b', v4(port)])).toEqual(ok(1n));
    expect(await send(outgoing, bad, ['b', v4(port)])).toEqual(err('access-denied'));
  });

  it.each([
    ['without a destination', undefined],
    ['to nobody in particular', v4(1, [0, 0, 0, 0])],
    ['without a port', v4(0)],
    ['to the other family', v6(1)],
  ])('%s is no request at all', async (_what, address) => {
    const guest = await open({ allowed: ['*://*:*'] });
    const [, outgoing] = valueOf(await guest.stream(guest.bound()));
    expect(await send(outgoing, address === undefined ? ['x'] : ['x', address])).toEqual(err('invalid-argument'));
  });

  it('elsewhere than to the one server of the stream is no request at all', async () => {
    const guest = await open();
    const [, outgoing] = valueOf(await guest.stream(guest.bound(), v4(1)));
    expect(await send(outgoing, ['x', v4(2)])).toEqual(err('invalid-argument'));
  });

  it('to all of a network is denied by the system', async () => {
    const guest = await open({ allowed: ['udp://*:*'] });
    const [, outgoing] = valueOf(await guest.stream(guest.bound()));
    const answer = await send(outgoing, ['x', v4(9, [255, 255, 255, 255])]);
    // A machine without a network has no way there at all.
    expect([err('access-denied'), err('remote-unreachable')]).toContainEqual(answer);
  });
});

describe('a destination', () => {
  it('that the manifest does not name is denied, and nothing is sent there', async () => {
    let heard = 0;
    const { port } = await listen(() => (heard += 1));
    const other = await listen(echo);
    const guest = await open({ allowed: [`tcp://127.0.0.1:${port}`, `udp://127.0.0.1:${other.port}`] });
    const socket = guest.bound();
    expect(await guest.stream(socket, v4(port))).toEqual(err('access-denied'));
    expect(await guest.stream(socket, v4(0))).toEqual(err('access-denied'));
    const [incoming, outgoing] = valueOf(await guest.stream(socket));
    expect(await send(outgoing, ['x', v4(port)])).toEqual(err('access-denied'));
    await send(outgoing, ['y', v4(other.port)]);
    await receive(incoming, 1);
    expect(heard).toBe(0);
  });

  it.each([v4(0), v4(1, [0, 0, 0, 0]), v6(1)])('%o is no destination of a stream', async (address) => {
    const guest = await open({ allowed: ['*://*:*'] });
    expect(await guest.stream(guest.bound(), address)).toEqual(err('invalid-argument'));
  });

  it('in a blocked network is denied whatever the manifest says, and is not heard from', async () => {
    const { peer, port } = await listen();
    const guest = await open({
      allowed: ['udp://127.0.0.0/8:*'],
      config: { outbound_networking: { block_networks: ['127.0.0.1/32'] } },
    });
    const socket = guest.bound();
    expect(await guest.stream(socket, v4(port))).toEqual(err('access-denied'));
    const [incoming, outgoing] = valueOf(await guest.stream(socket));
    expect(await send(outgoing, ['x', v4(port)])).toEqual(err('access-denied'));
    await new Promise((resolve) => peer.send('x', portOf(guest, socket), '127.0.0.1', resolve));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(incoming.ready()).toBe(false);
  });
});

describe('binding', () => {
  const any = v4(0, [0, 0, 0, 0]);

  it('to any address is what every client does, and is free for those that may send somewhere', async () => {
    const guest = await open({ allowed: ['udp://10.0.0.1:53'] });
    expect(guest.startBind(guest.newUdp(), any)).toEqual(ok());
    const without = await open({ allowed: ['tcp://*:*', 'http://*:*'] });
    expect(without.startBind(without.newUdp(), any)).toEqual(err('access-denied'));
  });

  it('to an address or port of its own takes a rule that names it', async () => {
    const guest = await open({ allowed: ['udp://127.0.0.2:*'] });
    expect(guest.startBind(guest.newUdp(), v4(0))).toEqual(err('access-denied'));
    expect(guest.startBind(guest.newUdp(), v4(9, [0, 0, 0, 0]))).toEqual(err('access-denied'));
    expect(guest.startBind(guest.newUdp(), v4(0, [127, 0, 0, 2]))).toEqual(ok());
  });

  it('lets a client hear from those only that it may send to, and one with a rule for it from all', async () => {
    const [friend, stranger] = [await listen(), await listen()];
    for (const allowed of [[`udp://127.0.0.1:${friend.port}`], ['udp://0.0.0.0:0']]) {
      const guest = await open({ allowed });
      const socket = guest.bound();
      const [incoming] = valueOf(await guest.stream(socket));
      const to = portOf(guest, socket);
      await new Promise((resolve) => stranger.peer.send('stranger', to, '127.0.0.1', resolve));
      await new Promise((resolve) => friend.peer.send('friend', to, '127.0.0.1', resolve));
      const count = allowed[0] === 'udp://0.0.0.0:0' ? 2 : 1;
      expect(texts(await receive(incoming, count))).toEqual(['stranger', 'friend'].slice(-count));
    }
  });

  it('is two steps, each once', async () => {
    const guest = await open();
    const socket = guest.newUdp();
    expect(guest.udp('finish-bind', socket)).toEqual(err('not-in-progress'));
    expect(guest.udp('stream', socket, undefined)).toEqual(err('invalid-state'));
    expect(guest.startBind(socket, any)).toEqual(ok());
    expect(guest.startBind(socket, any)).toEqual(err('invalid-state'));
    expect(guest.udp('stream', socket, undefined)).toEqual(err('invalid-state'));
    expect(guest.udp('local-address', socket)).toEqual(err('invalid-state'));
    expect(socket.ready()).toBe(true);
    expect(guest.udp('finish-bind', socket)).toEqual(ok());
    expect(guest.udp('finish-bind', socket)).toEqual(err('not-in-progress'));
    expect(guest.startBind(socket, any)).toEqual(err('invalid-state'));
    expect(portOf(guest, socket)).toBeGreaterThan(0);
  });

  it.each([
    ['of the other family', v6(0, [0, 0, 0, 0, 0, 0, 0, 0]), 'invalid-argument'],
    ['that is not of this machine', v4(0, [192, 0, 2, 1]), 'address-not-bindable'],
  ])('to an address %s is refused', async (_what, address, code) => {
    const guest = await open({ allowed: ['*://*:*'] });
    const socket = guest.newUdp();
    expect(guest.startBind(socket, address)).toEqual(err(code));
    // It may be tried again.
    expect(guest.startBind(socket, any)).toEqual(ok());
  });

  it('to a port that is taken is refused', async () => {
    const { port } = await listen();
    const guest = await open({ allowed: ['*://*:*'] });
    expect(guest.startBind(guest.newUdp(), v4(port))).toEqual(err('address-in-use'));
  });
});

describe('options of a bound socket', () => {
  it('are those of the system', async () => {
    const guest = await open();
    const before = guest.newUdp();
    guest.udp('set-receive-buffer-size', before, 8192n);
    guest.udp('set-unicast-hop-limit', before, 7);
    guest.startBind(before, v4(0, [0, 0, 0, 0]));
    expect(guest.udp('receive-buffer-size', before)).toEqual(ok(8192n));
    expect(guest.udp('unicast-hop-limit', before)).toEqual(ok(7));
    const after = guest.bound();
    guest.udp('set-send-buffer-size', after, 16_384n);
    expect(guest.udp('send-buffer-size', after)).toEqual(ok(16_384n));
    // More than the system grants: it gives what it can.
    guest.udp('set-send-buffer-size', after, 2n ** 40n);
    const { val } = guest.udp<{ val: bigint }>('send-buffer-size', after);
    expect(val > 16_384n && val < 2n ** 31n).toBe(true);
  });
});

describe('a socket', () => {
  it('has one pair of streams at a time, and does not end before them', async () => {
    const guest = await open();
    const socket = guest.bound();
    const [incoming, outgoing] = valueOf(await guest.stream(socket));
    expect(() => guest.udp('stream', socket, undefined)).toThrow(Trap);
    guest.drop(incoming);
    expect(() => guest.udp('stream', socket, undefined)).toThrow(Trap);
    const pollable = outgoing.subscribe();
    expect(() => outgoing[Symbol.dispose]()).toThrow(Trap);
    pollable[Symbol.dispose]();
  });

  it('that is dropped is closed, and makes room for another', async () => {
    const guest = await open({ config: { outbound_networking: { max_socket_connections: 1 } } });
    const socket = guest.bound();
    const local = portOf(guest, socket);
    expect(guest.call('udp-create-socket', 'create-udp-socket', 'ipv4')).toEqual(err('new-socket-limit'));
    expect(guest.startConnect(guest.newTcp(), v4(1))).toEqual(err('new-socket-limit'));
    guest.drop(socket);
    guest.newUdp();
    // Its port is free again.
    const peer = createSocket('udp4');
    peers.push(peer);
    peer.bind(local, '127.0.0.1');
    await once(peer, 'listening');
  });

  it('with streams traps when it is dropped, and is closed all the same', async () => {
    const guest = await open();
    const socket = guest.bound();
    const local = portOf(guest, socket);
    const streams = valueOf(await guest.stream(socket));
    expect(() => socket[Symbol.dispose]()).toThrow(Trap);
    const peer = createSocket('udp4');
    peers.push(peer);
    peer.bind(local, '127.0.0.1');
    await once(peer, 'listening');
    guest.drop(...streams);
  });
});
