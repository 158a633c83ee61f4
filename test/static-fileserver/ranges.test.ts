// Ranges and conditions (RFC 9110 §13, §14) of the file server, and its entity tags.
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serveSite, type Answer, type Site } from './serve-site.ts';

const DIGITS = '0123456789';
/** Beyond what is read at once: another way through the server. */
const FILM = Buffer.alloc(4 * 1024 * 1024 + 7, 'spindle ');

let site: Site;
let etag: string;

beforeAll(async () => {
  site = await serveSite({ 'digits.bin': DIGITS, 'empty.bin': '', 'film.mp4': FILM, 'index.html': '<h1>home</h1>' });
  etag = (await site.get('/digits.bin')).headers.etag ?? '';
});

afterAll(() => site?.stop());

const seen = ({ status, headers, body }: Answer): unknown[] => [status, headers['content-range'], body.toString()];

/** A second reading of `bytes=first-last`. */
function partOf(first: string | number, last: string | number): unknown[] {
  const [from, to] = [String(first), String(last)];
  const count = DIGITS.length;
  const start = from === '' ? Math.max(0, count - Number(to)) : Number(from);
  const end = from === '' || to === '' ? count - 1 : Math.min(Number(to), count - 1);
  const written = /^\d*-\d*$/.test(`${from}-${to}`) && `${from}${to}` !== '';
  const forward = from === '' || to === '' || Number(from) <= Number(to);
  return written && forward && start < count && start <= end
    ? [206, `bytes ${start}-${end}/${count}`, DIGITS.slice(start, end + 1)]
    : [416, `bytes */${count}`, 'Range Not Satisfiable'];
}

describe('a range', () => {
  it.each([
    ['bytes=0-0', '0', '0-0'],
    ['bytes=2-4', '234', '2-4'],
    ['bytes=7-', '789', '7-9'],
    ['bytes=-2', '89', '8-9'],
    ['bytes=-99', DIGITS, '0-9'],
    ['bytes=0-99', DIGITS, '0-9'],
    ['bytes=9-18446744073709551616', '9', '9-9'],
    ['Bytes=2-4', '234', '2-4'],
    ['bytes= 2-4', '234', '2-4'],
    ['bytes=2-4,', '234', '2-4'],
  ])('%s is %s', async (range, content, range_) => {
    const answer = await site.get('/digits.bin', { range });
    expect(seen(answer)).toEqual([206, `bytes ${range_}/10`, content]);
    expect(answer.headers).toMatchObject({ 'content-length': String(content.length), etag });
  });

  it.each([
    'bytes=10-',
    'bytes=10-11',
    'bytes=99999999999999999999-',
    'bytes=-0',
    'bytes=4-2',
    'bytes=',
    'bytes=-',
    'bytes=a-b',
    'bytes=1',
    'bytes=+1-2',
    'bytes=1-2-3',
    'bytes=--1',
    'bytes=0-1,x',
    'bytes=0x1-2',
    'bytes=1 -2',
  ])('%s cannot be satisfied', async (range) => {
    expect(seen(await site.get('/digits.bin', { range }))).toEqual([416, 'bytes */10', 'Range Not Satisfiable']);
  });

  it.each(['bytes=0-1,4-5', 'bytes=0-0,-1', 'lines=1-2', 'bytes', 'none', 'bytes 0-1'])(
    '%s gives the whole',
    async (range) => {
      expect(seen(await site.get('/digits.bin', { range }))).toEqual([200, undefined, DIGITS]);
    },
  );

  it('two fields of them are none', async () => {
    expect(seen(await site.get('/digits.bin', { range: ['bytes=0-1', 'bytes=2-3'] }))).toEqual([
      200,
      undefined,
      DIGITS,
    ]);
  });

  it('of an empty file is the whole of it', async () => {
    expect(seen(await site.get('/empty.bin', { range: 'bytes=0-' }))).toEqual([200, undefined, '']);
  });

  it('of a HEAD is none', async () => {
    const { status, headers } = await site.ask('/digits.bin', { method: 'HEAD', headers: { range: 'bytes=0-1' } });
    expect([status, headers['content-length']]).toEqual([200, '10']);
  });

  it('of a large file is passed on from within it', async () => {
    const whole = await site.get('/film.mp4');
    expect(whole.body.equals(FILM)).toBe(true);
    for (const [first, last] of [
      [0, 0],
      [1, 100_000],
      [1_048_575, 3_200_001],
      [FILM.length - 3, FILM.length - 1],
    ] as const) {
      const { status, body, headers } = await site.get('/film.mp4', { range: `bytes=${first}-${last}` });
      expect([status, headers['content-range']]).toEqual([206, `bytes ${first}-${last}/${FILM.length}`]);
      expect(body.equals(FILM.subarray(first, last + 1))).toBe(true);
    }
  });

  it('is what the file has there, whatever is asked', async () => {
    const position = fc.oneof(fc.nat(12), fc.constantFrom('', '0', '00', '9', '10', 'x', '-1'));
    await fc.assert(
      fc.asyncProperty(position, position, async (first, last) => {
        const { status, headers, body } = await site.get('/digits.bin', { range: `bytes=${first}-${last}` });
        expect(seen({ status, headers, body })).toEqual(partOf(first, last));
      }),
      { numRuns: 100 },
    );
  });
});

describe('a condition', () => {
  it.each([
    ['the tag itself', () => etag, 304],
    ['the weak form of it', () => `W/${etag}`, 304],
    ['a list that has it', () => `"a", W/"b,c" ,${etag}`, 304],
    ['anything', () => '*', 304],
    ['the tag without quotes', () => etag.replaceAll('"', ''), 304],
    ['another', () => '"a"', 200],
    ['one that contains it', () => `"a${etag.slice(1)}`, 200],
    ['one that is not closed', () => etag.slice(0, -1), 200],
    ['nothing', () => '', 200],
    ['commas', () => ',,,', 200],
  ])('if-none-match with %s', async (_, tags, status) => {
    const answer = await site.get('/digits.bin', { 'if-none-match': tags() });
    expect([answer.status, answer.body.length, answer.headers.etag]).toEqual([status, status === 304 ? 0 : 10, etag]);
    expect(answer.headers['cache-control']).toBe('max-age=60');
  });

  it.each([
    ['the tag itself', () => etag, 200],
    ['anything', () => '*', 200],
    ['a weak tag, which never matches', () => `W/${etag}`, 412],
    ['another', () => '"a"', 412],
  ])('if-match with %s', async (_, tags, status) => {
    expect((await site.get('/digits.bin', { 'if-match': tags() })).status).toBe(status);
  });

  it.each([
    ['the tag', () => etag, 206],
    ['a weak tag', () => `W/${etag}`, 200],
    ['another', () => '"a"', 200],
    ['a date', () => 'Sat, 21 Nov 2026 00:00:00 GMT', 200],
  ])('if-range with %s', async (_, tag, status) => {
    expect((await site.get('/digits.bin', { range: 'bytes=0-1', 'if-range': tag() })).status).toBe(status);
  });

  it('goes before a range', async () => {
    expect((await site.get('/digits.bin', { range: 'bytes=99-', 'if-none-match': etag })).status).toBe(304);
  });

  it('holds for a large file too', async () => {
    const { headers } = await site.get('/film.mp4', { range: 'bytes=0-0' });
    expect(headers.etag).toMatch(/^"[0-9a-f]+-[0-9a-f]+"$/);
    expect((await site.get('/film.mp4', { 'if-none-match': headers.etag ?? '' })).status).toBe(304);
  });
});

it('a tag says what a file holds: the same in another copy, another for other content', async () => {
  const other = await serveSite({ 'elsewhere.bin': DIGITS, 'digits.bin': '012345678X' });
  try {
    expect((await other.get('/elsewhere.bin')).headers.etag).toBe(etag);
    expect((await other.get('/digits.bin')).headers.etag).not.toBe(etag);
  } finally {
    await other.stop();
  }
});
