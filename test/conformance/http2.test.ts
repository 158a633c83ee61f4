// HTTP/2 without TLS by prior knowledge: real guests see and answer the same as over HTTP/1.1 (spin-contract.md §3.5), by
// the rules of RFC 9113.
import { once } from 'node:events';
import { connect, constants, type ClientHttp2Session, type Http2Stream, type OutgoingHttpHeaders } from 'node:http2';
import { setTimeout as sleep } from 'node:timers/promises';
import { DEFAULT_MAX_HEADER_BYTES } from '@spindle/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ask } from './client.ts';
import { exchange } from './raw-exchange.ts';
import { eventually } from './eventually.ts';
import { fixturePath } from '../guests/fixtures.ts';
import { serveComponents, type GuestOptions, type ServedGuest } from './serve-guest.ts';

let served: ServedGuest;
let session: ClientHttp2Session;

async function serve(options: GuestOptions = {}): Promise<void> {
  served = await serveComponents(
    await Promise.all(
      ['recho', 'rchunks', 'rview', 'rnever'].map(async (id) => ({
        id,
        // The path alone says what rnever does.
        route: id === 'rnever' ? '/...' : `/${id}/...`,
        source: await fixturePath(id),
      })),
    ),
    options,
  );
  session = connect(served.baseUrl);
  session.on('error', () => {});
}

beforeEach(() => serve());

afterEach(async () => {
  session.destroy();
  await served.stop();
});

/** However it ends. */
const closed = (stream: Http2Stream): Promise<void> => new Promise((done) => stream.once('close', () => done()));

interface Answer2 {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
  readonly trailers: Readonly<Record<string, unknown>>;
  readonly code: number;
}

async function ask2(headers: OutgoingHttpHeaders, body?: string | Buffer): Promise<Answer2> {
  const stream = session.request({ ...headers }, { endStream: body === undefined });
  let head: Record<string, unknown> = {};
  let trailers: Record<string, unknown> = {};
  const pieces: Buffer[] = [];
  stream.on('response', (fields) => (head = { ...fields }));
  stream.on('trailers', (fields) => (trailers = { ...fields }));
  stream.on('data', (piece: Buffer) => pieces.push(piece));
  stream.on('error', () => {});
  if (body !== undefined) {
    stream.end(body);
  }
  await closed(stream);
  const { ':status': status, date: _, ...fields } = Object.fromEntries(Object.entries(head));
  return {
    status: Number(status ?? 0),
    headers: fields,
    body: Buffer.concat(pieces).toString(),
    trailers,
    code: stream.rstCode ?? 0,
  };
}

describe('a request', () => {
  it('is seen by the guest as one of HTTP/1.1 is, its cookie in one piece', async () => {
    const { body } = await ask2({
      ':path': '/rview/a?b',
      ':authority': 'example.com',
      cookie: ['a=1', 'b=2', 'c=3'],
      'x-a': ['1', '2'],
    });
    expect(body).toContain('path Some("/rview/a?b")\nscheme Some(Scheme::Http)\nauthority Some("example.com")\n');
    expect(body).toContain('cookie: a=1; b=2; c=3\n');
    expect(body).toContain('x-a: 1\nx-a: 2\n');
    expect(body).toContain('spin-full-url: http://localhost/rview/a?b\n');
    expect(body).toMatch(/spin-client-addr: 127\.0\.0\.1:\d+\n/);
  });

  it.each<[string, Record<string, string>, number]>([
    ['a host that is its authority', { ':path': '/rview/', ':authority': 'h', host: 'h' }, 200],
    ['a host that is another', { ':path': '/rview/', ':authority': 'h', host: 'other' }, 400],
    ['an unknown path', { ':path': '/.well-known/spin/none' }, 404],
    ['a method of its own', { ':path': '/rview/', ':method': 'FOO' }, 200],
    ['more fields than may be', Object.fromEntries([[':path', '/rview/'], ...many(101)]), 431],
    ['as many fields as may be', Object.fromEntries([[':path', '/rview/'], ...many(100)]), 200],
  ])('with %s', async (_what, headers, status) => {
    expect((await ask2(headers)).status).toBe(status);
  });

  it('that is not read to its end is answered, and the client is asked to stop', async () => {
    const stream = session.request({ ':method': 'POST', ':path': '/.well-known/spin/none' });
    stream.on('error', () => {});
    let status: unknown;
    stream.on('response', (head) => (status = head[':status']));
    stream.resume();
    stream.write('a part');
    await closed(stream);
    expect([status, stream.rstCode]).toEqual([404, constants.NGHTTP2_NO_ERROR]);
  });

  it('by CONNECT is refused', async () => {
    expect((await ask2({ ':method': 'CONNECT', ':authority': 'h:80' })).status).toBe(501);
  });

  it('has a body of any length, which is echoed as it comes, and is asked for by 100 where it waits', async () => {
    const body = 'x'.repeat(3_000_000);
    expect(await ask2({ ':method': 'POST', ':path': '/recho/' }, body)).toMatchObject({ status: 200, body });
    const stream = session.request({ ':method': 'POST', ':path': '/recho/', expect: '100-continue' });
    await once(stream, 'continue');
    stream.end('asked for');
    let text = '';
    for await (const piece of stream) {
      text += String(piece);
    }
    expect(text).toBe('asked for');
  });

  it('is held back while its guest does not read', async () => {
    const stream = session.request({ ':method': 'POST', ':path': '/hang' });
    stream.on('error', () => {});
    stream.write(Buffer.alloc(8_000_000));
    await sleep(300);
    expect(stream.writableLength).toBeGreaterThan(7_000_000);
    // Others on the connection are not.
    expect((await ask2({ ':method': 'POST', ':path': '/recho/' }, 'free')).body).toBe('free');
    const ended = closed(stream);
    stream.close(constants.NGHTTP2_CANCEL);
    await ended;
  });
});

const many = (count: number): [string, string][] => Array.from({ length: count }, (_, index) => [`x-${index}`, 'y']);

describe('a response', () => {
  it('has the headers of the guest and the date, and the length where it is known', async () => {
    expect((await ask2({ ':path': '/rview/?set=x-a:b' })).headers).toMatchObject({ 'x-a': 'b' });
    expect((await ask2({ ':path': '/.well-known/spin/none' })).headers).toEqual({ 'content-length': '0' });
    const health = await ask2({ ':path': '/.well-known/spin/health' });
    expect(health).toMatchObject({ headers: { 'content-length': '2' }, body: 'OK' });
  });

  it('to HEAD, and with a status without content, has none', async () => {
    expect(await ask2({ ':method': 'HEAD', ':path': '/rview/' })).toMatchObject({ status: 200, body: '', code: 0 });
    expect(await ask2({ ':path': '/rview/?status=204' })).toMatchObject({ status: 204, body: '', code: 0 });
  });

  it('that the guest fails to make is 500, and so is a status that HTTP/2 does not have', async () => {
    expect((await ask2({ ':path': '/rview/?unset' })).status).toBe(500);
    expect((await ask2({ ':path': '/rview/?status=799' })).status).toBe(500);
    expect(served.errors.join()).toContain('status 799');
  });

  it('is streamed as it is written, many at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => ask2({ ':path': '/rchunks/?count=20&size=70000' })),
    );
    expect(answers.map(({ body }) => body.length)).toEqual(Array.from({ length: 20 }, () => 1_400_000));
  });
});

describe('a client that leaves', () => {
  it('by a reset ends its guest, and others on its connection go on', async () => {
    const stream = session.request({ ':path': '/hang-headers' });
    stream.on('error', () => {});
    await once(stream, 'response');
    stream.close(constants.NGHTTP2_CANCEL);
    expect((await ask2({ ':path': '/rview/' })).status).toBe(200);
    expect(await served.app.stop(5000)).toBe(0);
  });
});

const withLimits = async (clientLimits: Record<string, number>): Promise<void> => {
  session.destroy();
  await served.stop();
  await serve({
    run: {
      http: {
        address: { host: '127.0.0.1', port: 0 },
        findFreePort: false,
        maxHeaderBytes: DEFAULT_MAX_HEADER_BYTES,
        clientLimits,
      },
    },
  });
};

describe('limits of clients', () => {
  it('on the size of a body: 413 where its length is declared, and where it turns out', async () => {
    await withLimits({ bodyBytes: 1000 });
    const post = { ':method': 'POST', ':path': '/recho/' };
    expect((await ask2({ ...post, 'content-length': '1001' }, 'x'.repeat(1001))).status).toBe(413);
    expect((await ask2(post, 'x'.repeat(1000))).body.length).toBe(1000);
    const over1 = await ask(served.port, '/recho/', { method: 'POST', body: 'x'.repeat(1001) });
    expect(over1.status).toBe(413);
    // Of no declared length: the guest echoes until it is too much.
    const cut = await ask2(post, Buffer.alloc(100_000));
    expect(cut.status === 413 || cut.code === constants.NGHTTP2_INTERNAL_ERROR).toBe(true);
    expect((await ask2({ ':path': '/rview/' })).status).toBe(200);
  });

  it('on the time that a guest waits for a body: 408, or the end of an answer that has begun', async () => {
    await withLimits({ bodyMs: 200 });
    const head = 'POST /recho/ HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n';
    const [quiet, begun] = await Promise.all([exchange(served.port, head), exchange(served.port, `${head}hello`)]);
    expect(quiet).toMatch(/^HTTP\/1\.1 (?:408 |200 .*\r\n\r\n$)/s);
    expect(begun).toMatch(/^HTTP\/1\.1 200 .*hello\r\n$/s);
    const stream = session.request({ ':method': 'POST', ':path': '/recho/' });
    stream.on('error', () => {});
    stream.write('x');
    stream.resume();
    await closed(stream);
    expect((await ask2({ ':path': '/rview/' })).status).toBe(200);
  });
});

it('a stop finishes what goes on and says goodbye', async () => {
  const stream = session.request({ ':path': '/rchunks/?count=5&size=5&ms=100' });
  await once(stream, 'response');
  const goaway = once(session, 'goaway');
  const stopped = served.app.stop(5000);
  let text = '';
  for await (const piece of stream) {
    text += String(piece);
  }
  expect(text).toHaveLength(25);
  await goaway;
  expect(await stopped).toBe(0);
  await eventually(() => session.closed || session.destroyed);
});
