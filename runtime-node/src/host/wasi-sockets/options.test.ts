import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SocketGuest, v4 } from './testing/socket-guest.ts';

const ok = (val?: unknown): object => ({ tag: 'ok', val });
const err = (val: string): object => ({ tag: 'err', val });
const SECOND = 1_000_000_000n;

let guest: SocketGuest;
let server: Server;

beforeEach(async () => {
  guest = await SocketGuest.open();
  server = createServer((peer) => peer.on('error', () => {}).pipe(peer));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterEach(() => {
  guest[Symbol.dispose]();
  server.close();
});

const port = (): number => (server.address() as AddressInfo).port;

/** The two calls of an option on a new socket. */
function optionOf(kind: 'tcp' | 'udp', name: string): { get(): unknown; set(value: unknown): unknown } {
  const socket = kind === 'tcp' ? guest.newTcp() : guest.newUdp();
  const call = (method: string, ...args: unknown[]): unknown =>
    guest.call(kind, `[method]${kind}-socket.${method}`, socket, ...args);
  return { get: () => call(name), set: (value) => call(`set-${name}`, value) };
}

const options = [
  ['tcp', 'keep-alive-enabled', false, true],
  ['tcp', 'keep-alive-idle-time', 7200n * SECOND, 5n * SECOND],
  ['tcp', 'keep-alive-interval', 75n * SECOND, SECOND],
  ['tcp', 'keep-alive-count', 9, 3],
  ['tcp', 'hop-limit', 64, 1],
  ['tcp', 'receive-buffer-size', 65_536n, 4096n],
  ['tcp', 'send-buffer-size', 8192n, 4096n],
  ['udp', 'unicast-hop-limit', 64, 255],
  ['udp', 'receive-buffer-size', 106_496n, 4096n],
  ['udp', 'send-buffer-size', 106_496n, 4096n],
] as const;

describe('an option', () => {
  it.each(options)('of %s, %s, is set and read back, for one socket only', (kind, name, initial, other) => {
    const [option, untouched] = [optionOf(kind, name), optionOf(kind, name)];
    expect(option.get()).toEqual(ok(initial));
    expect(option.set(other)).toEqual(ok());
    expect(option.get()).toEqual(ok(other));
    expect(untouched.get()).toEqual(ok(initial));
  });

  it.each(options.filter(([, , initial]) => initial !== false))('of %s, %s, is never zero', (kind, name, initial) => {
    const option = optionOf(kind, name);
    expect(option.set(typeof initial === 'bigint' ? 0n : 0)).toEqual(err('invalid-argument'));
    expect(option.get()).toEqual(ok(initial));
  });

  it.each([
    ['keep-alive-idle-time', 1n, SECOND],
    ['keep-alive-idle-time', 2n * SECOND - 1n, SECOND],
    ['keep-alive-idle-time', 2n ** 64n - 1n, 32_767n * SECOND],
    ['keep-alive-interval', 1n, SECOND],
    ['keep-alive-interval', 40_000n * SECOND, 32_767n * SECOND],
    ['keep-alive-count', 4_294_967_295, 127],
    ['receive-buffer-size', 2n ** 64n - 1n, 2_147_483_647n],
    ['send-buffer-size', 1n, 1n],
  ])('%s set to %s is %s: what the system can have', (name, value, kept) => {
    const option = optionOf('tcp', name);
    expect(option.set(value)).toEqual(ok());
    expect(option.get()).toEqual(ok(kept));
  });

  it('of tcp cannot be read or set while a connection is made, nor once that has failed', async () => {
    const socket = guest.newTcp();
    guest.startConnect(socket, v4(port()));
    for (const [kind, name, , other] of options.filter(([which]) => which === 'tcp')) {
      expect(guest.call(kind, `[method]tcp-socket.${name}`, socket)).toEqual(err('invalid-state'));
      expect(guest.call(kind, `[method]tcp-socket.set-${name}`, socket, other)).toEqual(err('invalid-state'));
    }
    await guest.finishConnect(socket);
    expect(guest.tcp('hop-limit', socket)).toEqual(ok(64));
  });
});

describe('keep-alive', () => {
  it.runIf(process.platform === 'linux')('set before or after the connection is set at the system', async () => {
    const socket = guest.newTcp();
    guest.tcp('set-keep-alive-enabled', socket, true);
    guest.tcp('set-keep-alive-idle-time', socket, 100n * SECOND);
    guest.startConnect(socket, v4(port()));
    await guest.finishConnect(socket);
    const before = keepAliveTimer();
    guest.tcp('set-keep-alive-idle-time', socket, 50n * SECOND);
    const after = keepAliveTimer();
    guest.tcp('set-keep-alive-enabled', socket, false);
    expect([before, after, keepAliveTimer()]).toEqual(['keepalive', 'keepalive', undefined]);
  });
});

/** The timer of the connection to the test's server, as the system tells it. */
function keepAliveTimer(): string | undefined {
  // The timer stands in column 6 of /proc/net/tcp: 02 is keep-alive (Linux, Documentation/networking/proc_net_tcp.rst).
  const to = `0100007F:${port().toString(16).toUpperCase().padStart(4, '0')}`;
  const lines = readFileSync('/proc/self/net/tcp', 'utf8').split('\n');
  const timer = lines.map((line) => line.trim().split(/\s+/)).find((columns) => columns[2] === to)?.[5];
  return timer?.startsWith('02:') === true ? 'keepalive' : undefined;
}
