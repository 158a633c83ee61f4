import { createServer, type AddressInfo, type Server, type Socket as Peer } from 'node:net';
import * as fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Trap } from '../../component/index.ts';
import type { InputStream, OutputStream } from '../io/streams.ts';
import { SocketGuest, v4, v6, valueOf, type SocketGuestSetup } from './testing/socket-guest.ts';

const ok = (val?: unknown): object => ({ tag: 'ok', val });
const err = (val: string): object => ({ tag: 'err', val });

const guests: SocketGuest[] = [];
const servers: Server[] = [];

async function open(setup?: SocketGuestSetup): Promise<SocketGuest> {
  const guest = await SocketGuest.open(setup);
  guests.push(guest);
  return guest;
}

interface Listening {
  readonly port: number;
  /** In the order in which they came. */
  readonly peers: Peer[];
  peer(index?: number): Promise<Peer>;
  close(): Promise<void>;
}

async function listen(onPeer: (peer: Peer) => void = () => {}, host = '127.0.0.1'): Promise<Listening> {
  const peers: Peer[] = [];
  const server = createServer({ allowHalfOpen: true }, (peer) => {
    peer.on('error', () => {});
    peers.push(peer);
    onPeer(peer);
    server.emit('came');
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    peers,
    peer: async (index = 0) => {
      for (let peer = peers[index]; ; peer = peers[index]) {
        if (peer !== undefined) {
          return peer;
        }
        await new Promise((resolve) => server.once('came', resolve));
      }
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

const echo = (peer: Peer): unknown => peer.pipe(peer);

afterEach(() => {
  for (const guest of guests.splice(0)) {
    guest[Symbol.dispose]();
  }
  for (const server of servers.splice(0)) {
    server.close();
  }
});

/** Up to `count` bytes, or to the end; the error that ended it otherwise. */
async function readAll(input: InputStream, count = Infinity): Promise<{ text: string; end: unknown }> {
  let text = '';
  while (text.length < count) {
    await input.wait();
    const got = input.read(65_536);
    if (!(got instanceof Uint8Array)) {
      return { text, end: got.tag === 'closed' ? 'closed' : got.val };
    }
    text += Buffer.from(got).toString('latin1');
  }
  return { text, end: undefined };
}

async function write(output: OutputStream, bytes: Uint8Array): Promise<unknown> {
  let rest = bytes;
  while (rest.length > 0) {
    await output.wait();
    const room = output.checkWrite();
    if (typeof room !== 'number') {
      return room;
    }
    output.write(rest.subarray(0, room));
    rest = rest.subarray(room);
  }
  return undefined;
}

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

describe('an end', () => {
  it('by the peer is read after what it sent, and the other direction goes on', async () => {
    const server = await listen((peer) => peer.end('last words'));
    const guest = await open();
    const { input, output } = await guest.connect(v4(server.port));
    expect(await readAll(input)).toEqual({ text: 'last words', end: 'closed' });
    expect(input.read(1)).toEqual({ tag: 'closed' });
    const heard = new Promise<string>((resolve) => server.peers[0]?.once('data', (data) => resolve(`${data}`)));
    await write(output, Buffer.from('still here'));
    expect(await heard).toBe('still here');
  });

  it('by the guest reaches the peer after what was written, and the other direction goes on', async () => {
    let heard = '';
    const server = await listen((peer) => {
      peer.on('data', (data) => (heard += `${data}`));
      peer.on('end', () => peer.end(`heard ${heard.length}`));
    });
    const guest = await open();
    const { socket, input, output } = await guest.connect(v4(server.port));
    await write(output, Buffer.alloc(3_000_000, 'x'));
    expect(guest.tcp('shutdown', socket, 'send')).toEqual(ok());
    expect(await readAll(input)).toEqual({ text: 'heard 3000000', end: 'closed' });
    expect(output.ready()).toBe(true);
    expect(output.checkWrite()).toEqual({ tag: 'closed' });
    expect(output.flush()).toEqual({ tag: 'closed' });
    expect(guest.tcp('shutdown', socket, 'send')).toEqual(ok());
  });

  it('of reading alone leaves writing as it is', async () => {
    const server = await listen((peer) => peer.write('unwanted'));
    const guest = await open();
    const { socket, input, output } = await guest.connect(v4(server.port));
    await input.wait();
    expect(guest.tcp('shutdown', socket, 'receive')).toEqual(ok());
    expect(input.ready()).toBe(true);
    expect(input.read(100)).toEqual({ tag: 'closed' });
    const heard = new Promise<string>((resolve) => server.peers[0]?.once('data', (data) => resolve(`${data}`)));
    expect(await write(output, Buffer.from('more'))).toBeUndefined();
    expect(await heard).toBe('more');
  });

  it('of both is the end of the connection', async () => {
    const server = await listen();
    const guest = await open();
    const { socket, input, output } = await guest.connect(v4(server.port));
    const peer = await server.peer();
    const ended = new Promise((resolve) => peer.once('end', resolve).resume());
    expect(guest.tcp('shutdown', socket, 'both')).toEqual(ok());
    await ended;
    await output.wait();
    expect([input.read(1), output.checkWrite()]).toEqual([{ tag: 'closed' }, { tag: 'closed' }]);
  });

  it('by force is told once to each direction, after what had arrived', async () => {
    const server = await listen((peer) => peer.write('before'));
    const guest = await open();
    const { input, output } = await guest.connect(v4(server.port));
    expect(await readAll(input, 3)).toMatchObject({ text: 'before' });
    const peer = await server.peer();
    await new Promise((resolve) => peer.write('and after', resolve));
    peer.resetAndDestroy();
    const { text, end } = await readAll(input);
    expect(text).toBe('and after');
    expect(guest.call('network', 'network-error-code', end)).toBe('connection-reset');
    expect(input.read(1)).toEqual({ tag: 'closed' });
    expect(output.ready()).toBe(true);
    const told = output.checkWrite();
    expect(told).toMatchObject({ tag: 'last-operation-failed', val: { message: 'connection-reset' } });
    expect(output.checkWrite()).toEqual({ tag: 'closed' });
    expect(output.write(Buffer.from('x'))).toEqual({ tag: 'closed' });
  });

  it('by force leaves the guest what had arrived, though it had not looked', async () => {
    const server = await listen();
    const guest = await open();
    const { input, output } = await guest.connect(v4(server.port));
    const peer = await server.peer();
    await new Promise((resolve) => peer.write('unread', resolve));
    peer.resetAndDestroy();
    await vi.waitFor(() => expect(output.checkWrite()).not.toEqual(expect.any(Number)), { timeout: 20_000 });
    expect(await readAll(input)).toMatchObject({ text: 'unread', end: { code: 'connection-reset' } });
  });

  it('that comes before the guest has asked for the connection is found there', async () => {
    const server = await listen((peer) => peer.end('gone', () => peer.destroy()));
    const guest = await open();
    const socket = guest.newTcp();
    guest.startConnect(socket, v4(server.port));
    const peer = await server.peer();
    await new Promise((resolve) => (peer.closed ? resolve(undefined) : peer.once('close', resolve)));
    const [input] = valueOf(await guest.finishConnect(socket));
    expect(await readAll(input)).toEqual({ text: 'gone', end: 'closed' });
  });

  it('of an error that no socket made has no code', async () => {
    const guest = await open();
    expect(guest.call('network', 'network-error-code', { message: 'other' })).toBeUndefined();
  });
});

describe('back-pressure', () => {
  /** More than the buffers of two sockets and of the streams can hold (Linux: 6 MiB in, 4 MiB out). */
  const MUCH = 32 * 1024 * 1024;

  it('of a peer that does not read stops the guest, which then loses nothing', async () => {
    const server = await listen((peer) => peer.pause());
    const guest = await open();
    const { output } = await guest.connect(v4(server.port));
    const piece = Buffer.alloc(65_536, 'x');
    let written = 0;
    while (output.checkWrite() !== 0) {
      const room = output.checkWrite() as number;
      output.write(piece.subarray(0, room));
      written += room;
      // What the system takes at once makes room at once.
      expect(written).toBeLessThan(MUCH);
    }
    expect(output.ready()).toBe(false);
    const peer = await server.peer();
    let read = 0;
    peer.on('data', (data) => (read += data.length));
    peer.resume();
    await output.wait();
    expect(output.checkWrite()).toBeGreaterThan(0);
    output.flush();
    await output.wait();
    await vi.waitFor(() => expect(read).toBe(written), { timeout: 20_000 });
  });

  it('of a guest that does not read stops the peer, which then loses nothing', async () => {
    const server = await listen();
    const guest = await open();
    const { input } = await guest.connect(v4(server.port));
    const peer = await server.peer();
    let sent = 0;
    const piece = Buffer.alloc(65_536, 'y');
    const blocked = new Promise<void>((resolve) => {
      const push = (): void => {
        while (sent < MUCH) {
          sent += piece.length;
          if (!peer.write(piece)) {
            break;
          }
        }
        if (sent >= MUCH) {
          resolve();
        }
      };
      peer.on('drain', push);
      push();
      // Nothing drains any more: nobody reads.
      let seen = -1;
      const look = (): void => {
        if (sent === seen) {
          resolve();
        } else {
          seen = sent;
          setTimeout(look, 100);
        }
      };
      look();
    });
    await blocked;
    expect(sent).toBeLessThan(MUCH);
    peer.removeAllListeners('drain');
    peer.end();
    let read = 0;
    for (;;) {
      await input.wait();
      const got = input.read(1_000_000);
      if (!(got instanceof Uint8Array)) {
        break;
      }
      read += got.length;
    }
    expect(read).toBe(sent);
  });

  it('is not felt by a flush of what the system has taken', async () => {
    const server = await listen(echo);
    const guest = await open();
    const { output } = await guest.connect(v4(server.port));
    output.write(Buffer.from('small'));
    expect(output.flush()).toBeUndefined();
    expect(output.ready()).toBe(true);
    expect(output.checkWrite()).toBe(65_536);
  });

  it('gives what is read in pieces as small as they are asked for', async () => {
    const server = await listen((peer) => peer.end('abcdef'));
    const guest = await open();
    const { input } = await guest.connect(v4(server.port));
    await input.wait();
    const pieces = [1, 2, 0, 10].map((max) => Buffer.from(input.read(max) as Uint8Array).toString());
    expect(pieces).toEqual(['a', 'bc', '', 'def']);
  });
});

describe('what goes through a connection', () => {
  it('comes back the same, however it is cut into pieces', async () => {
    const server = await listen(echo);
    const guest = await open();
    const sizes = fc.array(fc.nat(150_000), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(sizes, fc.integer({ min: 500, max: 100_000 }), fc.boolean(), async (pieces, atMost, flushes) => {
        const { socket, input, output } = await guest.connect(v4(server.port));
        const all = Buffer.concat(pieces.map((size, n) => Buffer.alloc(size, n + 1)));
        const writing = (async () => {
          let start = 0;
          for (const size of pieces) {
            await write(output, all.subarray(start, start + size));
            start += size;
            if (flushes) {
              output.flush();
            }
          }
          guest.tcp('shutdown', socket, 'send');
        })();
        const back: Uint8Array[] = [];
        for (;;) {
          await input.wait();
          const got = input.read(atMost);
          if (!(got instanceof Uint8Array)) {
            break;
          }
          expect(got.length).toBeLessThanOrEqual(atMost);
          back.push(got);
        }
        await writing;
        expect(Buffer.concat(back).equals(all)).toBe(true);
        guest.drop(input, output, socket);
      }),
      { numRuns: 25 },
    );
  });
});

describe('a socket that is dropped', () => {
  it('closes its connection, and one that is only on its way', async () => {
    const server = await listen((peer) => peer.resume().on('end', () => peer.end()));
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
    const server = await listen((peer) => peer.resume().on('end', () => peer.end()));
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
    const server = await listen((peer) => peer.resume().on('end', () => peer.end()));
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
    guests.length = 0;
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
      const other = guest.another();
      guests.push(other);
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
