// Servers that send anything but PostgreSQL's protocol. A guest gets an error, soon, and this process keeps little.
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { openNetwork, parseNetworkConfig } from '../network/index.ts';
import { callHost } from '../testing/call-host.ts';
import { fakeApp } from '../testing/fake-app.ts';
import { fakeGuest } from '../testing/fake-guest.ts';
import { scriptedServer } from '../testing/scripted-server.ts';
import { postgres } from './index.ts';
import type { PgConnection } from './open-connection.ts';

type Answer<T> = { tag: 'ok'; val: T } | { tag: 'err'; val: { tag: string; val: unknown } };

const SECRET = 'a-password';

async function guestOf() {
  const { guest, component, abort } = fakeGuest({ metadata: { allowed_outbound_hosts: ['postgres://127.0.0.1:*'] } });
  const app = fakeApp({ components: [component] });
  const network = await openNetwork(parseNetworkConfig(undefined), app);
  const state = await postgres.open(postgres.parse({}), { ...app, network });
  const call = callHost(postgres.bind(state, component).get('spin:postgres/postgres@4.2.0'), guest);
  const open = (port: number, more = '?sslmode=disable') =>
    call<Promise<Answer<PgConnection>>>('[static]connection.open', `postgres://u:${SECRET}@127.0.0.1:${port}/d${more}`);
  const openWithout = (port: number) =>
    call<Promise<Answer<PgConnection>>>('[static]connection.open', `postgres://u@127.0.0.1:${port}/d?sslmode=disable`);
  const query = (connection: PgConnection) =>
    call<Promise<Answer<unknown>>>('[method]connection.query', connection, 'SELECT 1', []);
  return { open, openWithout, query, abort, close: async () => postgres.close?.(state) };
}

const message = (type: string, ...body: (string | number[])[]): Buffer => {
  const bytes = Buffer.concat(body.map((part) => Buffer.from(part as string)));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length + 4);
  return Buffer.concat([Buffer.from(type), length, bytes]);
};
const WELCOME = Buffer.concat([message('R', [0, 0, 0, 0]), message('Z', 'I')]);
const ANNOUNCED = Buffer.from([68, 0x06, 0xff, 0xff, 0xff]);

describe('a PostgreSQL server that', () => {
  it.each<[what: string, first: (socket: Socket) => void, text: RegExp]>([
    ['talks nonsense', (socket) => socket.write('garbage garbage'), /error parsing response from server/],
    ['hangs up', (socket) => socket.destroy(), /connection closed|Connection reset/],
    [
      'announces more than there is',
      (socket) => socket.write(Buffer.from([82, 0xff, 0xff, 0xff, 0xff])),
      /a message of 4294967295 bytes/,
    ],
    [
      'wants a proof of another kind',
      (socket) => socket.write(message('R', [0, 0, 0, 7])),
      /unsupported authentication method/,
    ],
    [
      'ends SCRAM without a proof',
      (socket) => socket.write(Buffer.concat([message('R', [0, 0, 0, 10], 'SCRAM-SHA-256\0\0'), WELCOME])),
      /without its proof/,
    ],
    ['goes on with what has not begun', (socket) => socket.write(message('R', [0, 0, 0, 11], 'r=x')), /SCRAM goes on/],
    ['sends rows instead of a welcome', (socket) => socket.write(message('D', [0, 0])), /unexpected message/],
    [
      'refuses',
      (socket) => socket.end(message('E', 'SFATAL\0C28000\0Mno such user\0\0')),
      /db error\n\nCaused by:\n {4}0: db error\n {4}1: FATAL: no such user/,
    ],
  ])('%s is an error when the guest connects', async (_, first, text) => {
    await using server = await scriptedServer(first);
    const { open, close } = await guestOf();
    const answer = await open(server.port);
    expect(answer).toMatchObject({ tag: 'err', val: { tag: 'connection-failed' } });
    expect(answer.tag === 'err' && answer.val.val).toMatch(text);
    expect(JSON.stringify(answer)).not.toContain(SECRET);
    await close();
  });

  it('answers the request for TLS with more than a letter is an error: somebody may have put it there', async () => {
    await using server = await scriptedServer((socket) => socket.write('Sstuffed'));
    const { open, close } = await guestOf();
    expect(JSON.stringify(await open(server.port, ''))).toContain('too much before TLS');
    await close();
  });

  it('has no TLS serves who prefers it, and not who requires it', async () => {
    await using server = await scriptedServer((socket, _, count) => socket.write(count === 0 ? 'N' : WELCOME));
    const { open, close } = await guestOf();
    expect((await open(server.port, '')).tag).toBe('ok');
    expect(JSON.stringify(await open(server.port, '?sslmode=require'))).toContain('server does not support TLS');
    await close();
  });

  it.each<[what: string, answer: Buffer | 'hang up', text: RegExp]>([
    ['talks nonsense', Buffer.from('garbage garbage'), /kind: Parse/],
    ['hangs up', 'hang up', /kind: (?:Closed|Io)/],
    ['sends half a message', message('T', [0, 5]), /kind: Parse/],
    ['sends a row that nobody asked for', message('D', [0, 1, 0, 0]), /kind: Parse/],
    ['is ready twice', Buffer.concat([message('Z', 'I'), message('Z', 'I')]), /"tag":"ok"/],
    ['knows a state that there is not', message('Z', 'X'), /kind: Parse/],
  ])('%s is an error when the guest asks, and never again the same connection', async (_, said, text) => {
    await using server = await scriptedServer((socket, __, count) => {
      if (count === 0) {
        socket.write(WELCOME);
      } else if (said === 'hang up') {
        socket.destroy();
      } else {
        socket.write(said);
        socket.end();
      }
    });
    const { open, query, close } = await guestOf();
    const opened = await open(server.port);
    const connection = opened.tag === 'ok' ? opened.val : undefined;
    const answer = connection && (await query(connection));
    expect(JSON.stringify(answer)).toMatch(text);
    connection?.[Symbol.dispose]();
    await open(server.port);
    expect(server.accepted).toBe(2);
    await close();
  });

  it('announces a large message and sends it byte by byte costs next to nothing until the guest is gone', async () => {
    const timers: NodeJS.Timeout[] = [];
    await using server = await scriptedServer((socket, _, count) => {
      if (count === 0) {
        socket.write(WELCOME);
      } else {
        socket.write(ANNOUNCED);
        timers.push(setInterval(() => socket.write('x'), 1));
      }
    });
    const { open, query, abort, close } = await guestOf();
    const opened = await open(server.port);
    const before = process.memoryUsage().arrayBuffers;
    const asked = opened.tag === 'ok' ? query(opened.val) : undefined;
    const outcome = asked?.catch((error: unknown) => error);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 1024 * 1024);
    abort();
    expect(await outcome).toMatchObject({ name: 'AbortError' });
    timers.forEach(clearInterval);
    await close();
  });
});

describe('what this process has for clients of PostgreSQL in its environment', () => {
  it('is not for guests: neither a password nor settings', async () => {
    const said: Buffer[] = [];
    await using server = await scriptedServer((socket, chunk) => {
      said.push(chunk);
      socket.write(message('R', [0, 0, 0, 3]));
    });
    const environment = {
      PGPASSWORD: SECRET,
      PGOPTIONS: '-c role=operator',
      PGAPPNAME: 'operator',
      PGSSLMODE: 'require',
      PGSSLNEGOTIATION: 'direct',
      PGREPLICATION: 'true',
    };
    const before = { ...process.env };
    Object.assign(process.env, environment);
    try {
      const { openWithout, close } = await guestOf();
      expect(JSON.stringify(await openWithout(server.port))).toContain('password missing');
      await close();
    } finally {
      process.env = before;
    }
    expect(Buffer.concat(said).toString('latin1')).toMatch(/^[^]{8}user\0u\0database\0d\0client_encoding\0UTF8\0\0$/);
  });
});

describe('a PostgreSQL address', () => {
  it.each([
    ['postgres://127.0.0.2/d', 'address postgres://127.0.0.2:5432 is not permitted'],
    ['host=127.0.0.1 hostaddr=127.0.0.2 port=1', 'address postgres://127.0.0.1:1 is not permitted'],
    ['host=127.0.0.1,127.0.0.2 port=1', 'address postgres://127.0.0.2:1 is not permitted'],
    ['host=/run/postgresql', 'Unix sockets are not supported on WebAssembly'],
    ['host=@abstract', 'Unix sockets are not supported on WebAssembly'],
    ['postgres://127.0.0.1@127.0.0.2:1', 'address postgres://127.0.0.2:1 is not permitted'],
    ['postgres://127.0.0.1%23@127.0.0.2:1', 'address postgres://127.0.0.2:1 is not permitted'],
    ["host='127.0.0.1/x' port=1", 'address postgres://127.0.0.1/x:1 is not permitted'],
    ["host='127.0.0.1 ' port=1", 'address postgres://127.0.0.1 :1 is not permitted'],
    ['host=evil.example@127.0.0.1 port=1', 'address postgres://evil.example@127.0.0.1:1 is not permitted'],
    ['junk', 'invalid connection string'],
  ])('%s opens no socket', async (address, text) => {
    const { guest, component } = fakeGuest({ metadata: { allowed_outbound_hosts: ['postgres://127.0.0.1:1'] } });
    const app = fakeApp({ components: [component] });
    const network = await openNetwork(parseNetworkConfig(undefined), app);
    const state = await postgres.open(postgres.parse({}), { ...app, network });
    const call = callHost(postgres.bind(state, component).get('spin:postgres/postgres@4.2.0'), guest);
    const answer = await call('[static]connection.open', address);
    const builder = call('[constructor]connection-builder', address);
    const built = await call('[method]connection-builder.build', builder);
    expect(built).toEqual(answer);
    expect(answer).toEqual({ tag: 'err', val: { tag: 'connection-failed', val: text } });
    expect(network.connections.taken).toBe(0);
    await postgres.close?.(state);
  });
});
