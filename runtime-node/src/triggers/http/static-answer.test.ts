import { describe, expect, it } from 'vitest';
import { rawExchange } from './testing/raw-server.ts';
import { Http1Reply } from './http1/reply.ts';
import { respondFixed } from './reply.ts';
import { staticAnswer } from './static-answer.ts';

const REQUEST = 'GET / HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n';

const onTheWire = (statusCode: number, headers: Record<string, string> = {}, body?: string): Promise<string> => {
  const answer = staticAnswer({ statusCode, headers: new Map(Object.entries(headers)), body });
  return rawExchange((_request, response) => {
    respondFixed(new Http1Reply(response), answer);
  }, REQUEST);
};

describe('a static answer', () => {
  it('has its status, its headers in lower case, and its body as UTF-8', async () => {
    const text = await onTheWire(299, { 'X-Mixed': 'Käse €' }, 'ü');
    expect(Buffer.from(text, 'latin1').toString()).toMatch(
      /^HTTP\/1\.1 299 [^\r]*\r\nx-mixed: Käse €\r\n[^]*content-length: 2\r\n[^]*\r\n\r\nü$/,
    );
  });

  it.each([
    ['a status of four digits', 9999, {}],
    ['an informational status', 101, {}],
    ['status 0', 0, {}],
    ['a header name with a space', 200, { 'bad name': 'x' }],
    ['an empty header name', 200, { '': 'x' }],
    ['a line break in a header', 200, { x: 'a\r\nset-cookie: b' }],
  ])('with %s is a 500', async (_what, status, headers) => {
    expect(await onTheWire(status, headers, 'never seen')).toMatch(
      /^HTTP\/1\.1 500 Internal Server Error\r\nconnection: close\r\ncontent-length: 0\r\ndate: [^\r]+\r\n\r\n$/,
    );
  });
});
