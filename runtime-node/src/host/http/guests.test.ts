// The rules of wasi:http as real components meet them, through the linker and the canonical ABI.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { fixture } from '../../../../test/guests/fixtures.ts';
import { h2cPeer, Peers } from './testing/peers.ts';
import { realGuest, type CallOptions, type RealGuest, type RealGuestOptions } from '../testing/real-guest.ts';

const peers = new Peers();

/** It may connect wherever it likes, unless the options say otherwise. */
const open = async (name: string, options: RealGuestOptions = {}): Promise<RealGuest> =>
  realGuest(await fixture(name), { metadata: { allowed_outbound_hosts: ['*://*:*'] }, ...options });

afterEach(async () => {
  await peers.close();
});

describe('a guest of corner cases', () => {
  let guest: RealGuest;
  const request: CallOptions = { body: 'hello world', trailers: [['x-t', '1']] };

  beforeAll(async () => {
    guest = await open('rio');
  });

  afterAll(() => guest[Symbol.asyncDispose]());

  it.each([
    ['consume-twice', 'true false'],
    ['stream-twice', 'true false'],
    ['read-after-end', 'closed closed true'],
    ['trailers-twice', 'Some(Ok(Ok(true))) Some(false)'],
    ['trailers-unread', 'Some(Ok(Ok(true)))'],
    ['drop-body-unread', 'dropped'],
    ['body-error', '11 bytes'],
    ['body-twice', 'true false'],
    ['write-twice', 'true false'],
    ['drop-response', 'written false'],
    ['status?code=99', 'false 200'],
    ['status?code=100', 'true 100'],
    ['status?code=999', 'true 999'],
    ['status?code=1000', 'false 200'],
    ['length?declared=5&written=5', 'written, finish Ok(())'],
    ['length?declared=5&written=4', 'written, finish Err(ErrorCode::HttpRequestBodySize(Some(4)))'],
    [
      'length?declared=5&written=6',
      'failed Some(ErrorCode::HttpRequestBodySize(Some(6))) true, finish Err(ErrorCode::HttpRequestBodySize(Some(6)))',
    ],
    ['length?declared=0&written=0', 'written, finish Ok(())'],
    ['length-bad', 'header HeaderError::InvalidSyntax'],
    ['request-defaults', 'Method::Get None None None'],
    [
      'request-setters',
      'methods [true, false, false, true]\npaths [true, true, false, true, true]\nschemes [true, false, false]\n' +
        'authorities [true, true, true, false, false, true, true, false]',
    ],
    ['options', 'None [Ok(()), Ok(()), Ok(())] Some(1) Some(2) None'],
    ['handle?url=http://127.0.0.1:1/', 'get Some(Ok(Err(ErrorCode::ConnectionRefused))) then Some(false)'],
    ['handle-scheme', 'handle ErrorCode::HttpProtocolError'],
    ['handle-no-authority', 'handle ErrorCode::HttpProtocolError'],
    ['fields-order', 'b=1 b=3 a=2 a=5 c=4'],
    ['fields-set', 'x=3 x=4 has-y false get-x 2'],
    ['fields-delete', '["ok", "ok", "invalid-syntax", "forbidden"] 0'],
    ['fields-immutable', 'incoming ["immutable", "immutable", "immutable"] response immutable clone ok true'],
    ['fields-size?bytes=100000', '100 entries'],
    ['fields-empty', '[] [] false'],
    ['check-write', 'Ok(1048576) Ok(1048576)'],
    ['budget', '1048576 1048576 then ready false'],
  ])('%s says %j', async (path, expected) => {
    expect(await guest.text(`/${path}`, request)).toBe(`${expected}\n`);
  });

  it.each([
    'trap-drop-body-with-stream',
    'trap-finish-body-with-stream',
    'trap-finish-with-stream',
    'trap-drop-with-stream',
    'trap-write-over-budget',
    'trap-write-when-full',
    'fields-size?bytes=200000',
  ])('%s traps', async (path) => {
    const { failure, response } = await guest.call(`/${path}`, request);
    expect(failure).toBeInstanceOf(Error);
    expect(response.head).toBeUndefined();
  });

  it.each([
    ['no-body', { hasBody: false }, { finished: false }],
    ['empty-body', { hasBody: true }, { finished: true, text: '' }],
    ['empty-stream', { hasBody: true }, { finished: true, text: '' }],
    ['drop-body', { hasBody: true }, { finished: false, aborted: expect.any(String), text: 'partial' }],
    ['drop-body-unwritten', { hasBody: true }, { finished: false, aborted: expect.any(String), text: '' }],
    ['length-short', { hasBody: true }, { finished: false, aborted: expect.any(String), text: 'short' }],
    ['length-long', { hasBody: true }, { finished: true, aborted: undefined, text: 'too' }],
    ['length-right', { hasBody: true }, { finished: true, aborted: undefined, text: 'right' }],
    ['trailers', { hasBody: true }, { finished: true, trailers: [['x-sum', '42'], ['x-sum', '43']] }], // prettier-ignore
  ])('%s answers as it means to', async (path, message, body) => {
    const { response, failure } = await guest.call(`/${path}`, request);
    expect(failure).toBeUndefined();
    expect(response).toMatchObject(message);
    expect(response.sink).toMatchObject(body);
  });

  it.each([
    ['dns', { tag: 'DNS-error', val: { rcode: 'no such name', infoCode: 3 } }],
    ['refused', { tag: 'connection-refused' }],
    ['size', { tag: 'HTTP-request-body-size', val: 7n }],
    ['other', { tag: 'internal-error', val: 'other' }],
  ])('set-error gives the code %s', async (code, expected) => {
    const { response } = await guest.call(`/set-error?code=${code}`);
    expect(response.failure).toMatchObject(expected);
  });

  it('a dropped outparam is no response', async () => {
    const { response, failure } = await guest.call('/drop-outparam');
    expect(failure).toBeUndefined();
    expect([response.head, response.failure]).toEqual([undefined, undefined]);
  });

  it('a request is sent before its body is written', async () => {
    const peer = await peers.http((incoming, response) => {
      response.flushHeaders();
      incoming.pipe(response);
    });
    expect(await guest.text(`/handle-then-body?url=http://${peer.authority}/`)).toBe(
      'Ok(()) Ok(Ok("one two three"))\n',
    );
  });

  it('a request whose body is dropped has no answer', async () => {
    const peer = await peers.http((incoming, response) => {
      incoming.resume();
      incoming.once('end', () => response.end('taken for whole'));
    });
    expect(await guest.text(`/handle-drop-body?url=http://${peer.authority}/`)).toBe(
      'Some(Ok(Err(ErrorCode::HttpProtocolError)))\n',
    );
  });
});

describe('a guest that sends several requests at once', () => {
  let guest: RealGuest;

  beforeAll(async () => {
    guest = await open('rfanout', {
      metadata: { allowed_outbound_hosts: ['http://127.0.0.1:*', 'https://127.0.0.1:*'] },
    });
  });

  afterAll(() => guest[Symbol.asyncDispose]());

  it('gets each answer in the order in which they come', async () => {
    const release = Promise.withResolvers<void>();
    const peer = await peers.http((incoming, response) => {
      if (incoming.url === '/fast') {
        response.end('fast');
        release.resolve();
      } else {
        void release.promise.then(() => setTimeout(() => response.end('slow one'), 50));
      }
    });
    const base = `http://${peer.authority}`;
    expect(await guest.text(`/?url=${base}/slow&url=${base}/fast`)).toBe('0 200 8\n1 200 4\norder 1,0\n');
  });

  it('is told of each failure apart', async () => {
    const peer = await peers.http((_incoming, response) => response.end('fine'));
    const garbage = await peers.tcp((socket) => socket.once('data', () => socket.end('garbage\r\n\r\n')));
    const urls = [
      `http://${peer.authority}/`,
      'http://127.0.0.1:1/',
      'http://denied.example/',
      `http://${garbage.authority}/`,
      `https://${garbage.authority}/`,
      'ftp://127.0.0.1/',
    ];
    const text = await guest.text(`/?${urls.map((url) => `url=${url}`).join('&')}`);
    expect(text.split('\n').slice(0, -2)).toEqual([
      '0 200 4',
      '1 error ErrorCode::ConnectionRefused',
      '2 error ErrorCode::HttpRequestDenied',
      '3 error ErrorCode::HttpProtocolError',
      '4 error ErrorCode::TlsProtocolError',
      '5 error handle ErrorCode::HttpProtocolError',
    ]);
  });

  it('is told why, also when it writes a body to where it may not go', async () => {
    const text = await guest.text('/?body=hello&url=http://denied.example/&url=http://127.0.0.1:1/');
    expect(text.split('\n').slice(0, 2)).toEqual([
      '0 error ErrorCode::HttpRequestDenied',
      '1 error ErrorCode::ConnectionRefused',
    ]);
  });

  it('ends each wait at its time limit', async () => {
    const peer = await peers.http(() => {});
    expect(await guest.text(`/?timeout=30&url=http://${peer.authority}/`)).toBe(
      '0 error ErrorCode::ConnectionReadTimeout\norder 0\n',
    );
  });

  it('sends method, headers and body', async () => {
    const peer = await peers.http((incoming, response) => {
      let body = '';
      incoming.on('data', (chunk: Buffer) => {
        body += chunk.toString();
      });
      incoming.once('end', () => response.end(`${incoming.method} ${incoming.headers['x-a']} ${body}`));
    });
    const text = await guest.text(`/?method=PUT&body=hello&header=x-a:1&show&url=http://${peer.authority}/`);
    expect(text).toContain('PUT 1 hello');
  });

  it('has fifty bodies under way on as many connections, and all of them whole', async () => {
    const peer = await peers.http((_incoming, response) => response.end(Buffer.alloc(100_000, 'x')));
    const urls = Array.from({ length: 50 }, () => `url=http://${peer.authority}/`).join('&');
    const lines = (await guest.text(`/?${urls}`)).split('\n').slice(0, 50);
    expect(lines.every((line) => line.endsWith(' 200 100000'))).toBe(true);
  });
});

it('a guest speaks HTTP/2 without TLS to the authority that is known to', async () => {
  const peer = await peers.add(
    h2cPeer((stream) => {
      stream.respond();
      stream.end('two');
    }),
  );
  await using guest = await open('rfanout', { http: { h2cAuthority: peer.authority } });
  expect(await guest.text(`/?show&url=http://${peer.authority}/`)).toContain('two\n');
});

describe('a guest that echoes', () => {
  let guest: RealGuest;

  beforeAll(async () => {
    guest = await open('recho');
  });

  afterAll(() => guest[Symbol.asyncDispose]());

  it.each(['', '?buffer', '?splice', '?read=7', '?blocking'])('gives body back with %j', async (query) => {
    const body = 'spindle '.repeat(20_000);
    expect(await guest.text(`/${query}`, { method: 'POST', body })).toBe(body);
  });

  it('gives the trailers back', async () => {
    const { response } = await guest.call('/', { method: 'POST', body: 'x', trailers: [['X-Sum', '1']] });
    expect(response.sink.trailers).toEqual([['x-sum', '1']]);
  });
});

it('a JavaScript guest fetches several at once', async () => {
  const peer = await peers.http((incoming, response) => response.end(`js ${incoming.url}`));
  await using guest = await open('jshello');
  const urls = ['a', 'bc'].map((name) => `url=${encodeURIComponent(`http://${peer.authority}/${name}`)}`);
  expect(await guest.text(`/fanout?${urls.join('&')}`)).toBe('200 5\n200 6\n');
});
