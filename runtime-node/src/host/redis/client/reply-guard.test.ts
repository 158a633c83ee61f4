// What the client makes of a server's bytes, with the guard before it: the same replies however the bytes are cut.
import { once } from 'node:events';
import { duplexPair, type Duplex } from 'node:stream';
import type { Socket } from 'node:net';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RedisConnection } from './connection.ts';
import { ProtocolError } from './protocol-error.ts';
import { OtherReply, RedisError, type Reply } from './reply.ts';
import { ReplyGuard, type Kind } from './reply-guard.ts';

const LIMIT = 100_000;

function* cut(bytes: Buffer, sizes: readonly number[]): Generator<Buffer> {
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    yield Buffer.from(bytes.subarray(at, at + size));
    at += size;
  }
}

/** The kinds of the replies in `bytes`, in pieces of the given sizes, repeated. */
function inspect(bytes: Buffer | string, sizes: readonly number[] = [1_000_000], replyBytes = LIMIT): string[] {
  const replies: string[] = [];
  const guard = new ReplyGuard({ replyBytes }, (kinds: readonly Kind[]) => replies.push(kinds.join('')));
  for (const piece of cut(Buffer.from(bytes), sizes)) {
    for (const passed of guard.inspect(piece)) {
      void passed;
    }
  }
  return replies;
}

/** A socket within this process. */
function connected(): { readonly socket: Socket; readonly server: Duplex } {
  const [socket, server] = duplexPair();
  const methods = { setTimeout() {}, setKeepAlive() {}, ref() {}, unref() {} };
  return { socket: Object.assign(socket, methods) as unknown as Socket, server };
}

/** The first `count` replies that the client finds in `bytes`. */
async function decode(bytes: Buffer | string, count: number, sizes: readonly number[] = [1_000_000]): Promise<Reply[]> {
  const { socket, server } = connected();
  server.resume();
  const connection = await RedisConnection.over(socket, { onClose() {} });
  const replies = Promise.all(Array.from({ length: count }, () => connection.send('GET', ['k'])));
  for (const piece of cut(Buffer.from(bytes), sizes)) {
    server.write(piece);
  }
  try {
    return await replies;
  } finally {
    connection.destroy();
  }
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
  it('are the same whatever the pieces they come in', async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(fc.array(anyReply, { maxLength: 5 }), sizes, async (replies, pieces) => {
        const bytes = Buffer.concat(replies.map(encode));
        expect(await decode(bytes, replies.length, pieces)).toEqual(replies);
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
  ])('%j', async (text, reply) => {
    expect(await decode(text, 1)).toEqual([reply]);
    expect(await decode(text, 1, [1])).toEqual([reply]);
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
    ['+a\rb\r\n', 'parse error'],
    ['*1\r\n>1\r\n+a\r\n', 'parse error'],
    ['_x\r\n', 'has no length'],
    ['#yes\r\n', 'has no length'],
    ['%-1\r\n', 'has no length'],
    ['=3\r\ntxt\r\n', 'has no length'],
    // Room that the client would make at once, for a few bytes each.
    ['*5000\r\n'.repeat(20), 'query result exceeds limit'],
    [`*100\r\n${'-\r\n'.repeat(100)}`, 'query result exceeds limit'],
  ])('%j is refused', (text, message) => {
    expect(() => inspect(text)).toThrow(message);
    expect(() => inspect(text, [1])).toThrow(ProtocolError);
  });

  it('are refused as soon as their parts together are too large', () => {
    const many = `*1000\r\n${`$${'500'}\r\n${'x'.repeat(500)}\r\n`.repeat(1000)}`;
    expect(() => inspect(many)).toThrow('query result exceeds limit');
    expect(inspect(many, [4096], 1_000_000)).toHaveLength(1);
  });

  it('leave room again once they are complete', () => {
    const half = `$60000\r\n${'x'.repeat(60_000)}\r\n`;
    expect(inspect(half.repeat(5))).toHaveLength(5);
  });

  const anyBytes = fc.oneof(
    fc.uint8Array(),
    fc.string({ unit: fc.constantFrom(...'+-:$*~%|>#_,(!=0129\r\nx') }).map((text) => Buffer.from(text)),
  );

  it('are values or a protocol error, whatever the bytes', () => {
    fc.assert(
      fc.property(anyBytes, (all) => {
        const outcome = thrownBy(() => inspect(Buffer.from(all), [3, 1]));
        expect(outcome === undefined || outcome instanceof ProtocolError).toBe(true);
      }),
    );
  });

  it('are as many for the client as for the guard, whatever the bytes', async () => {
    const values = fc.array(fc.constantFrom(...VALUES), { maxLength: 12 }).map((all) => all.join(''));
    await fc.assert(
      fc.asyncProperty(values, fc.integer({ min: 1, max: 9 }), async (text, size) => {
        const found: string[] = [];
        const guard = new ReplyGuard({ replyBytes: LIMIT }, (kinds) => found.push(kinds.join('')));
        const outcome = thrownBy(() => [...guard.inspect(Buffer.from(text))]);
        const count = outcome === undefined ? found.length : 0;
        expect(await decode(text, count, [size])).toHaveLength(count);
      }),
    );
  });
});

const VALUES = ['+a\r\n', '-E\r\n', ':1\r\n', '$2\r\nab\r\n', '$-1\r\n', '*2\r\n', '*0\r\n', '_\r\n', '#f\r\n'];
VALUES.push(',1\r\n', '(9\r\n', '!1\r\nE\r\n', '=5\r\ntxt:a\r\n', '~1\r\n', '%1\r\n', '>1\r\n', '|1\r\n', '*-1\r\n');

describe('commands', () => {
  it.each([
    [
      'SET',
      ['a\r\nb', Uint8Array.of(0, 255), -5n],
      '*4\r\n$3\r\nSET\r\n$4\r\na\r\nb\r\n$2\r\n\u0000\u00ff\r\n$2\r\n-5\r\n',
    ],
    ['mset', [Uint8Array.of(1)], '*2\r\n$4\r\nmset\r\n$1\r\n\u0001\r\n'],
    ['hgetall', ['k'], '*2\r\n$7\r\nhgetall\r\n$1\r\nk\r\n'],
    ['quit', [], '*1\r\n$4\r\nquit\r\n'],
  ])('%s carries any bytes as arguments of their own, and is answered as it is', async (name, args, wire) => {
    const { socket, server } = connected();
    const connection = await RedisConnection.over(socket, { onClose() {} });
    const answer = connection.send(name, args);
    const [sent] = (await once(server, 'data')) as [Buffer];
    expect(sent.toString('latin1')).toBe(wire);
    server.write('*2\r\n$1\r\na\r\n+b\r\n');
    expect(await answer).toEqual([Buffer.from('a'), 'b']);
    expect(await Promise.race([connection.send('GET', ['k']), 'waiting'])).toBe('waiting');
    connection.destroy();
  });
});

describe('a guest that subscribes by a command of its own', () => {
  // The client would take the answer apart without looking, and throw where nobody can catch.
  it.each([':1\r\n', '$-1\r\n', '*1\r\n_\r\n', '>1\r\n_\r\n:1\r\n'])('may be answered %j', async (text) => {
    const { socket, server } = connected();
    const connection = await RedisConnection.over(socket, { onClose() {} });
    const answer = connection.send('SUBSCRIBE', ['c']);
    server.write(text);
    await answer;
    expect(connection.usable).toBe(true);
    connection.destroy();
  });
});

describe('a connection that has subscribed', () => {
  it('hands on messages, also between a question and its answer', async () => {
    const { socket, server } = connected();
    const messages: string[] = [];
    const connection = await RedisConnection.over(socket, {
      onClose() {},
      onMessage: (channel, payload) => messages.push(`${channel.toString()} ${payload.toString()}`),
    });
    const subscribed = connection.subscribe('c');
    server.write('*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n');
    expect(await subscribed).toBeUndefined();
    const answer = connection.ping();
    server.write('*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\nm\r\n*2\r\n$4\r\npong\r\n$0\r\n\r\n');
    await answer;
    expect(messages).toEqual(['c m']);
    expect(connection.quiet).toBe(true);
    connection.destroy();
  });

  it.each(['+\r\n', '*0\r\n', '*1\r\n_\r\n', ':1\r\n', '*3\r\n$-1\r\n$-1\r\n$-1\r\n'])(
    'ends when the server answers %j',
    async (text) => {
      const { socket, server } = connected();
      const connection = await RedisConnection.over(socket, { onClose() {}, onMessage() {} });
      const subscribed = connection.subscribe('c');
      server.write(text);
      await expect(subscribed).rejects.toThrow('does not answer as to a subscriber');
      expect(connection.usable).toBe(false);
    },
  );

  it('may be refused', async () => {
    const { socket, server } = connected();
    const connection = await RedisConnection.over(socket, { onClose() {}, onMessage() {} });
    const subscribed = connection.subscribe('c');
    server.write('-NOPERM no\r\n');
    expect(await subscribed).toEqual(new RedisError('NOPERM no'));
    connection.destroy();
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
