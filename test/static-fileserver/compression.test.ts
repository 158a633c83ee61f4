// The form in which the file server sends a file: as it is, a compressed copy beside it, or compressed on the way.
import { brotliCompressSync, gunzipSync, gzipSync, brotliDecompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serveSite, type Answer, type Site } from './serve-site.ts';

const TEXT = 'the quick brown fox jumps over the lazy dog\n'.repeat(100);
const OTHER = `${TEXT}!`;

let site: Site;

beforeAll(async () => {
  site = await serveSite({
    'plain.js': TEXT,
    'both.js': TEXT,
    'both.js.br': brotliCompressSync(TEXT),
    'both.js.gz': gzipSync(TEXT),
    'gzipped.css': TEXT,
    'gzipped.css.gz': gzipSync(TEXT),
    'stale.js': TEXT,
    'stale.js.br': brotliCompressSync(OTHER),
    'picture.png': TEXT,
    'picture.png.br': brotliCompressSync(TEXT),
    'small.js': 'let a = 1;',
    'limit.js': 'x'.repeat(1024),
    'large.txt': Buffer.alloc(4 * 1024 * 1024 + 1, 'a'),
    'index.html': TEXT,
    '404.html': TEXT,
  });
});

afterAll(() => site?.stop());

const decoded = ({ headers, body }: Answer): string =>
  (headers['content-encoding'] === 'br'
    ? brotliDecompressSync(body)
    : headers['content-encoding'] === 'gzip'
      ? gunzipSync(body)
      : body
  ).toString();

describe('accept-encoding', () => {
  it.each([
    ['br, gzip', 'br'],
    ['gzip, br', 'br'],
    ['gzip, deflate, br, zstd', 'br'],
    ['gzip', 'gzip'],
    ['GZIP', 'gzip'],
    ['x-gzip', 'gzip'],
    ['gzip;q=1, br;q=0.5', 'gzip'],
    ['gzip;q=0.001', 'gzip'],
    ['br;q=0, gzip', 'gzip'],
    ['br ; q=0.5 , gzip ; q=0.25', 'br'],
    ['*', 'br'],
    ['*;q=0.5, br;q=0', 'gzip'],
    ['gzip;q=0.5, identity', undefined],
    ['identity;q=0.5, gzip;q=0.5', 'gzip'],
    ['identity', undefined],
    ['', undefined],
    ['deflate, zstd', undefined],
    ['*;q=0', undefined],
    ['gzip;q=0', undefined],
    ['gzip;q=2', undefined],
    ['gzip;q=x', undefined],
    ['gzip;q=0.12345', undefined],
    ['gzipped, brotli', undefined],
    [';;;,,,q=1', undefined],
  ])('%j gives %s of what has both', async (accept, encoding) => {
    const answer = await site.get('/both.js', { 'accept-encoding': accept });
    expect([answer.status, answer.headers['content-encoding'], decoded(answer)]).toEqual([200, encoding, TEXT]);
    expect(answer.headers).toMatchObject({
      vary: 'accept-encoding',
      'content-type': 'text/javascript; charset=utf-8',
      'content-length': String(answer.body.length),
    });
  });

  it('gives no encoding when it is absent', async () => {
    expect((await site.get('/both.js')).headers['content-encoding']).toBeUndefined();
  });
});

it('a compressed copy is sent as it is, under the tag of its own content', async () => {
  const answer = await site.get('/stale.js', { 'accept-encoding': 'br' });
  expect(decoded(answer)).toBe(OTHER);
  expect(answer.headers.etag).not.toBe((await site.get('/stale.js')).headers.etag);
});

it('text is compressed on the way where only another copy, or none, is there', async () => {
  for (const [path, accept, encoding] of [
    ['/plain.js', 'br, gzip', 'gzip'],
    ['/plain.js', 'br', undefined],
    ['/gzipped.css', 'br, gzip', 'gzip'],
  ] as const) {
    const answer = await site.get(path, { 'accept-encoding': accept });
    expect([path, answer.headers['content-encoding'], decoded(answer)]).toEqual([path, encoding, TEXT]);
  }
});

it.each([
  ['/picture.png', 'what is compressed in itself'],
  ['/small.js', 'what fits a packet'],
  ['/large.txt', 'what is not read at once'],
])('%s goes out as it is: %s', async (path) => {
  const { status, headers } = await site.get(path, { 'accept-encoding': 'gzip, br' });
  expect([status, headers['content-encoding'], headers['accept-ranges']]).toEqual([200, undefined, 'bytes']);
  expect(headers.vary).toBe(path === '/picture.png' ? undefined : 'accept-encoding');
});

it('the smallest file that is compressed has 1024 bytes', async () => {
  expect((await site.get('/limit.js', { 'accept-encoding': 'gzip' })).headers['content-encoding']).toBe('gzip');
});

it('a range is of the file itself', async () => {
  for (const path of ['/both.js', '/plain.js']) {
    const { status, headers, body } = await site.get(path, { 'accept-encoding': 'br, gzip', range: 'bytes=4-8' });
    expect([status, headers['content-encoding'], body.toString()]).toEqual([206, undefined, 'quick']);
  }
});

it('each form has a tag of its own, and is not sent again to who has it', async () => {
  const plain = (await site.get('/plain.js')).headers.etag ?? '';
  const { headers } = await site.get('/plain.js', { 'accept-encoding': 'gzip' });
  expect(headers.etag).toBe(plain.replace(/"$/, '-gzip"'));
  const again = async (accept: string, tag: string): Promise<number> =>
    (await site.get('/plain.js', { 'accept-encoding': accept, 'if-none-match': tag })).status;
  expect(await again('gzip', headers.etag ?? '')).toBe(304);
  expect(await again('gzip', plain)).toBe(200);
  expect(await again('identity', plain)).toBe(304);
});

it('HEAD tells the length of the form that GET sends', async () => {
  for (const accept of ['gzip', 'br', 'identity']) {
    const headers = { 'accept-encoding': accept };
    const [get, head] = [await site.get('/both.js', headers), await site.ask('/both.js', { method: 'HEAD', headers })];
    expect(head.headers).toEqual(get.headers);
  }
});

it('COMPRESS switches it off, but for copies', async () => {
  const off = await serveSite(
    { 'plain.js': TEXT, 'both.js': TEXT, 'both.js.gz': gzipSync(TEXT) },
    { environment: { COMPRESS: 'off' } },
  );
  try {
    const encoding = async (path: string): Promise<unknown> =>
      (await off.get(path, { 'accept-encoding': 'gzip' })).headers['content-encoding'];
    expect([await encoding('/plain.js'), await encoding('/both.js')]).toEqual([undefined, 'gzip']);
  } finally {
    await off.stop();
  }
});

it('a 404 page is compressed too', async () => {
  const custom = await serveSite({ '404.html': TEXT }, { environment: { CUSTOM_404_PATH: '404.html' } });
  try {
    const answer = await custom.get('/nothing', { 'accept-encoding': 'gzip' });
    expect([answer.status, answer.headers['content-encoding'], decoded(answer)]).toEqual([404, 'gzip', TEXT]);
  } finally {
    await custom.stop();
  }
});
