// `fermyon:spin/inbound-http`: what a guest of Spin 1 gets and what becomes of its answer; and one such guest, a core
// module by hand, through adapter, linker and hosts.
import { describe, expect, it } from 'vitest';
import { fixture } from '../../../../../test/guests/fixtures.ts';
import { toComponent } from '../../../component/adapt/index.ts';
import { BytesInputStream } from '../../io/ready-made.ts';
import { fakeResolver } from '../../testing/fake-app.ts';
import { fakeGuest } from '../../testing/fake-guest.ts';
import { realGuest } from '../../testing/real-guest.ts';
import type { HeaderList, IncomingRequest } from '../exchange.ts';
import { RecordingResponse } from '../testing/recording-response.ts';
import { callInbound, inboundRequest, sendInbound } from './inbound.ts';
import type { SpinRequest, SpinResponse } from './types.ts';

const incoming = (method: string, body: string, headers: HeaderList = []): IncomingRequest => ({
  method,
  pathWithQuery: '/p?q=1',
  scheme: 'http',
  authority: 'localhost',
  headers,
  body: {
    stream: new BytesInputStream(Buffer.from(body)),
    trailers: { ready: () => true, wait: async () => {}, value: () => ({ tag: 'ok', val: null }) },
  },
});

describe('a request', () => {
  it.each(['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS'])('%s goes in whole', async (method) => {
    expect(await inboundRequest(incoming(method, 'hello', [['X-A', '\u00c3\u00bc']]))).toEqual({
      method: method.toLowerCase(),
      uri: '/p?q=1',
      headers: [['x-a', 'ü']],
      params: [],
      body: Buffer.from('hello'),
    });
  });

  it('has a body, if an empty one', async () => {
    expect(await inboundRequest(incoming('GET', ''))).toMatchObject({ body: Buffer.alloc(0) });
  });

  it.each(['TRACE', 'CONNECT', 'PROPFIND', 'get', 'constructor'])('%s has no word in the interface', async (method) => {
    expect(await inboundRequest(incoming(method, ''))).toBe(405);
  });
});

function sent(answer: Partial<SpinResponse>): RecordingResponse {
  const out = new RecordingResponse();
  sendInbound({ status: 200, headers: undefined, body: undefined, ...answer }, out);
  return out;
}

describe('an answer', () => {
  it('goes out whole', () => {
    const { head, hasBody, sink } = sent({ status: 201, headers: [['X-A', 'ü']], body: Buffer.from('hello') });
    expect(head).toEqual({ status: 201, headers: [['x-a', '\u00c3\u00bc'], ['content-length', '5']] }); // prettier-ignore
    expect([hasBody, sink.text, sink.finished]).toEqual([true, 'hello', true]);
  });

  it.each([undefined, new Uint8Array(0)])('without content has no body', (body) => {
    expect(sent({ body })).toMatchObject({ hasBody: false, head: { status: 200, headers: [] } });
  });

  it('has of headers by one name the last, and none about the connection', () => {
    const headers = [['a', '1'], ['A', '2'], ['Connection', 'close'], ['content-length', '9']] as const; // prettier-ignore
    expect(sent({ headers }).head?.headers).toEqual([['a', '2']]);
  });

  it.each([
    [{ status: 99 }],
    [{ status: 601 }],
    [{ headers: [['a b', '1']] as const }],
    [{ headers: [['a', 'x\ny']] as const }],
  ])('that is none fails: %j', (answer) => {
    const { head, failure } = sent(answer);
    expect([head, failure]).toEqual([undefined, { tag: 'internal-error', val: expect.any(String) }]);
  });
});

it('a guest of Spin 1 keeps values, reads its variables and writes to its log', async () => {
  const component = { metadata: { key_value_stores: ['default'] } };
  await using guest = await realGuest(await toComponent(await fixture('spin1-http-module')), {
    ...component,
    app: { variables: fakeResolver({ greeting: 'hello' }) },
  });
  const fake = fakeGuest(component);
  const ask = async (method: string, body: string): Promise<RecordingResponse> => {
    const out = new RecordingResponse();
    const instance = guest.linked.instantiate(fake.guest, 'suspending');
    await callInbound(instance, (await inboundRequest(incoming(method, body))) as SpinRequest, out);
    instance.dispose();
    return out;
  };
  expect((await ask('GET', '')).sink.text).toBe('hello');
  expect((await ask('POST', 'kept')).head).toEqual({ status: 201, headers: [['x-uri', '/p?q=1']] });
  expect((await ask('GET', '')).sink.text).toBe('kept');
  expect(fake.output.stdout).toBe('called\ncalled\ncalled\n');
});
