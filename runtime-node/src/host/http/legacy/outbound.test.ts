// `fermyon:spin/http` against servers on the loopback.
import { BodyChannel } from '../body-channel.ts';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openNetwork, parseNetworkConfig } from '../../network/index.ts';
import { invoke, functionOf } from '../../release-candidates/adapt.ts';
import { fakeApp } from '../../testing/fake-app.ts';
import { fakeComponent, fakeGuest, type FakeGuest } from '../../testing/fake-guest.ts';
import { httpCapability, type HttpState } from '../index.ts';
import { Peers } from '../testing/peers.ts';
import { OUTBOUND_HTTP_INTERFACE } from './outbound.ts';
import type { SpinRequest } from './types.ts';

const peers = new Peers();
const capability = httpCapability();
let fake: FakeGuest;
let state: HttpState;
let send: (request: Partial<SpinRequest>) => Promise<unknown>;

async function open(allowed: readonly string[]): Promise<void> {
  const component = { id: 'c', metadata: { allowed_outbound_hosts: [...allowed] } };
  const app = fakeApp({ components: [fakeComponent(component)] });
  const network = await openNetwork(parseNetworkConfig(undefined), app);
  state = await capability.open(capability.parse({}), { ...app, network });
  fake = fakeGuest(component);
  const functions = capability.bind(state, fake.component).get(OUTBOUND_HTTP_INTERFACE)?.functions ?? {};
  const sendRequest = functionOf(functions, 'send-request');
  send = async (request) =>
    invoke(sendRequest, fake.guest, {
      method: 'get',
      uri: '/',
      headers: [],
      params: [],
      body: undefined,
      ...request,
    });
}

beforeEach(() => open(['http://127.0.0.1:*']));

afterEach(async () => {
  await capability.close?.(state);
  await peers.close();
});

const text = (answer: unknown): string =>
  Buffer.from((answer as { readonly val: { readonly body: Uint8Array } }).val.body).toString();

it('gives status, headers and body of an answer', async () => {
  const peer = await peers.http((_request, response) => {
    response.writeHead(
      404,
      [
        ['x-a', '1'],
        ['x-a', '2'],
        ['x-latin', 'caf\u00e9'],
      ].flat(),
    );
    response.end('nothing');
  });
  expect(await send({ uri: `http://${peer.authority}/p?q=1` })).toMatchObject({
    tag: 'ok',
    val: { status: 404, headers: expect.arrayContaining([['x-a', '1'], ['x-a', '2']]), body: Buffer.from('nothing') }, // prettier-ignore
  });
  const answer = (await send({ uri: `http://${peer.authority}/` })) as { val: { headers: [string, string][] } };
  expect(answer.val.headers.map(([name]) => name)).not.toContain('x-latin');
});

it.each(['get', 'post', 'put', 'delete', 'patch', 'options'] as const)(
  'sends %s, headers and a body',
  async (method) => {
    const peer = await peers.http((request, response) => {
      let body = '';
      request.on('data', (piece: Buffer) => {
        body += piece.toString();
      });
      request.on('end', () =>
        response.end(
          `${request.method} ${request.url} ${request.headers['x-a']} ${request.headers['content-length']} ${body}`,
        ),
      );
    });
    const body = Buffer.from('x'.repeat(3));
    const headers = [['X-A', '1'], ['Content-Length', '99'], ['Host', 'other']] as const; // prettier-ignore
    const answer = await send({ uri: `http://${peer.authority}/p`, method, headers, body });
    expect(text(answer)).toBe(`${method.toUpperCase()} /p 1 3 xxx`);
  },
);

it('sends and takes a body of megabytes', async () => {
  const peer = await peers.http((request, response) => void request.pipe(response));
  const body = Buffer.alloc(5_000_000, 'spindle ');
  const answer = await send({ uri: `http://${peer.authority}/`, method: 'post', body });
  expect(text(answer)).toBe(body.toString());
});

it('is not held up by a server that answers before it has read the body', async () => {
  const peer = await peers.http((_request, response) => response.writeHead(413).end());
  const answer = await send({ uri: `http://${peer.authority}/`, method: 'post', body: Buffer.alloc(20_000_000) });
  expect(answer).toMatchObject({ tag: 'ok', val: { status: 413 } });
});

it.each([
  ['https://127.0.0.1:1/', 'destination-not-allowed'],
  ['http://other.example/', 'destination-not-allowed'],
  ['/self', 'destination-not-allowed'],
  ['no url', 'destination-not-allowed'],
  ['ftp://127.0.0.1/', 'destination-not-allowed'],
  ['http://127.0.0.1:1/', 'runtime-error'],
])('%s fails with %s', async (uri, error) => {
  expect(await send({ uri })).toEqual({ tag: 'err', val: error });
});

it('asks the app itself, where it may and the app listens', async () => {
  await open(['http://self']);
  expect(await send({ uri: '/p' })).toEqual({ tag: 'err', val: 'invalid-url' });
  state.selfAddress = { scheme: 'http', host: '127.0.0.1', port: 3000 };
  state.components = {
    has: () => false,
    call: () => () => {},
    callSelf: ({ pathWithQuery }, respond) => {
      const { sink, body } = new BodyChannel();
      respond({ status: 200, headers: [] }, body);
      sink.write(Buffer.from(`self ${pathWithQuery}`));
      sink.finish(null);
      return () => {};
    },
  };
  expect(text(await send({ uri: '/p' }))).toBe('self /p');
});

it('follows ten redirects and not eleven', async () => {
  const peer = await peers.http((request, response) => {
    const left = Number(request.url?.slice(1));
    response.writeHead(left > 0 ? 302 : 200, left > 0 ? { location: `/${left - 1}` } : {}).end(`left ${left}`);
  });
  expect(text(await send({ uri: `http://${peer.authority}/10` }))).toBe('left 0');
  expect(await send({ uri: `http://${peer.authority}/11` })).toEqual({ tag: 'err', val: 'runtime-error' });
});

it('a redirect leads nowhere the guest may not go', async () => {
  const peer = await peers.http((_request, response) =>
    response.writeHead(302, { location: 'http://denied.example/' }).end(),
  );
  expect(await send({ uri: `http://${peer.authority}/` })).toEqual({ tag: 'err', val: 'destination-not-allowed' });
});

it('ends with the guest', async () => {
  const peer = await peers.http((_request, response) => {
    response.writeHead(200, { 'content-length': '10' }).write('half');
    fake.abort();
  });
  expect(await send({ uri: `http://${peer.authority}/` })).toMatchObject({ tag: 'err' });
});

it('an answer that breaks off is an error', async () => {
  const peer = await peers.http((_request, response) => {
    response.writeHead(200, { 'content-length': '10' }).write('half', () => response.destroy());
  });
  expect(await send({ uri: `http://${peer.authority}/` })).toEqual({ tag: 'err', val: 'runtime-error' });
});
