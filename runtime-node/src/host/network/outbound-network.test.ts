import { createServer, type AddressInfo, type Server } from 'node:net';
import ipaddr from 'ipaddr.js';
import {
  parseNetwork,
  parseOutboundUrl,
  UserError,
  type Destination,
  type Network,
  type VariableResolver,
} from '@spindle/api';
import { afterEach, describe, expect, it } from 'vitest';
import { fakeComponent } from '../testing/fake-guest.ts';
import { NOTHING_BLOCKED } from './blocked-networks.ts';
import type { NetworkConfig } from './config.ts';
import { openNetwork, type NetworkOptions, type OutboundNetwork, type SocketEndpoint } from './outbound-network.ts';

const OPEN: NetworkConfig = {
  blocked: NOTHING_BLOCKED,
  maxSocketConnections: undefined,
  maxTotalConnections: undefined,
};
const PRIVATE_BLOCKED: NetworkConfig = { ...OPEN, blocked: { networks: [], blockPrivate: true } };

const resolver: VariableResolver = {
  get: () => '',
  getAll: async () => new Map(),
  resolveTemplate: (template) => template.replace('{{ host }}', 'api.example.com').replace('{{ none }}', ''),
};

async function open(
  hosts: readonly string[],
  options: Partial<NetworkOptions> & { config?: NetworkConfig } = {},
): Promise<OutboundNetwork> {
  const { config = OPEN, ...rest } = options;
  const components = [
    fakeComponent({ id: 'front', metadata: { allowed_outbound_hosts: [...hosts] } }),
    fakeComponent({ id: 'back' }),
  ];
  return openNetwork(config, { components, variables: resolver }, { warn: () => {}, ...rest });
}

const destination = (url: string): Destination => parseOutboundUrl(url, 'https') as Destination;
const at = (scheme: 'tcp' | 'udp', address: string, port: number): SocketEndpoint => ({
  scheme,
  address: ipaddr.parse(address),
  port,
});
const never = new AbortController().signal;
const servers: Server[] = [];

async function listen(): Promise<number> {
  const server = createServer((socket) => socket.end());
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
  }
});

describe('the rules of a component', () => {
  it('allow what its manifest names, templates filled in, and nothing to a component without any', async () => {
    const network = await open(['https://{{ host }}', '{{ none }}', 'http://self']);
    const url = destination('https://api.example.com/');
    expect(network.allows('front', url, 'x')).toBe(true);
    expect(network.allows('front', destination('http://api.example.com/'), 'x')).toBe(false);
    expect(network.allows('back', url, 'x')).toBe(false);
    expect(network.allows('who?', url, 'x')).toBe(false);
    expect(network.allowsSelf('front')).toBe(true);
    expect(network.allowsSelf('back')).toBe(false);
  });

  it('are refused at start when an entry is not what the grammar allows, naming the component', async () => {
    const failure = await open(['api.example.com']).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(UserError);
    expect((failure as UserError).message).toContain('component "front"');
    expect((failure as UserError).place.field).toBe('component.front.allowed_outbound_hosts');
  });

  it('take *.spin.internal for the components of the app', async () => {
    const network = await open(['http://*.spin.internal']);
    expect(network.allows('front', destination('http://back.spin.internal/'), 'x')).toBe(true);
    expect(network.allows('front', destination('http://other.spin.internal/'), 'x')).toBe(false);
  });
});

describe('a socket', () => {
  it.each([
    [at('tcp', '10.0.0.1', 80), true],
    [at('udp', '10.0.0.1', 80), false],
    [at('tcp', '10.0.0.1', 81), false],
    [at('udp', '2001:db8::7', 53), true],
    [at('udp', '2001:db9::7', 53), false],
    // By value of the address as it is: IPv4 mapped into IPv6 is another one.
    [at('tcp', '::ffff:10.0.0.1', 80), false],
  ])('is allowed by scheme, address and port: %o %s', async (endpoint, allowed) => {
    const network = await open(['tcp://10.0.0.1:80', 'udp://2001:db8::/32:53', 'http://*:*']);
    expect(network.allowsSocket('front', endpoint)).toBe(allowed);
    expect(network.acceptsSocket('front', endpoint)).toBe(allowed);
    expect(network.acceptsSocket('back', endpoint)).toBe(false);
  });

  it('is denied in a blocked network whatever the manifest says, and the operator is told which of the two it was', async () => {
    const told: string[] = [];
    const network = await open(['tcp://10.0.0.0/8:*'], {
      config: PRIVATE_BLOCKED,
      warn: (message) => told.push(message),
    });
    expect(network.allowsSocket('front', at('tcp', '10.0.0.1', 80))).toBe(false);
    expect(network.acceptsSocket('front', at('tcp', '10.0.0.1', 80))).toBe(false);
    expect(network.allowsSocket('front', at('udp', '::1', 80))).toBe(false);
    expect(told).toEqual([
      "Component 'front' tried to use 'tcp://10.0.0.1:80', which 'block_networks' in [outbound_networking] of the runtime configuration blocks.",
      expect.stringContaining('allowed_outbound_hosts = ["udp://[::1]:80"]'),
    ]);
  });

  it('counts among the sockets and among all connections', async () => {
    const network = await open([], { config: { ...OPEN, maxSocketConnections: 1, maxTotalConnections: 2 } });
    expect(network.sockets.tryTake()).toBeDefined();
    expect(network.sockets.tryTake()).toBeUndefined();
    expect(network.connections.tryTake()).toBeDefined();
    expect(network.connections.tryTake()).toBeUndefined();
  });
});

describe('denials', () => {
  it('are told once for each component and destination, with the entry that would allow it', async () => {
    const told: string[] = [];
    const network = await open([], { warn: (message) => told.push(message) });
    const denied = destination('http://denied.example/');
    network.allows('front', denied, 'http://denied.example');
    network.allows('front', denied, 'http://denied.example');
    network.allows('back', denied, 'http://denied.example');
    network.allowsSelf('front');
    expect(told).toEqual([
      "Component 'front' tried to make an outbound network connection to disallowed destination 'http://denied.example'. To allow it, add 'allowed_outbound_hosts = [\"http://denied.example\"]' to [component.front] in the manifest.",
      "Component 'back' tried to make an outbound network connection to disallowed destination 'http://denied.example'. To allow it, add 'allowed_outbound_hosts = [\"http://denied.example\"]' to [component.back] in the manifest.",
      "Component 'front' tried to make an HTTP request to its own app but it does not have permission. To allow it, add 'allowed_outbound_hosts = [\"http://self\"]' to [component.front] in the manifest.",
    ]);
  });

  it('do not fill memory when a guest makes up names', async () => {
    const told: string[] = [];
    const network = await open([], { warn: (message) => told.push(message) });
    for (let i = 0; i < 1000; i += 1) {
      network.allows('front', destination(`http://h${i}.example/`), `http://h${i}.example`);
    }
    expect(told).toHaveLength(100);
    expect(told.at(-1)).toMatch(/Further denials are not reported\.$/);
  });
});

describe('a connection', () => {
  it('is made to the address that was checked, with one look-up', async () => {
    const port = await listen();
    const asked: string[] = [];
    const network = await open([], {
      resolve: async (name) => {
        asked.push(name);
        return [{ address: '127.0.0.1', family: 4 }];
      },
    });
    const socket = await network.connect({ host: 'rebind.test', port }, never);
    expect(socket.remoteAddress).toBe('127.0.0.1');
    expect(asked).toEqual(['rebind.test']);
    socket.destroy();
  });

  it('is not made to a blocked address, however it is reached', async () => {
    const port = await listen();
    const network = await open([], {
      config: PRIVATE_BLOCKED,
      resolve: async () => [
        { address: '127.0.0.1', family: 4 },
        { address: '::ffff:127.0.0.1', family: 6 },
      ],
    });
    for (const host of ['innocent.test', '127.0.0.1', '::ffff:7f00:1', '::1']) {
      await expect(network.connect({ host, port }, never)).rejects.toMatchObject({ failure: 'address-blocked' });
    }
  });

  it('goes to an address that is not blocked when others of the same name are', async () => {
    const port = await listen();
    const documentation = parseNetwork('192.0.2.0/24') as Network;
    const network = await open([], {
      config: { ...OPEN, blocked: { networks: [documentation], blockPrivate: false } },
      resolve: async () => [
        { address: '192.0.2.1', family: 4 },
        { address: '127.0.0.1', family: 4 },
      ],
    });
    const socket = await network.connect({ host: 'two.test', port }, never);
    expect(socket.remoteAddress).toBe('127.0.0.1');
    socket.destroy();
  });

  it('fails by name when a name has no address or nobody listens', async () => {
    const port = await listen();
    servers.splice(0).forEach((server) => server.close());
    const gone = await open([], { resolve: () => Promise.reject(new Error('ENOTFOUND')) });
    await expect(gone.connect({ host: 'nope.test', port }, never)).rejects.toMatchObject({
      failure: 'name-not-resolved',
    });
    const empty = await open([], { resolve: async () => [] });
    await expect(empty.connect({ host: 'nope.test', port }, never)).rejects.toMatchObject({
      failure: 'name-not-resolved',
    });
    await expect(gone.connect({ host: '127.0.0.1', port }, never)).rejects.toMatchObject({ failure: 'refused' });
  });

  it('is given up when its signal is aborted, before the attempt or while the name is looked up', async () => {
    const reason = new Error('too late');
    const network = await open([], { resolve: () => new Promise(() => {}) });
    await expect(network.connect({ host: '127.0.0.1', port: 1 }, AbortSignal.abort(reason))).rejects.toBe(reason);
    const stop = new AbortController();
    const attempt = network.connect({ host: 'slow.test', port: 1 }, stop.signal);
    stop.abort(reason);
    await expect(attempt).rejects.toBe(reason);
  });
});
