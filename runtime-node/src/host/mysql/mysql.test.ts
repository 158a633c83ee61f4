// MySQL without a server: addresses, and servers that send anything but the protocol.
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { openNetwork, parseNetworkConfig } from '../network/index.ts';
import { callHost } from '../testing/call-host.ts';
import { fakeApp } from '../testing/fake-app.ts';
import { fakeGuest } from '../testing/fake-guest.ts';
import { scriptedServer } from '../testing/scripted-server.ts';
import { destinationOf, targetOf } from './address.ts';
import { mysql } from './index.ts';
import type { MySqlConnection } from './state.ts';

const targetFor = (address: string) => {
  const destination = destinationOf(address);
  return destination && targetOf(address, destination);
};

describe('the address of a MySQL server', () => {
  it.each([
    ['mysql://u:p%40@h:1/d', { host: 'h', port: 1, user: 'u', password: 'p@', database: 'd', tls: false }],
    ['mysql://h', { host: 'h', port: 3306, user: '', password: '', database: undefined, tls: false }],
    ['mysql://[::1]/d?ssl-mode=DISABLED', { host: '::1', tls: false }],
    ['mysql://h/d?sslMode=VERIFY_CA', { tls: true }],
    ['mysql://h/d?SsL-mOdE=VERIFY_CA&pool_max=10', { tls: true }],
  ])('is read from %s', (address, expected) => {
    expect(targetFor(address)).toMatchObject(expected);
  });

  it.each([
    ['postgres://h', "URL error: `URL scheme `postgres' is not supported'"],
    ['mysql://h?x=1', "URL error: `Unknown URL parameter `x''"],
    ['mysql://u%00:p@h', "URL error: `Invalid URL'"],
    ['mysql://%ff@h', "URL error: `Invalid URL'"],
  ])('is none: %s', (address, message) => {
    expect(() => targetFor(address)).toThrow(message);
  });
});

type Answer<T> = { tag: 'ok'; val: T } | { tag: 'err'; val: { tag: string; val: string } };

async function guestOf() {
  const { guest, component, abort } = fakeGuest({ metadata: { allowed_outbound_hosts: ['mysql://127.0.0.1:*'] } });
  const app = fakeApp({ components: [component] });
  const network = await openNetwork(parseNetworkConfig(undefined), app);
  const state = await mysql.open(mysql.parse({}), { ...app, network });
  const call = callHost(mysql.bind(state, component).get('fermyon:spin/mysql@2.0.0'), guest);
  const open = (address: string) => call<Promise<Answer<MySqlConnection>>>('[static]connection.open', address);
  const query = (connection: MySqlConnection) =>
    call<Promise<Answer<unknown>>>('[method]connection.query', connection, 'SELECT 1', []);
  return { open, query, abort, close: async () => mysql.close?.(state) };
}

const packet = (sequence: number, ...body: (string | number[])[]): Buffer => {
  const bytes = Buffer.concat(body.map((part) => Buffer.from(part as string)));
  return Buffer.concat([Buffer.from([bytes.length & 255, bytes.length >> 8, 0, sequence]), bytes]);
};
const GREETING = packet(
  0,
  [10],
  '8.0\0',
  [1, 0, 0, 0],
  'abcdefgh\0',
  [0xff, 0xff, 45, 2, 0, 0xff, 0xff, 21],
  '\0'.repeat(10),
  'ijklmnopqrst\0',
  'mysql_native_password\0',
);
const WELCOME = packet(2, [0, 0, 0, 2, 0, 0, 0]);
const NO_STATE = 'ERROR HY000 (1040): Too many';

describe('a MySQL server that', () => {
  it.each<[what: string, greeting: Buffer | 'hang up', then: Buffer | Buffer[] | undefined, text: RegExp]>([
    ['talks nonsense', Buffer.from('garbage garbage'), undefined, /Driver error: `packets out of order'/],
    ['hangs up', 'hang up', undefined, /connection closed|reset/],
    [
      'refuses',
      packet(0, [0xff, 0x10, 4], 'Too many'),
      undefined,
      new RegExp(`Server error: \`${NO_STATE.replaceAll(/[()]/g, '\\$&')}'`),
    ],
    ['is too old', packet(0, [9], '3\0'), undefined, /no greeting/],
    ['greets by halves', packet(0, [10], '8.0\0', [1, 0]), undefined, /ends too early/],
    [
      'asks for the password in the clear',
      GREETING,
      packet(2, [0xfe], 'mysql_clear_password\0'),
      /Unknown authentication plugin `mysql_clear_password'/,
    ],
    ['asks for a file', GREETING, packet(2, [0xfb], '/etc/passwd'), /unexpected packet in the log-in/],
    [
      'sends a key that is none',
      GREETING,
      [
        packet(2, [0xfe], 'caching_sha2_password\0', 'abcdefghijklmnopqrst\0'),
        packet(4, [1, 4]),
        packet(6, [1], 'no key'),
      ],
      /no valid key/,
    ],
  ])('%s is an error when the guest connects', async (_, greeting, then, text) => {
    await using server = await scriptedServer(
      (socket, __, count) => {
        const said = [then].flat()[count];
        if (said !== undefined) {
          socket.write(said);
        }
      },
      (socket) => (greeting === 'hang up' ? socket.destroy() : socket.write(greeting)),
    );
    const { open, close } = await guestOf();
    const answer = await open(`mysql://u:a-password@127.0.0.1:${server.port}/d`);
    expect(answer).toMatchObject({ tag: 'err', val: { tag: 'connection-failed' } });
    expect(answer.tag === 'err' && answer.val.val).toMatch(text);
    expect(JSON.stringify(answer)).not.toContain('a-password');
    await close();
  });

  it.each<[what: string, said: Buffer | Buffer[] | ((socket: Socket) => void), text: RegExp]>([
    ['talks nonsense', Buffer.from('garbage garbage garbage'), /Driver\("packets out of order"\)/],
    ['hangs up', (socket) => socket.destroy(), /Driver\(ConnectionClosed\)|Io\(/],
    ['announces more than there is', Buffer.from([0xff, 0xff, 0xff, 1, 0]), /Driver\(ConnectionClosed\)/],
    ['sends a statement by halves', packet(1, [0, 1, 0]), /ends too early/],
    [
      'asks for a file',
      [packet(1, [0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]), packet(1, [0xfb], '/etc/passwd')],
      /asks for a file/,
    ],
  ])('%s is an error when the guest asks, and never again the same connection', async (_, said, text) => {
    await using server = await scriptedServer(
      (socket, __, count) => {
        if (count === 0) {
          socket.write(WELCOME);
        } else if (typeof said === 'function') {
          said(socket);
        } else {
          const answers = [said].flat();
          const answer = answers[count - 1] ?? Buffer.alloc(0);
          if (count >= answers.length) {
            socket.end(answer);
          } else {
            socket.write(answer);
          }
        }
      },
      (socket) => socket.write(GREETING),
    );
    const { open, query, close } = await guestOf();
    const address = `mysql://u:p@127.0.0.1:${server.port}/d`;
    const opened = await open(address);
    const connection = opened.tag === 'ok' ? opened.val : undefined;
    const answer = connection && (await query(connection));
    expect(JSON.stringify(answer)).toMatch(
      text.source.includes('"') ? new RegExp(text.source.replaceAll('"', '\\\\"')) : text,
    );
    connection?.[Symbol.dispose]();
    await open(address);
    expect(server.accepted).toBe(2);
    await close();
  });

  it('says nothing holds the guest until that is gone', async () => {
    await using server = await scriptedServer(() => {});
    const { open, abort, close } = await guestOf();
    const opening = open(`mysql://u:p@127.0.0.1:${server.port}/d`).catch((error: unknown) => error);
    await expect.poll(() => server.accepted).toBe(1);
    abort();
    expect(await opening).toMatchObject({ name: 'AbortError' });
    await close();
  });
});
