import { BodyChannel } from './body-channel.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { err } from '../../component/index.ts';
import { expectResponse, readBody, SendingGuest, type GuestSetup, type RequestParts } from './testing/sending-guest.ts';
import { Peers, type Peer } from './testing/peers.ts';
import type { OutgoingBody } from './types/outgoing-body.ts';

let guest: SendingGuest;
const peers = new Peers();
let peer: Peer;

async function open(setup: GuestSetup = {}): Promise<void> {
  await guest.close();
  guest = await SendingGuest.open(setup);
}

beforeEach(async () => {
  peer = await peers.http((request, response) => response.end(`${request.headers.host} ${request.url}`));
  guest = await SendingGuest.open();
});

afterEach(async () => {
  await guest.close();
  await peers.close();
});

const outcome = (parts: RequestParts): string => {
  const handled = guest.handle(guest.request(parts));
  return handled.tag === 'err' ? handled.val.tag : 'future';
};

describe('handle refuses at once', () => {
  const authority = 'example.com';

  it.each<[string, RequestParts, string]>([
    ['another scheme', { authority, scheme: { tag: 'other', val: 'ftp' } }, 'HTTP-protocol-error'],
    ['http in other letters', { authority, scheme: { tag: 'other', val: 'HTTP' } }, 'HTTP-protocol-error'],
    ['a tunnel', { authority, method: { tag: 'connect' } }, 'HTTP-request-method-invalid'],
    ['a port that is none', { authority: 'example.com:99999' }, 'HTTP-request-URI-invalid'],
    ['an address that is none', { authority: '[::1::2]' }, 'HTTP-request-URI-invalid'],
    ['a number beyond IPv4', { authority: '999.999.999.999' }, 'HTTP-request-URI-invalid'],
    ['a length without a body', { authority, headers: [['content-length', '1']] }, 'HTTP-request-body-size'],
  ])('%s', (_what, parts, expected) => {
    expect(outcome(parts)).toBe(expected);
  });

  it('a request without a path, as Spin does', () => {
    const request = guest.request({ authority: 'example.com' });
    request.setPathWithQuery(undefined);
    expect(guest.handle(request)).toEqual(err({ tag: 'HTTP-protocol-error' }));
  });

  it('and closes the body of what it refused', () => {
    const request = guest.request({ authority: 'example.com', method: { tag: 'connect' } });
    const body = request.body().val as OutgoingBody;
    guest.handle(request);
    expect(body.pipe.checkWrite()).toEqual({ tag: 'closed' });
  });
});

describe('a setter', () => {
  it.each([
    ['GET', true],
    ['PROPFIND', true],
    ['lower', true],
    ['', false],
    ['A B', false],
    ['A\r\nB', false],
  ])('takes the method %j: %s', (val, expected) => {
    const request = guest.request({});
    expect(request.setMethod({ tag: 'other', val }).tag === 'ok').toBe(expected);
    expect(request.method()).toEqual(expected ? { tag: 'other', val } : { tag: 'get' });
  });

  it.each([
    ['git+ssh', true],
    ['h2', true],
    ['', false],
    ['a b', false],
    ['http://', false],
    ['9p', false],
  ])('takes the scheme %j: %s', (val, expected) => {
    expect(guest.request({}).setScheme({ tag: 'other', val }).tag === 'ok').toBe(expected);
  });

  it.each([
    ['example.com', true],
    ['example.com:80', true],
    ['EXAMPLE.com.', true],
    ['user:p%40ss@example.com:80', true],
    ['127.0.0.1', true],
    ['[::1]:80', true],
    [':80', true],
    ['', false],
    ['user@', false],
    ['a@b@c', false],
    ['example.com:80:80', false],
    ['example.com:port', false],
    ['exa mple.com', false],
    ['example.com/path', false],
    ['example.com?q', false],
    ['example.com#f', false],
    ['example.com\\@evil.example', false],
    ['ex%61mple.com', false],
    ['bücher.example', false],
    ['example.com\r\n', false],
    ['[::1', false],
  ])('takes the authority %j: %s', (authority, expected) => {
    const request = guest.request({});
    expect(request.setAuthority(authority).tag === 'ok').toBe(expected);
    expect(request.authority()).toBe(expected ? authority : undefined);
  });

  it.each([
    ['/', true],
    ['', true],
    ['/a/b%20c?d=e/f?g', true],
    ['?q', true],
    ['/caf\u00e9', true],
    ['/{"json":1}', true],
    ['/a#fragment', true],
    ['/a b', false],
    ['/a\r\nHost: evil', false],
    ['/a\u0000', false],
    ['/a<b>', false],
    ['/`', false],
    ['/?a b', false],
    ['/?a"b', false],
  ])('takes the path %j: %s', (path, expected) => {
    const request = guest.request({});
    expect(request.setPathWithQuery(path).tag === 'ok').toBe(expected);
    expect(request.pathWithQuery()).toBe(expected ? path : '/');
  });
});

describe('where a request may go', () => {
  it.each([
    // What the manifest allows is one host; each of these is another, or another way to it that Spin denies too.
    'denied.example',
    'allowed.example:81',
    'allowed.example.',
    'sub.allowed.example',
    'allowed.example.evil.example',
    'allowed.example@evil.example',
    'xn--allowed-example.example',
    'localhost',
  ])('is not %s when only http://allowed.example is', async (authority) => {
    await open({ allowed: ['http://allowed.example'] });
    expect(await guest.send({ authority })).toEqual({ tag: 'HTTP-request-denied' });
  });

  it.each([
    '127.0.0.1',
    '2130706433',
    '0x7f000001',
    '0177.0.0.1',
    '127.1',
    '0',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    'user:pass@127.0.0.1',
  ])('is not this machine as %s when a public network is allowed', async (authority) => {
    await open({ allowed: ['http://93.184.0.0/16:*'] });
    expect(await guest.send({ authority: `${authority}:${peer.port}` })).toEqual({ tag: 'HTTP-request-denied' });
    expect(peer.connections()).toBe(0);
  });

  it.each(['2130706433', '0x7f.1', '0177.0.0.1', '127.1', 'user:pass@127.0.0.1'])(
    'is this machine as %s when it is allowed by its plain address',
    async (authority) => {
      await open({ allowed: ['http://127.0.0.1:*'] });
      const response = expectResponse(await guest.send({ authority: `${authority}:${peer.port}`, path: '/x' }));
      // The peer sees the address that was checked, and no user info.
      expect(await readBody(response)).toMatchObject({ text: `127.0.0.1:${peer.port} /x` });
    },
  );

  it.each(['2130706433', '[::ffff:127.0.0.1]', '127.0.0.1', 'innocent.test'])(
    'is not a blocked network as %s, whatever the manifest allows',
    async (authority) => {
      await open({
        config: { outbound_networking: { block_networks: ['private'] } },
        resolve: async () => [{ address: '127.0.0.1', family: 4 }],
      });
      expect(await guest.send({ authority: `${authority}:${peer.port}` })).toEqual({
        tag: 'destination-IP-prohibited',
      });
      expect(peer.connections()).toBe(0);
    },
  );

  it('is asked for HTTPS when the guest names no scheme', async () => {
    await open({ allowed: ['http://127.0.0.1:*'] });
    const request = guest.request({ authority: peer.authority });
    request.setScheme(undefined);
    const handled = guest.handle(request);
    expect(handled.tag === 'ok' && handled.val.get()).toEqual({ tag: 'ok', val: err({ tag: 'HTTP-request-denied' }) });
  });

  it('is told to the operator with the entry that would allow it', async () => {
    const told: string[] = [];
    await open({ allowed: [], warn: (message) => told.push(message) });
    await guest.send({ authority: 'USER:secret@Denied.Example:8080', path: '/secret' });
    expect(told.join()).toContain("'http://denied.example:8080'");
    expect(told.join()).not.toContain('secret');
  });

  it('is denied by the future, which gives its answer once', async () => {
    await open({ allowed: [] });
    const future = guest.begin({ authority: 'denied.example' });
    expect(future.ready()).toBe(true);
    expect(future.get()).toEqual({ tag: 'ok', val: err({ tag: 'HTTP-request-denied' }) });
    expect(future.get()).toEqual(err(undefined));
  });

  it('is told to a guest that writes its body first', async () => {
    await open({ allowed: [] });
    const { future, body, stream } = guest.beginWithBody({ authority: 'denied.example' });
    expect(stream.write(new Uint8Array(10))).toBeUndefined();
    stream[Symbol.dispose]();
    expect(body.finish(undefined).tag).toBe('ok');
    expect(future.get()).toEqual({ tag: 'ok', val: err({ tag: 'HTTP-request-denied' }) });
  });

  it('is another component of the app by its name, which the manifest has to allow', async () => {
    await open({ allowed: ['http://c.spin.internal'] });
    expect(await guest.send({ authority: 'other.spin.internal' })).toEqual({ tag: 'HTTP-request-denied' });
  });

  it.each(['http://evil.example/', '*', 'relative'])('is not changed by the path %j', async (path) => {
    await open({ allowed: ['http://127.0.0.1:*'] });
    expect(await guest.send({ authority: peer.authority, path })).toEqual({ tag: 'HTTP-request-URI-invalid' });
    await open({ allowed: [] });
    expect(await guest.send({ authority: ':80', path })).toEqual({ tag: 'HTTP-request-denied' });
    expect(peer.connections()).toBe(0);
  });
});

/** As the HTTP trigger does: it answers in this process. */
function listening(): void {
  guest.state.selfAddress = { scheme: 'http', host: '127.0.0.1', port: 3000 };
  guest.state.components = {
    has: () => false,
    call: () => {
      throw new Error('nobody calls a component by its name');
    },
    callSelf: ({ authority, pathWithQuery, depth }, respond) => {
      const { sink, body } = new BodyChannel();
      respond({ status: 200, headers: [] }, body);
      sink.write(Buffer.from(`${authority} ${pathWithQuery}, ${depth} deep`));
      sink.finish(null);
      return () => {};
    },
  };
}

describe('a request of the app to itself', () => {
  it.each<[string, RequestParts]>([
    ['without an authority', {}],
    ['with a port alone', { authority: ':80' }],
    ['to self.alt', { authority: 'self.alt' }],
    ['to self.alt over HTTPS', { authority: 'self.alt', scheme: { tag: 'HTTPS' } }],
  ])('%s is answered in the process', async (_what, parts) => {
    await open({ allowed: ['http://self'] });
    listening();
    const response = expectResponse(await guest.send({ ...parts, path: '/mine' }));
    expect(await readBody(response)).toMatchObject({ text: '127.0.0.1:3000 /mine, 1 deep' });
    expect(peer.connections()).toBe(0);
  });

  it('is denied without permission and has no URI while the app does not listen', async () => {
    await open({ allowed: ['http://127.0.0.1:*', 'http://self.alt.example'] });
    listening();
    expect(await guest.send({})).toEqual({ tag: 'HTTP-request-denied' });
    await open({ allowed: ['http://self'] });
    expect(await guest.send({})).toEqual({ tag: 'HTTP-request-URI-invalid' });
  });
});
