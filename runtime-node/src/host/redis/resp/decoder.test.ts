import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Decoder } from './decoder.ts';
import { encodeCommand } from './encode.ts';
import { ProtocolError } from './protocol-error.ts';
import { OtherReply, RedisError, type Reply } from './reply.ts';

const LIMIT = 100_000;

/** Feeds `bytes` in pieces of the given sizes, repeated. */
function decode(bytes: Buffer | string, sizes: readonly number[] = [1_000_000], replyBytes = LIMIT): Reply[] {
  const all = Buffer.from(bytes);
  const replies: Reply[] = [];
  const decoder = new Decoder({ replyBytes }, (reply) => replies.push(reply));
  for (let at = 0, turn = 0; at < all.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    decoder.write(Buffer.from(all.subarray(at, at + size)));
    at += size;
  }
  return replies;
}

function encode(reply: Reply): Buffer {
  if (reply === null) {
    return Buffer.from('$-1\r\n');
  }
  if (typeof reply === 'string') {
    return Buffer.from(`+${reply}\r\n`);
  }
  if (typeof reply === 'bigint') {
    return Buffer.from(`:${reply}\r\n`);
  }
  if (reply instanceof Uint8Array) {
    return Buffer.concat([Buffer.from(`$${reply.length}\r\n`), reply, Buffer.from('\r\n')]);
  }
  const items = reply as readonly Reply[];
  return Buffer.concat([Buffer.from(`*${items.length}\r\n`), ...items.map(encode)]);
}

const anyReply: fc.Arbitrary<Reply> = fc.letrec<{ reply: Reply }>((tie) => ({
  reply: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.string({ unit: 'grapheme' }).filter((text) => !/[\r\n]/.test(text)),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    fc.array(tie('reply'), { maxLength: 4 }),
  ),
})).reply;

describe('replies of a Redis server', () => {
  it('are the same whatever the pieces they come in', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 });
    fc.assert(
      fc.property(fc.array(anyReply, { maxLength: 5 }), sizes, (replies, pieces) => {
        expect(decode(Buffer.concat(replies.map(encode)), pieces)).toEqual(replies);
      }),
    );
  });

  it.each([
    ['-ERR no\r\n', new RedisError('ERR no')],
    ['-NOAUTH\r\n', new RedisError('NOAUTH')],
    ['*-1\r\n', null],
    ['_\r\n', null],
    ['#t\r\n', true],
    [',1.5\r\n', Buffer.from('1.5')],
    ['(123\r\n', Buffer.from('123')],
    ['!6\r\nERR no\r\n', new RedisError('ERR no')],
    ['=7\r\ntxt:abc\r\n', new OtherReply('Redis string with format attribute is not supported')],
    ['~1\r\n:1\r\n', [1n]],
    ['%1\r\n+a\r\n:1\r\n', new OtherReply('Redis Map type is not supported')],
    ['|1\r\n+ttl\r\n:1\r\n:5\r\n', 5n],
    ['*2\r\n|1\r\n+ttl\r\n:1\r\n:5\r\n:6\r\n', [5n, 6n]],
    ['>1\r\n+message\r\n:1\r\n', 1n],
    ['*0\r\n', []],
  ])('%j', (text, reply) => {
    expect(decode(text)).toEqual([reply]);
    expect(decode(text, [1])).toEqual([reply]);
  });

  it.each([
    ['garbage', 'parse error - ParseError: Parse error at 1\nUnexpected `97`\nUnexpected `103`\n'],
    ['HTTP/1.1 400 Bad Request\r\n\r\n', 'parse error'],
    ['+ok\n', 'parse error'],
    ['$3\r\nabcde', 'parse error'],
    ['$x\r\n', 'has no length'],
    ['$-2\r\n', 'has no length'],
    ['*1e3\r\n', 'has no length'],
    [':1.5\r\n', 'an integer of the reply is none'],
    [':9223372036854775808\r\n', 'an integer of the reply is none'],
    ['$100001\r\n', 'query result exceeds limit of 100000 bytes'],
    ['*999999999999\r\n', 'query result exceeds limit'],
    [`*1\r\n`.repeat(40), 'nested too deeply'],
    [`+${'x'.repeat(70_000)}`, 'parse error'],
  ])('%j is refused', (text, message) => {
    expect(() => decode(text)).toThrow(message);
    expect(() => decode(text, [1])).toThrow(ProtocolError);
  });

  it('are refused as soon as their parts together are too large', () => {
    const many = `*1000\r\n${`$${'500'}\r\n${'x'.repeat(500)}\r\n`.repeat(1000)}`;
    expect(() => decode(many)).toThrow('query result exceeds limit');
    expect(decode(many, [4096], 1_000_000)).toHaveLength(1);
  });

  it('leave room again once they are complete', () => {
    const half = `$60000\r\n${'x'.repeat(60_000)}\r\n`;
    expect(decode(half.repeat(5))).toHaveLength(5);
  });

  it('are values or a protocol error, whatever the bytes', () => {
    const bytes = fc.oneof(
      fc.uint8Array(),
      fc.string({ unit: fc.constantFrom(...'+-:$*~%|>#_,(!=0129\r\nx') }).map((text) => Buffer.from(text)),
    );
    fc.assert(
      fc.property(bytes, (all) => {
        const outcome = thrownBy(() => decode(Buffer.from(all), [3, 1]));
        expect(outcome === undefined || outcome instanceof ProtocolError).toBe(true);
      }),
    );
  });
});

describe('commands', () => {
  it('carry any bytes as arguments of their own', () => {
    const text = encodeCommand('SET', ['a\r\nb', Uint8Array.of(0, 255), -5n]).toString('latin1');
    expect(text).toBe('*4\r\n$3\r\nSET\r\n$4\r\na\r\nb\r\n$2\r\n\u0000\u00ff\r\n$2\r\n-5\r\n');
  });
});

function thrownBy(act: () => unknown): unknown {
  try {
    act();
    return undefined;
  } catch (error) {
    // expected: most bytes are no replies
    return error;
  }
}
