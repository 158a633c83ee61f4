// MySQL without a server: packets, addresses, and servers that send anything but the protocol.
import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openNetwork, parseNetworkConfig } from '../network/index.ts';
import { callHost } from '../testing/call-host.ts';
import { fakeApp } from '../testing/fake-app.ts';
import { fakeGuest } from '../testing/fake-guest.ts';
import { scriptedServer } from '../testing/scripted-server.ts';
import { destinationOf, targetOf } from './address.ts';
import { mysql } from './index.ts';
import type { MySqlConnection } from './state.ts';
import type { MySqlValue } from './value.ts';
import { scramble } from './wire/auth.ts';
import { readColumn, readRow, UnconvertibleValue, type Column } from './wire/column.ts';
import { Fields, lengthBytes } from './wire/fields.ts';
import { PacketReader, partsOf, ProtocolError } from './wire/packets.ts';

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

describe('packets', () => {
  it('are found however the bytes are cut', () => {
    const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 });
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 300 }), cuts, (bodies, sizes) => {
        let sequence = 0;
        const parts: Buffer[] = [];
        for (const body of bodies) {
          const packets = partsOf(Buffer.from(body), sequence);
          let part = packets.next();
          for (; !part.done; part = packets.next()) {
            parts.push(part.value);
          }
          sequence = part.value;
        }
        const bytes = Buffer.concat(parts);
        const reader = new PacketReader(1000);
        const found: number[][] = [];
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const size = sizes[i % sizes.length] ?? 1;
          for (const packet of reader.push(Buffer.from(bytes.subarray(at, at + size)))) {
            found.push([...packet]);
          }
          at += size;
        }
        expect(found).toEqual(bodies.map((body) => [...body]));
      }),
      { numRuns: 50 },
    );
  });

  it('of 16 MiB and more come in parts', () => {
    const body = Buffer.alloc(0xff_ff_ff + 5, 7);
    const parts = [...partsOf(body, 0)];
    expect(parts.map(({ length }) => length)).toEqual([0xff_ff_ff + 4, 9]);
    const reader = new PacketReader(2 * body.length);
    const [packet] = parts.flatMap((part) => [...reader.push(part)]);
    expect(packet?.equals(body)).toBe(true);
    expect(() => [...new PacketReader(1000).push(parts[0] ?? Buffer.alloc(0))]).toThrow(ProtocolError);
  });

  it('have lengths of one to nine bytes', () => {
    for (const length of [0, 250, 251, 65_535, 65_536, 2 ** 24, 2 ** 40]) {
      expect(new Fields(lengthBytes(length)).length()).toBe(length);
    }
    expect(new Fields(Buffer.from([0xfb])).length()).toBeUndefined();
    expect(new Fields(Buffer.from([0xfc, 1, 2])).length()).toBe(513);
    expect(new Fields(Buffer.from([0xfd, 1, 2, 3])).length()).toBe(197_121);
  });
});

const hash = (algorithm: string, ...parts: Buffer[]): Buffer =>
  createHash(algorithm).update(Buffer.concat(parts)).digest();
const xor = (one: Buffer, other: Buffer): Buffer => Buffer.from(one.map((byte, i) => byte ^ (other[i] ?? 0)));

describe('passwords', () => {
  const seed = Buffer.from(Array.from({ length: 20 }, (_, i) => i + 1));

  it('are proved to a server that knows no more than a hash of a hash', () => {
    const password = Buffer.from('sécret');
    const known = { sha1: hash('sha1', hash('sha1', password)), sha256: hash('sha256', hash('sha256', password)) };
    const native = scramble('mysql_native_password', password, seed);
    expect(hash('sha1', xor(native, hash('sha1', seed, known.sha1)))).toEqual(known.sha1);
    const caching = scramble('caching_sha2_password', password, seed);
    expect(hash('sha256', xor(caching, hash('sha256', known.sha256, seed)))).toEqual(known.sha256);
  });

  it('that are empty have no proof', () => {
    expect(scramble('mysql_native_password', Buffer.alloc(0), seed).length).toBe(0);
  });
});

const column = (type: number, flags = 0): Column => {
  const names = Buffer.from('\0\0\0\0\u0001c\0', 'latin1');
  const rest = Buffer.alloc(13);
  rest[0] = 12;
  rest[7] = type;
  rest.writeUInt16LE(flags, 8);
  return readColumn(Buffer.concat([names, rest]));
};

describe('rows', () => {
  it('are values, or an error of their own, whatever bytes a server sends', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 255 }),
        fc.constantFrom(0, 0x20, 0x80),
        fc.uint8Array(),
        (type, flags, bytes) => {
          const outcome = settled(() => readRow(Buffer.from([0, 0, ...bytes]), [column(type, flags)]));
          expect(
            Array.isArray(outcome) || outcome instanceof ProtocolError || outcome instanceof UnconvertibleValue,
          ).toBe(true);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it.each<[type: number, flags: number, bytes: number[], value: MySqlValue]>([
    [1, 0, [255], { tag: 'int8', val: -1 }],
    [1, 0x20, [255], { tag: 'uint8', val: 255 }],
    [2, 0, [255, 255], { tag: 'int16', val: -1 }],
    [9, 0, [255, 255, 255, 255], { tag: 'int32', val: -1 }],
    [3, 0x20, [255, 255, 255, 255], { tag: 'uint32', val: 4_294_967_295 }],
    [253, 0, [1, 97], { tag: 'str', val: 'a' }],
    [253, 0x80, [1, 97], { tag: 'binary', val: new Uint8Array([97]) }],
    [252, 0, [1, 97], { tag: 'str', val: 'a' }],
    [250, 0, [1, 97], { tag: 'binary', val: new Uint8Array([97]) }],
  ])('of type %i with flags %i hold what they should', (type, flags, bytes, value) => {
    expect(readRow(Buffer.from([0, 0, ...bytes]), [column(type, flags)])).toEqual([value]);
  });

  it.each([
    [10, [4, 0xe8, 7, 2, 29], 'Date("\'2024-02-29\'")'],
    [12, [7, 0xe8, 7, 2, 29, 1, 2, 3], 'Date("\'2024-02-29 01:02:03\'")'],
    [11, [8, 1, 1, 0, 0, 0, 1, 2, 3], 'Time("\'-025:02:03\'")'],
    [13, [0xe8, 7], 'Int(2024)'],
    [246, [9, ...Buffer.from('123456.78')], 'Bytes("123456.7..")'],
  ])('of type %i are shown in the error', (type, bytes, shown) => {
    expect(() => readRow(Buffer.from([0, 0, ...bytes]), [column(type)])).toThrow(
      `Cannot convert value ${shown} in column c data type Other`,
    );
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

function settled(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}
