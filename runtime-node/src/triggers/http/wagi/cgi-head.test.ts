import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isFieldValue, isForbidden, isToken } from '../../../host/http/types/header-syntax.ts';
import { HeadEnd, parseHead } from './cgi-head.ts';

describe('the end of a CGI head', () => {
  it.each([
    ['a: b\n\nbody', 6],
    ['a: b\r\n\r\nbody', 8],
    ['a: b\r\n\nbody', 7],
    ['a: b\n\r\nbody', 7],
    ['\n\nbody', 2],
    ['a: b\n', undefined],
    ['a: b\r\n\r', undefined],
    ['', undefined],
    ['no head at all', undefined],
    ['\na: b', undefined],
  ])('of %j is at %s', (text, end) => {
    expect(new HeadEnd().find(Buffer.from(text))).toBe(end);
  });

  it('is the same however the bytes come in pieces', () => {
    const text = fc.array(fc.constantFrom('\n', '\r', 'a', ':', ' '), { maxLength: 30 }).map((chars) => chars.join(''));
    fc.assert(
      fc.property(text, fc.infiniteStream(fc.integer({ min: 1, max: 5 })), (whole, sizes) => {
        const inPieces = new HeadEnd();
        const bytes = Buffer.from(whole);
        let [at, found]: [number, number | undefined] = [0, undefined];
        for (const size of sizes) {
          const end = inPieces.find(bytes.subarray(at, at + size));
          found = end === undefined ? undefined : at + end;
          at += size;
          if (found !== undefined || at >= bytes.length) {
            break;
          }
        }
        expect(found).toBe(new HeadEnd().find(bytes));
      }),
    );
  });
});

describe('a CGI head', () => {
  it.each([
    ['content-type: text/plain', 200, [['content-type', 'text/plain']]],
    ['Content-Type:text/plain\r\nX-A: 1', 200, [['content-type', 'text/plain'], ['x-a', '1']]], // prettier-ignore
    ['  content-type \t:  text/plain  ', 200, [['content-type', 'text/plain']]],
    ['content-type: a/b\ncontent-type: c/d', 200, [['content-type', 'c/d']]],
    ['content-type:', 200, [['content-type', '']]],
    ['status: 404 Not Found', 404, []],
    ['Status: 204', 204, []],
    ['status: 999', 999, []],
    ['location: /new', 302, [['location', '/new']]],
    ['location: /new\nstatus: 301', 301, [['location', '/new']]],
    ['status: 303\nlocation: /new', 303, [['location', '/new']]],
    ['content-type: a/b\nset-cookie: a=1\nset-cookie: b=2', 200, [['content-type', 'a/b'], ['set-cookie', 'a=1'], ['set-cookie', 'b=2']]], // prettier-ignore
    ['content-type: a/b\nx-time: 12:30', 200, [['content-type', 'a/b'], ['x-time', '12:30']]], // prettier-ignore
    ['content-type: a/b\nx-utf8: \xc3\xa9\xa0', 200, [['content-type', 'a/b'], ['x-utf8', '\xc3\xa9\xa0']]], // prettier-ignore
    ['\ncontent-type: a/b\n\n', 200, [['content-type', 'a/b']]],
  ] as const)('%j is status %s with %j', (text, status, headers) => {
    expect(parseHead(text)).toEqual({ status, headers, length: undefined });
  });

  it.each(['two hundred', '20', '2000', '099', '-200', '', '200OK'])(
    'with the status %j is a failure of the gateway',
    (status) => {
      expect(parseHead(`status: ${status}`)?.status).toBe(502);
    },
  );

  it.each(['', 'x-other: 1', 'content-type text/plain', 'Hello, world', ': text/plain', 'content-length: 3'])(
    '%j says too little to answer with',
    (text) => {
      expect(parseHead(text)).toBeUndefined();
    },
  );

  it.each([
    'debug output',
    'not a name: x',
    'connection: close',
    'Transfer-Encoding: chunked',
    'host: other',
    'x-bell: \u0007',
    'x-nul: a\0b',
    'é: 1',
  ])('goes without the line %j', (line) => {
    expect(parseHead(`content-type: a/b\n${line}\nx-kept: 1`)?.headers).toEqual([
      ['content-type', 'a/b'],
      ['x-kept', '1'],
    ]);
  });

  it.each([
    ['content-length: 5', 5],
    ['content-length: 005', 5],
    ['content-length: 5\ncontent-length: 5', 5],
    ['content-length: 5\ncontent-length: 6', undefined],
    ['content-length: -1', undefined],
    ['content-length: 5, 5', undefined],
    ['content-length: 0x10', undefined],
  ])('with %j has the length %s', (line, length) => {
    expect(parseHead(`status: 200\n${line}`)).toEqual({ status: 200, headers: [], length });
  });

  it('of any bytes says only what may be sent', () => {
    const fragment = fc.constantFrom(
      'status',
      'location',
      'content-type',
      'connection',
      ':',
      '\n',
      '\r',
      ' ',
      '200',
      '\0',
    );
    const noise = fc.array(fc.oneof(fragment, fc.string({ unit: 'binary-ascii' }), fc.constant('\xff')), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(noise, (parts) => {
        const head = parseHead(parts.join(''));
        if (head === undefined) {
          return;
        }
        expect(head.status).toBeGreaterThanOrEqual(100);
        expect(head.status).toBeLessThanOrEqual(999);
        for (const [name, value] of head.headers) {
          expect([isToken(name), name === name.toLowerCase(), isForbidden(name)]).toEqual([true, true, false]);
          expect(isFieldValue(value)).toBe(true);
          expect(['status', 'content-length']).not.toContain(name);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('that was written by the rules is read back', () => {
    const name = fc.stringMatching(/^x-[a-z0-9]{1,10}$/);
    const value = fc.stringMatching(/^[!-~]([ !-~]{0,20}[!-~])?$/);
    const fields = fc.array(fc.tuple(name, value), { maxLength: 10 });
    fc.assert(
      fc.property(
        fields,
        fc.integer({ min: 100, max: 999 }),
        fc.constantFrom('\n', '\r\n'),
        (list, status, newline) => {
          const lines = [`Status: ${status} Reason`, ...list.map(([field, text]) => `${field.toUpperCase()}: ${text}`)];
          expect(parseHead(lines.join(newline))).toEqual({ status, headers: list, length: undefined });
        },
      ),
    );
  });
});
