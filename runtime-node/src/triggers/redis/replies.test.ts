import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeCommand, NotRedis, ReplyReader, type Reply } from './replies.ts';

const MAX_BYTES = 1000;

const read = (...chunks: readonly (string | Buffer)[]): Reply[] => {
  const reader = new ReplyReader(MAX_BYTES);
  return chunks.flatMap((chunk) => [...reader.read(Buffer.from(chunk))]);
};

const list = (...items: string[]): Reply => ({ kind: 'list', items: items.map((item) => Buffer.from(item)) });
const bytesOf = (items: readonly Uint8Array[]): Buffer =>
  Buffer.concat([
    Buffer.from(`*${items.length}\r\n`),
    ...items.flatMap((item) => [Buffer.from(`$${item.length}\r\n`), item, Buffer.from('\r\n')]),
  ]);

describe('what a Redis server sends', () => {
  it('is status, error or list', () => {
    expect(
      read('+OK\r\n-NOAUTH who are you\r\n*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n*2\r\n$4\r\npong\r\n$0\r\n\r\n'),
    ).toEqual([
      { kind: 'status', text: 'OK' },
      { kind: 'error', text: 'NOAUTH who are you' },
      list('subscribe', 'c', '1'),
      list('pong', ''),
    ]);
  });

  it('is read alike in pieces of any size', () => {
    const item = fc.uint8Array({ maxLength: 60 });
    const replies = fc.array(fc.array(item, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(replies, fc.array(fc.nat(400), { maxLength: 8 }), (given, cuts) => {
        const bytes = Buffer.concat(given.map(bytesOf));
        const at = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).toSorted((a, b) => a - b), bytes.length];
        const chunks = at.slice(1).map((end, index) => bytes.subarray(at[index], end));
        expect(read(...chunks)).toEqual(
          given.map((items) => ({ kind: 'list', items: items.map((one) => Buffer.from(one)) })),
        );
      }),
    );
  });

  it.each([
    ['garbage', 'garbage\r\n'],
    ['HTTP', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
    ['a string outside of a list', '$1\r\na\r\n'],
    ['a number outside of a list', ':1\r\n'],
    ['a list in a list', '*1\r\n*1\r\n'],
    ['a status in a list', '*1\r\n+OK\r\n'],
    ['an empty list', '*0\r\n'],
    ['a long list', '*1000000000\r\n'],
    ['a string that is longer than it says', '*1\r\n$1\r\nabc\r\n'],
    ['a length below zero', '*-1\r\n'],
    ['a length that is none', '*1\r\n$x\r\n'],
    ['a string over the limit', '*1\r\n$1001\r\n'],
    ['a string of 8 EiB', '*1\r\n$9223372036854775807\r\n'],
    ['a line without end', `+${'a'.repeat(70_000)}`],
    ['RESP 3', '%1\r\n+a\r\n+b\r\n'],
  ])('is refused when it is %s', (_what, text) => {
    expect(() => read(text)).toThrow(NotRedis);
  });

  it('is refused, or read, whatever it is', () => {
    const always = fc.check(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.constantFrom('*1\r\n', '$1\r\n', ':1\r\n', '\r\n', '*')), { maxLength: 20 }),
        (parts) => {
          try {
            read(...parts);
            return true;
          } catch (error) {
            // expected: most is no reply
            return error instanceof NotRedis;
          }
        },
      ),
    );
    expect(always.counterexample).toBeNull();
  });
});

it('a command goes as strings with their lengths in bytes', () => {
  expect(encodeCommand(['AUTH', 'ü'])).toBe('*2\r\n$4\r\nAUTH\r\n$2\r\nü\r\n');
});
