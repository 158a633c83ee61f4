// Guests as clients over sockets: std::net as any Rust program uses it, and wasi:sockets called by hand, against servers of
// this machine (spin-contract.md §4.11, §5.1).
import { createSocket, type Socket as Datagrams } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ask, open } from './client.ts';
import { eventually } from './eventually.ts';
import { serveGuest, type ServedGuest } from './serve-guest.ts';

const ALLOWED = `allowed_outbound_hosts = ["tcp://127.0.0.1:*", "tcp://[::1]:*", "udp://127.0.0.1:*", "udp://[::1]:*"]`;

let std: ServedGuest;
let raw: ServedGuest;

beforeAll(async () => {
  [std, raw] = await Promise.all([
    serveGuest('rnet', { component: ALLOWED }),
    serveGuest('rsockets', { component: ALLOWED }),
  ]);
});

afterAll(() => Promise.all([std?.stop(), raw?.stop()]));

const closers: (() => void)[] = [];

afterEach(() => {
  for (const close of closers.splice(0)) {
    close();
  }
});

interface Peer {
  /** `127.0.0.1:<port>` */
  readonly at: string;
  /** Those that are connected now. */
  readonly sockets: ReadonlySet<Socket>;
  readonly server: Server;
}

async function tcp(onPeer: (peer: Socket) => void = () => {}, host = '127.0.0.1'): Promise<Peer> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (peer) => {
    sockets.add(peer);
    peer.on('error', () => {});
    peer.once('close', () => sockets.delete(peer));
    onPeer(peer);
  });
  closers.push(() => {
    server.close();
    sockets.forEach((peer) => peer.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return { at: authority(host, (server.address() as AddressInfo).port), sockets, server };
}

async function udp(onMessage: 'echo' | 'silent', host = '127.0.0.1'): Promise<{ at: string; peer: Datagrams }> {
  const peer = createSocket(host === '::1' ? 'udp6' : 'udp4');
  closers.push(() => peer.close());
  if (onMessage === 'echo') {
    peer.on('message', (data, { port, address }) => peer.send(data, port, address));
  }
  peer.bind(0, host);
  await once(peer, 'listening');
  return { at: authority(host, peer.address().port), peer };
}

const authority = (host: string, port: number): string => `${host.includes(':') ? `[${host}]` : host}:${port}`;

const echo = (peer: Socket): unknown => peer.pipe(peer);

/** Takes all and ends when the other side does. */
const held = (peer: Socket): unknown => peer.resume().on('end', () => peer.end());

/** UDP sockets of this process. */
const datagramSockets = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'UDPWrap').length;

const answerOf = async (served: ServedGuest, path: string): Promise<string | undefined> =>
  (await ask(served.port, path)).body;

/** A port where nobody is. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

describe('a program with std::net', () => {
  it.each(['127.0.0.1', '::1'])('sends, ends, and reads to the end, at %s', async (host) => {
    const { at } = await tcp(echo, host);
    expect(await answerOf(std, `/tcp?to=${at}&send=good%20day`)).toBe('good day');
  });

  it('talks to and fro', async () => {
    const { at } = await tcp(echo);
    expect(await answerOf(std, `/talk?to=${at}&times=50`)).toBe('50 lines');
  });

  it('hears what a server says before it leaves', async () => {
    const { at } = await tcp((peer) => peer.end('go away'));
    expect(await answerOf(std, `/tcp?to=${at}`)).toBe('go away');
  });

  it('is told by kind why there is no connection', async () => {
    expect(await answerOf(std, `/tcp?to=127.0.0.1:${await freePort()}`)).toBe('connect ConnectionRefused');
    expect(await answerOf(std, '/tcp?to=127.0.0.2:80')).toBe('connect PermissionDenied');
    expect(std.notes.join('\n')).toContain(`allowed_outbound_hosts = ["tcp://127.0.0.2:80"]`);
  });

  it('writes 20 MB to a server that does not read at first, and loses nothing', async () => {
    let heard = 0;
    const { at, sockets } = await tcp((peer) => {
      peer.on('data', (data) => (heard += data.length));
      peer.pause();
      peer.on('end', () => peer.end(`${heard} bytes`));
    });
    const answer = answerOf(std, `/write?to=${at}&bytes=20000000`);
    await eventually(() => sockets.size === 1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(heard).toBe(0);
    sockets.forEach((peer) => peer.resume());
    expect(await answer).toBe('20000000 bytes');
  });

  it('reads 20 MB, however late it begins', async () => {
    const { at } = await tcp((peer) => peer.end(Buffer.alloc(20_000_000)));
    expect(await answerOf(std, `/read?to=${at}&pause`)).toBe('20000000 bytes');
  });

  it('has 100 connections at once', async () => {
    const { at } = await tcp(echo);
    expect(await answerOf(std, `/many?to=${at}&count=100`)).toBe('100 connections');
  });

  it.each(['127.0.0.1', '::1'])('sends datagrams to %s and hears back', async (host) => {
    const { at } = await udp('echo', host);
    expect(await answerOf(std, `/udp?to=${at}&send=good%20day`)).toBe('good day');
    expect(await answerOf(std, `/udpto?to=${at}&send=good%20day`)).toBe(`good day from ${at}`);
  });

  it('is told that nobody takes its datagrams, and that it may not send them', async () => {
    const nobody = await freePort();
    expect(await answerOf(std, `/udp?to=127.0.0.1:${nobody}`)).toBe('recv ConnectionRefused');
    expect(await answerOf(std, '/udp?to=127.0.0.2:53')).toBe('connect PermissionDenied');
    expect(await answerOf(std, '/udpto?to=127.0.0.2:53')).toBe('send PermissionDenied');
  });

  it.each([
    ['/listen?at=127.0.0.1:0', 'listen PermissionDenied'],
    ['/listen?at=0.0.0.0:0', 'listen PermissionDenied'],
    ['/bind?at=0.0.0.0:0', 'bound'],
    ['/bind?at=0.0.0.0:9999', 'bind PermissionDenied'],
    ['/bind?at=127.0.0.2:0', 'bind PermissionDenied'],
  ])('at %s: %s', async (path, answer) => {
    expect(await answerOf(std, path)).toBe(answer);
  });

  it('may not look up a name, not even of this machine', async () => {
    expect(await answerOf(std, '/lookup?name=localhost')).toMatch(/^lookup /);
  });

  it('is one of many, each with its own connection', async () => {
    const { at } = await tcp(echo);
    const lines = Array.from({ length: 40 }, (_, n) => `line-${n}`);
    expect(await Promise.all(lines.map((line) => answerOf(std, `/tcp?to=${at}&send=${line}`)))).toEqual(lines);
  });
});

describe('wasi:sockets', () => {
  it('answers step by step', async () => {
    const { at } = await tcp(echo);
    expect(await answerOf(raw, `/tcp?to=${at}`)).toBe(
      'create ok\nstart-connect ok\nlooks few\nfinish-connect ok\nremote-address IpAddressFamily::Ipv4\nshutdown ok\nheard "ping", closed\n',
    );
  });

  it('tells the failures of a connection by their codes', async () => {
    expect(await answerOf(raw, `/tcp?to=127.0.0.1:${await freePort()}`)).toMatch(
      /start-connect ok\nlooks few\nfinish-connect err connection-refused/,
    );
    expect(await answerOf(raw, '/tcp?to=127.0.0.2:80')).toMatch(/start-connect err access-denied/);
  });

  it('tells a stream that its peer has cut the connection', async () => {
    const { at } = await tcp((peer) => peer.once('data', () => peer.resetAndDestroy()));
    expect(await answerOf(raw, `/tcp?to=${at}`)).toContain('heard "", failed connection-reset\n');
  });

  it('refuses to bind and to listen', async () => {
    const answer = await answerOf(raw, '/listen?at=127.0.0.1:0');
    expect(answer).toBe(
      'create ok\nstart-bind err access-denied\nfinish-bind err not-in-progress\nstart-listen err invalid-state\nfinish-listen err not-in-progress\naccept err invalid-state\nis-listening false\nlocal-address err invalid-state\n',
    );
  });

  it.each([
    ['0.0.0.0:0', 'start-bind ok\nfinish-bind ok\nlocal-address ok\nstream ok\n'],
    ['[::]:0', 'start-bind ok\nfinish-bind ok\nlocal-address ok\nstream ok\n'],
    [
      '127.0.0.2:0',
      'start-bind err access-denied\nfinish-bind err not-in-progress\nlocal-address err invalid-state\nstream err invalid-state\n',
    ],
  ])('binds for datagrams to %s', async (at, answer) => {
    expect(await answerOf(raw, `/bind?at=${at}`)).toBe(`create ok\n${answer}`);
  });

  it('waits for a datagram and a timer at once', async () => {
    const [talker, mute] = [await udp('echo'), await udp('silent')];
    const steps = 'create ok\nstart-bind ok\nfinish-bind ok\nstream ok\ncheck-send 16\nsend 1\n';
    expect(await answerOf(raw, `/udp?to=${talker.at}`)).toBe(`${steps}heard "ping"\n`);
    expect(await answerOf(raw, `/udp?to=${mute.at}&timeout=30`)).toBe(`${steps}heard nothing\n`);
  });

  it.each(['localhost', 'example.com', '127.0.0.1'])('does not look up %s', async (name) => {
    expect(await answerOf(raw, `/lookup?name=${name}`)).toMatch(/err permanent-resolver-failure/);
  });

  it('does not take every text for a name', async () => {
    expect(await answerOf(raw, '/lookup?name=a%20b')).toMatch(/err invalid-argument/);
  });

  it('has the options of a new socket as Linux has them', async () => {
    expect(await answerOf(raw, '/options')).toBe(
      [
        'create ok',
        'keep-alive-enabled false',
        'keep-alive-idle-time 7200000000000',
        'keep-alive-interval 75000000000',
        'keep-alive-count 9',
        'hop-limit 64',
        'receive-buffer-size 65536',
        'send-buffer-size 8192',
        ...['keep-alive-idle-time', 'keep-alive-interval', 'keep-alive-count'].map(
          (name) => `set-${name} err invalid-argument`,
        ),
        ...['hop-limit', 'receive-buffer-size', 'send-buffer-size'].map((name) => `set-${name} err invalid-argument`),
        'create ok',
        'unicast-hop-limit 64',
        'receive-buffer-size 106496',
        'set-unicast-hop-limit err invalid-argument',
        '',
      ].join('\n'),
    );
  });

  it('ends a guest that drops a socket before its streams', async () => {
    const { at, sockets } = await tcp((peer) => peer.resume().on('end', () => peer.end()));
    expect((await ask(raw.port, `/forget?to=${at}`)).status).toBe(500);
    await eventually(() => sockets.size === 0);
    expect(raw.errors.at(-1)).toContain('a socket was dropped while a stream of it was alive');
  });
});

describe('a connection does not outlive its guest', () => {
  it('that forgot it', async () => {
    const { at, sockets } = await tcp(held);
    expect(await answerOf(std, `/leak?to=${at}`)).toBe('left open');
    await eventually(() => sockets.size === 0);
    // Nor is it there for the next one.
    expect(await answerOf(std, `/tcp?to=127.0.0.1:${await freePort()}`)).toBe('connect ConnectionRefused');
  });

  it('whose client has gone', async () => {
    const { at, sockets } = await tcp(held);
    const clients = Array.from({ length: 5 }, () => open(std.port, `/hold?to=${at}`).on('error', () => {}));
    clients.forEach((client) => client.end());
    await eventually(() => sockets.size === 5);
    clients.forEach((client) => client.destroy());
    await eventually(() => sockets.size === 0);
    expect(await answerOf(std, '/bind?at=0.0.0.0:0')).toBe('bound');
  });

  it('that waited for datagrams when its client went', async () => {
    const { at } = await udp('silent');
    const before = datagramSockets();
    const client = open(std.port, `/udpwait?to=${at}`).on('error', () => {});
    client.end();
    await eventually(() => datagramSockets() > before);
    client.destroy();
    await eventually(() => datagramSockets() === before);
    expect(await answerOf(std, '/bind?at=0.0.0.0:0')).toBe('bound');
  });
});

describe('a quota', () => {
  it.each(['max_socket_connections', 'max_total_connections'])('%s refuses what is more', async (key) => {
    const { at, sockets } = await tcp(echo);
    const file = '/nowhere/runtime-config.toml';
    const served = await serveGuest('rsockets', {
      component: ALLOWED,
      run: { runtimeConfig: { file, text: `[outbound_networking]\n${key} = 0\n` } },
    });
    closers.push(() => void served.stop());
    expect(await answerOf(served, `/tcp?to=${at}`)).toMatch(/start-connect err new-socket-limit/);
    expect(await answerOf(served, '/bind?at=0.0.0.0:0')).toMatch(/create err new-socket-limit/);
    expect(sockets.size).toBe(0);
  });

  it('is whole again when guests have ended', async () => {
    const { at } = await tcp(echo);
    const text = '[outbound_networking]\nmax_socket_connections = 3\n';
    const served = await serveGuest('rnet', {
      component: ALLOWED,
      run: { runtimeConfig: { file: '/nowhere/runtime-config.toml', text }, threads: 1 },
    });
    closers.push(() => void served.stop());
    for (let turn = 0; turn < 3; turn += 1) {
      expect(await answerOf(served, `/many?to=${at}&count=3`)).toBe('3 connections');
      expect(await answerOf(served, `/many?to=${at}&count=4`)).toMatch(/^connect /);
    }
  });

  it('of an instance keeps it from taking all files of the process', async () => {
    const { at } = await tcp(echo);
    expect(await answerOf(std, `/many?to=${at}&count=300`)).toMatch(/^connect /);
    expect(await answerOf(std, `/tcp?to=${at}`)).toBe('hello');
  });
});
