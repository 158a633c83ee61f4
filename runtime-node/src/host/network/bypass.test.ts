// Ways round the rules that others have tried, on every outbound path: what a guest may not reach is not even dialled.
// Observed where it cannot be missed: at the sockets that Node makes, and at the names that are looked up.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HostInterface } from '../../component/index.ts';
import type { HostCapability } from '../capability.ts';
import type { Guest } from '../guest.ts';
import { httpCapability } from '../http/index.ts';
import { Fields } from '../http/types/fields.ts';
import type { FutureIncomingResponse } from '../http/types/future-incoming-response.ts';
import { OutgoingRequest } from '../http/types/outgoing-request.ts';
import { mqtt } from '../mqtt/index.ts';
import { mysql } from '../mysql/index.ts';
import { postgres } from '../postgres/index.ts';
import { redis } from '../redis/index.ts';
import { callHost, type CallHost } from '../testing/call-host.ts';
import { fakeApp } from '../testing/fake-app.ts';
import { fakeComponent, fakeGuest } from '../testing/fake-guest.ts';
import { v4, v6, SocketGuest } from '../wasi-sockets/testing/socket-guest.ts';
import { NETWORK_CONFIG_KEY, openNetwork, parseNetworkConfig } from './index.ts';

type Address = (host: string, port: number) => string;

/** One way for a guest to reach a server. `reach` resolves when the attempt is over, however it ended. */
interface OutboundPath {
  readonly name: string;
  readonly scheme: string;
  readonly capability: HostCapability<unknown, object>;
  readonly interfaceName: string;
  readonly address: Address;
  readonly reach: (call: CallHost, address: string) => Promise<unknown>;
}

const url =
  (scheme: string, userInfo = '', rest = ''): Address =>
  (host, port) =>
    `${scheme}://${userInfo}${host}:${port}${rest}`;

const asHttp = async (call: CallHost, address: string): Promise<unknown> => {
  const request = new OutgoingRequest(new Fields());
  request.setScheme({ tag: 'HTTP' });
  // As the SDKs do: what stands between the slashes, unread.
  if (request.setAuthority(address.slice('http://'.length)).tag === 'err') {
    return 'not an authority';
  }
  request.setPathWithQuery('/');
  const handled = call<{ tag: string; val: FutureIncomingResponse }>('handle', request, undefined);
  if (handled.tag === 'err') {
    return handled.val;
  }
  await handled.val.wait();
  return handled.val.get();
};

const asSpin1 = (call: CallHost, uri: string): Promise<unknown> =>
  call('send-request', { method: 'get', uri, headers: [], params: [], body: undefined });

const opened = (call: CallHost, address: string): Promise<unknown> => call('[static]connection.open', address);

const asMqtt = async (call: CallHost, address: string): Promise<unknown> => {
  const connection = await call<{ tag: string; val: unknown }>('[static]connection.open', address, '', '', 5n);
  return connection.tag === 'err'
    ? connection
    : call('[method]connection.publish', connection.val, 'topic', new Uint8Array(0), 'at-most-once');
};

const http = httpCapability() as HostCapability<unknown, object>;
const erased = (capability: unknown): HostCapability<unknown, object> => capability as HostCapability<unknown, object>;

const PATHS: readonly OutboundPath[] = [
  {
    name: 'wasi:http',
    scheme: 'http',
    capability: http,
    interfaceName: 'wasi:http/outgoing-handler@0.2.12',
    address: url('http'),
    reach: asHttp,
  },
  {
    name: 'fermyon:spin/http',
    scheme: 'http',
    capability: http,
    interfaceName: 'fermyon:spin/http',
    address: url('http', '', '/'),
    reach: asSpin1,
  },
  {
    name: 'redis',
    scheme: 'redis',
    capability: erased(redis),
    interfaceName: 'fermyon:spin/redis@2.0.0',
    address: url('redis'),
    reach: opened,
  },
  {
    name: 'redis of Spin 1',
    scheme: 'redis',
    capability: erased(redis),
    interfaceName: 'fermyon:spin/redis',
    address: url('redis'),
    reach: async (call, address) => call('get', address, 'k'),
  },
  {
    name: 'mqtt',
    scheme: 'mqtt',
    capability: erased(mqtt),
    interfaceName: 'fermyon:spin/mqtt@2.0.0',
    address: url('mqtt', '', '?client_id=c'),
    reach: asMqtt,
  },
  {
    name: 'mysql',
    scheme: 'mysql',
    capability: erased(mysql),
    interfaceName: 'fermyon:spin/mysql@2.0.0',
    address: url('mysql', 'u:p@', '/db'),
    reach: opened,
  },
  {
    name: 'postgres 2.0.0',
    scheme: 'postgres',
    capability: erased(postgres),
    interfaceName: 'fermyon:spin/postgres@2.0.0',
    address: url('postgres', 'u:p@', '/db?sslmode=disable'),
    reach: opened,
  },
  {
    name: 'postgres 4',
    scheme: 'postgres',
    capability: erased(postgres),
    interfaceName: 'spin:postgres/postgres@4.2.0',
    address: url('postgres', 'u:p@', '/db?sslmode=disable'),
    reach: opened,
  },
  {
    name: 'postgres by keywords',
    scheme: 'postgres',
    capability: erased(postgres),
    interfaceName: 'fermyon:spin/postgres@2.0.0',
    address: (host, port) => `host=${host.replace(/^\[(.*)\]$/, '$1')} port=${port} user=u sslmode=disable`,
    reach: opened,
  },
];

/** What an attempt did to the network. */
interface Seen {
  /** Sockets that were made. */
  readonly dialled: number;
  /** Names that were looked up. */
  readonly asked: readonly string[];
  readonly answer: unknown;
}

type Resolver = (name: string) => readonly string[];

interface Setup {
  readonly allowed: readonly string[];
  readonly block?: readonly string[];
  readonly resolve?: Resolver;
}

const LOOPBACK: Resolver = () => ['127.0.0.1'];

/** Makes one attempt, in an app of its own. */
async function attempt(path: OutboundPath, address: string, setup: Setup): Promise<Seen> {
  const { call, seen, close } = await openPath(path, setup);
  try {
    return await seen(() => path.reach(call('c'), address));
  } finally {
    await close();
  }
}

async function openPath(
  { capability, interfaceName }: OutboundPath,
  { allowed, block = [], resolve = LOOPBACK }: Setup,
) {
  const asked: string[] = [];
  const components = [
    fakeComponent({ id: 'c', metadata: { allowed_outbound_hosts: [...allowed] } }),
    fakeComponent({ id: 'other' }),
  ];
  const app = fakeApp({ components });
  const network = await openNetwork(parseNetworkConfig({ block_networks: [...block] }), app, {
    resolve: async (name) => {
      asked.push(name);
      return resolve(name).map((ip) => ({ address: ip, family: ip.includes(':') ? 6 : 4 }));
    },
  });
  const state = await capability.open(capability.parse({}), { ...app, network });
  return {
    call: (id: string): CallHost => {
      const component = components.find((one) => one.id === id) ?? fakeComponent();
      const bound: ReadonlyMap<string, HostInterface<Guest>> = capability.bind(state, component);
      return callHost(bound.get(interfaceName), fakeGuest(component).guest);
    },
    seen: async (act: () => Promise<unknown>): Promise<Seen> => {
      let dialled = 0;
      const onSocket = (): void => {
        dialled += 1;
      };
      asked.length = 0;
      subscribe('net.client.socket', onSocket);
      try {
        const answer = await act();
        return { dialled, asked: [...asked], answer };
      } finally {
        unsubscribe('net.client.socket', onSocket);
      }
    },
    close: async () => capability.close?.(state),
  };
}

/** By which address of this machine they came. It hangs up on them, so that a driver that gets through is soon done. */
const visitors: (string | undefined)[] = [];
const trap = createServer((socket) => {
  visitors.push(socket.localAddress);
  socket.on('error', () => {}).end();
});
let port = 0;

beforeAll(async () => {
  await new Promise<void>((resolve) => trap.listen(0, '0.0.0.0', resolve));
  ({ port } = trap.address() as AddressInfo);
});

afterAll(() => trap.close());

/** None of them is `allowed.example`, whatever it looks like. */
const OTHER_HOSTS: readonly (readonly [what: string, host: string])[] = [
  ['an address', '127.0.0.1'],
  ['a hexadecimal address', '0x7f000001'],
  ['a hexadecimal part', '0x7f.0.0.1'],
  ['an octal part', '0177.0.0.1'],
  ['a decimal address', '2130706433'],
  ['an octal address', '017700000001'],
  ['two parts', '127.1'],
  ['three parts', '127.0.1'],
  ['the address of any', '0.0.0.0'],
  ['zero', '0'],
  ['IPv6', '[::1]'],
  ['IPv4 mapped into IPv6', '[::ffff:127.0.0.1]'],
  ['IPv4 mapped into IPv6 in hexadecimal', '[::ffff:7f00:1]'],
  ['IPv4 compatible with IPv6', '[::127.0.0.1]'],
  ['NAT64', '[64:ff9b::7f00:1]'],
  ['6to4', '[2002:7f00:1::]'],
  ['metadata of clouds', '169.254.169.254'],
  ['metadata in decimal', '2852039166'],
  ['metadata in IPv6', '[fd00:ec2::254]'],
  ['metadata by name', 'metadata.google.internal'],
  ['a name of this machine', 'localhost'],
  ['a name of this machine with a dot', 'localhost.'],
  ['a subdomain', 'x.allowed.example'],
  ['a domain that ends so', 'notallowed.example'],
  ['a domain that begins so', 'allowed.example.evil.example'],
  ['user info that looks so', 'allowed.example@127.0.0.1'],
  ['user info with a port', 'allowed.example:80@127.0.0.1'],
  ['two of user info', 'allowed.example@allowed.example@127.0.0.1'],
  ['a fragment before the real host', '127.0.0.1#@allowed.example'],
  ['a query before the real host', '127.0.0.1?@allowed.example'],
  ['a path before the real host', '127.0.0.1/@allowed.example'],
  ['a backslash in user info', 'allowed.example\\@127.0.0.1'],
  ['a percent-encoded dot', '127%2e0%2e0%2e1'],
  ['a percent-encoded slash', '127.0.0.1%2f@allowed.example.evil'],
  ['a percent-encoded at', 'allowed.example%40127.0.0.1'],
  ['a percent-encoded hash', '127.0.0.1%23.allowed.example'],
  ['a percent-encoded zero', 'allowed.example%00.evil.example'],
  ['a tab', 'allowed.exa\tmple.evil'],
  ['a new line', 'evil.example\r\nHost: allowed.example'],
  ['a space', 'evil.example allowed.example'],
  ['a comma', 'evil.example,allowed.example'],
  ['a semicolon', 'allowed.example;evil.example'],
  ['a Cyrillic letter', '\u0430llowed.example'],
  ['its punycode', 'xn--llowed-63d.example'],
  ['a Greek letter', 'all\u03bfwed.example'],
  ['digits of full width', '\uff11\uff12\uff17.\uff10.\uff10.\uff11'],
  ['digits in circles', '\u2460\u2461\u2466.0.0.1'],
  ['a fraction slash', 'evil.example\u2044allowed.example'],
  ['an account-of sign', 'evil.example\u2100allowed.example'],
  ['a zone', '[fe80::1%25lo]'],
  ['an empty label', 'allowed..example'],
  ['nothing', ''],
];

/** Spellings that a URL parser takes for `allowed.example`. */
const SAME_HOST: readonly (readonly [what: string, host: string])[] = [
  ['as it is', 'allowed.example'],
  ['in upper case', 'ALLOWED.Example'],
  ['percent-encoded', '%61llowed.example'],
  ['in full width', '\uff41llowed.example'],
  ['with an ideographic dot', 'allowed\u3002example'],
  ['with a soft hyphen', 'al\u00adlowed.example'],
  ['with a dot at the end', 'allowed.example.'],
  ['after a backslash, which is user info where a scheme does not say otherwise', '127.0.0.1\\@allowed.example'],
];

describe.each(PATHS)('by $name', (path) => {
  const allowed = (): string[] => [`${path.scheme}://allowed.example:${port}`];

  it.each(OTHER_HOSTS)('%s is not the allowed host: %j', async (_what, host) => {
    const { dialled, asked, answer } = await attempt(path, path.address(host, port), { allowed: allowed() });
    expect({ dialled, asked }).toEqual({ dialled: 0, asked: [] });
    expect(JSON.stringify(answer)).not.toContain('"tag":"ok","val":{"tag":"ok"');
  });

  // Either is safe: the very name that is allowed is looked up, or none is.
  it.each(SAME_HOST)('the allowed host %s is no other', async (_what, host) => {
    const { dialled, asked } = await attempt(path, path.address(host, port), { allowed: allowed() });
    expect([[], ['allowed.example']]).toContainEqual(asked);
    expect(dialled).toBe(asked.length);
  });

  it('reaches what is allowed', async () => {
    const { dialled, asked } = await attempt(path, path.address('allowed.example', port), { allowed: allowed() });
    expect({ dialled, asked }).toEqual({ dialled: 1, asked: ['allowed.example'] });
  });

  it('reaches no other port, and nothing by another scheme', async () => {
    const other = await attempt(path, path.address('allowed.example', port + 1), { allowed: allowed() });
    const scheme = await attempt(path, path.address('allowed.example', port), {
      allowed: [`ftp://allowed.example:${port}`],
    });
    expect([other.dialled, scheme.dialled]).toEqual([0, 0]);
  });

  /** Whatever the manifest says. */
  const blocked: Setup = { allowed: ['*://*:*'], block: ['private', '8.8.8.8/32'] };

  it.each<readonly [string, string]>([
    ...OTHER_HOSTS.filter(([, host]) => !/[a-z]\.example|internal|xn--/.test(host)),
    ['a carrier', '100.100.100.200'],
    ['a protocol assignment', '192.0.0.192'],
    ['a private network', '10.1.2.3'],
    ['another', '172.31.255.254'],
    ['a third', '192.168.0.1'],
    ['multicast', '224.0.0.1'],
    ['broadcast', '255.255.255.255'],
    ['local IPv6', '[fe80::1]'],
    ['unique local IPv6', '[fc00::1]'],
    ['a blocked network', '8.8.8.8'],
    ['a blocked network in decimal', '134744072'],
    ['a blocked network mapped into IPv6', '[::ffff:8.8.8.8]'],
    ['a blocked network by NAT64', '[64:ff9b::808:808]'],
    ['a private network by NAT64', '[64:ff9b::a01:203]'],
    ['a network that translates locally', '[64:ff9b:1::7f00:1]'],
    ['Teredo', '[2001:0:4136:e378:8000:63bf:3fff:fdd2]'],
  ])('%s is blocked: %j', async (_what, host) => {
    const { dialled } = await attempt(path, path.address(host, port), blocked);
    expect(dialled).toBe(0);
  });

  it.each([
    ['loopback', ['127.0.0.1']],
    ['loopback of IPv6', ['::1']],
    ['loopback mapped into IPv6', ['::ffff:127.0.0.1']],
    ['any', ['0.0.0.0']],
    ['any of IPv6', ['::']],
    ['metadata', ['169.254.169.254', 'fd00:ec2::254']],
    ['a blocked network', ['8.8.8.8']],
    ['a link with a zone', ['fe80::1%lo']],
    ['what is no address', ['localhost']],
    ['nothing', []],
  ])('a name for %s is blocked', async (_what, addresses) => {
    const { dialled, asked } = await attempt(path, path.address('rebind.example', port), {
      ...blocked,
      resolve: () => addresses,
    });
    expect({ dialled, asked }).toEqual({ dialled: 0, asked: ['rebind.example'] });
  });

  it('is connected to an address that was checked, however the answer changes', async () => {
    const answers = [['127.0.0.1'], ['127.0.0.2']];
    visitors.length = 0;
    const { asked } = await attempt(path, path.address('rebind.example', port), {
      allowed: ['*://*:*'],
      block: ['127.0.0.2/32'],
      resolve: () => answers.shift() ?? ['127.0.0.2'],
    });
    await visit();
    expect(asked[0]).toBe('rebind.example');
    expect(visitors).toContain('127.0.0.1');
    expect(visitors).not.toContain('127.0.0.2');
  });

  it('is connected to none of the addresses that are blocked, where a name has others too', async () => {
    visitors.length = 0;
    await attempt(path, path.address('mixed.example', port), {
      allowed: ['*://*:*'],
      block: ['127.0.0.2/32', '127.0.0.3/32'],
      resolve: () => ['127.0.0.2', '127.0.0.1', '127.0.0.3'],
    });
    await visit();
    expect(new Set(visitors)).toEqual(new Set(['127.0.0.1']));
  });

  it('is denied to a component that may not, also where another has a connection', async () => {
    const { call, seen, close } = await openPath(path, { allowed: allowed() });
    const address = path.address('allowed.example', port);
    await path.reach(call('c'), address);
    const { dialled, asked } = await seen(() => path.reach(call('other'), address));
    expect({ dialled, asked }).toEqual({ dialled: 0, asked: [] });
    await close();
  });
});

/** Until all that came so far has been accepted: connections are, in order, and this is the last. */
async function visit(): Promise<void> {
  await new Promise((resolve) => connect(port, '127.0.0.1').resume().on('close', resolve));
  visitors.pop();
}

const withoutContent = (answer: unknown): unknown => {
  const { tag, val } = answer as { readonly tag: string; readonly val: { readonly status?: number } };
  return tag === 'ok' ? { tag, val: { status: val.status } } : answer;
};

const pathNamed = (name: string): OutboundPath => PATHS.find((path) => path.name === name) as OutboundPath;

describe('a redirect', () => {
  const spin1 = pathNamed('fermyon:spin/http');
  let location = '';
  let hosts: (string | undefined)[] = [];
  const origin = createHttpServer((request, response) => {
    hosts.push(request.headers.host);
    response.writeHead(request.url === '/' ? 302 : 200, { location, connection: 'close' }).end();
  });
  let from = '';

  beforeAll(async () => {
    await new Promise<void>((resolve) => origin.listen(0, '127.0.0.1', resolve));
    from = `allowed.example:${(origin.address() as AddressInfo).port}`;
  });

  afterAll(() => origin.close());

  it.each([
    ...OTHER_HOSTS.filter(([, host]) => URL.canParse(`http://${host}/`)).map(([, host]) => `http://${host}/next`),
    '//denied.example/next',
    '\\\\denied.example\\next',
    'http:\\\\denied.example/next',
    'HTTP://DENIED.example/next',
    'https://allowed.example/next',
  ])('to %j is not followed', async (to) => {
    // As the bytes that a server would send.
    location = Buffer.from(to).toString('latin1');
    hosts = [];
    const { dialled, asked, answer } = await attempt(spin1, `http://${from}/`, { allowed: [`http://${from}`] });
    expect({ dialled, asked, hosts }).toEqual({ dialled: 1, asked: ['allowed.example'], hosts: [from] });
    // A location that is not ASCII is none, and the redirect is for the guest to see.
    expect([
      { tag: 'err', val: 'destination-not-allowed' },
      { tag: 'ok', val: { status: 302 } },
    ]).toContainEqual(withoutContent(answer));
  });

  it.each(['file:///etc/passwd', 'gopher://denied.example/', 'data:text/plain,x', 'javascript:1'])(
    'to %j is for the guest to see',
    async (to) => {
      location = to;
      const { dialled, answer } = await attempt(spin1, `http://${from}/`, { allowed: ['*://*:*'] });
      expect({ dialled, answer }).toMatchObject({ dialled: 1, answer: { tag: 'ok', val: { status: 302 } } });
    },
  );

  it('to a blocked address is not followed', async () => {
    location = 'http://inside.example/next';
    const { dialled, asked, answer } = await attempt(spin1, `http://${from}/`, {
      allowed: ['*://*:*'],
      block: ['127.0.0.2/32'],
      resolve: (name) => [name === 'inside.example' ? '127.0.0.2' : '127.0.0.1'],
    });
    expect({ dialled, asked }).toEqual({ dialled: 1, asked: ['allowed.example', 'inside.example'] });
    expect(answer).toEqual({ tag: 'err', val: 'runtime-error' });
  });

  it('is none of wasi:http', async () => {
    location = 'http://denied.example/';
    const { dialled, asked } = await attempt(pathNamed('wasi:http'), `http://${from}`, { allowed: ['*://*:*'] });
    expect({ dialled, asked }).toEqual({ dialled: 1, asked: ['allowed.example'] });
  });

  it('to another host does not go over the connection to the first, though both are one server', async () => {
    location = `http://second.example:${from.split(':')[1]}/next`;
    hosts = [];
    const { dialled, asked } = await attempt(spin1, `http://${from}/`, { allowed: ['http://*:*'] });
    expect({ dialled, asked }).toEqual({ dialled: 2, asked: ['allowed.example', 'second.example'] });
    expect(hosts).toEqual([from, from.replace('allowed', 'second')]);
  });
});

describe('a list of PostgreSQL servers', () => {
  const [, , , , , , v2] = PATHS;

  it.each([
    ['with one that is denied', (at: number) => `postgres://u:p@allowed.example:${at},127.0.0.1:${at}/db`],
    ['with one that is denied first', (at: number) => `postgres://u:p@127.0.0.1:${at},allowed.example:${at}/db`],
    ['with another in its parameters', (at: number) => `postgres://u:p@allowed.example:${at}/db?host=127.0.0.1`],
    ['with an address in its parameters', (at: number) => `postgres://u:p@allowed.example:${at}/db?hostaddr=127.0.0.1`],
    ['of keywords with an address', (at: number) => `host=allowed.example hostaddr=127.0.0.1 port=${at} user=u`],
    ['of keywords with a second host', (at: number) => `host=allowed.example host=127.0.0.1 port=${at} user=u`],
    ['of keywords with a list', (at: number) => `host=allowed.example,127.0.0.1 port=${at} user=u`],
    ['with a socket of this machine', () => 'postgres://u:p@%2Fvar%2Frun%2Fpostgresql/db'],
    ['of keywords with a socket', () => 'host=/var/run/postgresql user=u'],
    ['of keywords with an abstract socket', () => 'host=@socket user=u'],
  ])('%s is not dialled at all', async (_what, address) => {
    const { dialled, asked } = await attempt(v2 as OutboundPath, address(port), {
      allowed: [`postgres://allowed.example:${port}`],
    });
    expect({ dialled, asked }).toEqual({ dialled: 0, asked: [] });
  });
});

/** IPv6 that ends so. */
const bytes16 = (...tail: number[]): number[] => [...Array.from({ length: 8 - tail.length }, () => 0), ...tail];

describe('a socket', () => {
  it.each([
    ['loopback', v4(1, [127, 0, 0, 1])],
    ['all of loopback', v4(1, [127, 255, 255, 254])],
    ['any', v4(1, [0, 0, 0, 0])],
    ['metadata', v4(1, [169, 254, 169, 254])],
    ['a carrier', v4(1, [100, 64, 0, 1])],
    ['a blocked network', v4(1, [8, 8, 8, 8])],
    ['loopback of IPv6', v6(1)],
    ['IPv4 mapped into IPv6', v6(1, bytes16(0xffff, 0x7f00, 1))],
    ['a blocked network mapped into IPv6', v6(1, bytes16(0xffff, 0x0808, 0x0808))],
    ['IPv4 compatible with IPv6', v6(1, bytes16(0x7f00, 1))],
    ['NAT64', v6(1, [0x64, 0xff9b, 0, 0, 0, 0, 0x7f00, 1])],
    ['a blocked network by NAT64', v6(1, [0x64, 0xff9b, 0, 0, 0, 0, 0x0808, 0x0808])],
    ['6to4', v6(1, [0x2002, 0x7f00, 1, 0, 0, 0, 0, 0])],
    ['metadata of IPv6', v6(1, [0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254])],
    ['a link', v6(1, [0xfe80, 0, 0, 0, 0, 0, 0, 1])],
    ['a link with its interface', v6(1, [0xfe80, 0, 0, 0, 0, 0, 0, 1], 1)],
  ])('reaches %s by neither TCP nor UDP', async (_what, address) => {
    using guest = await SocketGuest.open({
      allowed: ['*://*:*'],
      config: { [NETWORK_CONFIG_KEY]: { block_networks: ['private', '8.8.8.8/32'] } },
    });
    expect(guest.startConnect(guest.newTcp(address.tag), address)).toEqual({ tag: 'err', val: 'access-denied' });
    const udp = guest.bound(address.tag);
    expect(await guest.stream(udp, address)).toEqual({ tag: 'err', val: 'access-denied' });
  });

  it.each([
    ['a name that is allowed', ['tcp://localhost:1', 'udp://localhost:1']],
    ['another scheme', ['http://127.0.0.1:1']],
    ['another port', ['tcp://127.0.0.1:2', 'udp://127.0.0.1:2']],
    ['its IPv6 form', ['tcp://[::ffff:127.0.0.1]:1', 'udp://[::ffff:127.0.0.1]:1']],
    ['nothing', []],
  ])('is not allowed an address by %s', async (_what, allowed) => {
    using guest = await SocketGuest.open({ allowed });
    expect(guest.startConnect(guest.newTcp('ipv4'), v4(1))).toEqual({ tag: 'err', val: 'access-denied' });
  });
});
