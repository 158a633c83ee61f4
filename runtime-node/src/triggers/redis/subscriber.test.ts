// What a Redis server can do to its subscribers: servers that send garbage, too much, too little, or go.
import { setTimeout as delay } from 'node:timers/promises';
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { parseRedisUrl, type RedisTarget } from '../../host/redis/target.ts';
import { startHostile } from '../../host/testing/hostile-server.ts';
import { subscribe } from './subscriber.ts';

const SUBSCRIBED = '*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n';
const message = (text: string): string => `*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$${text.length}\r\n${text}\r\n`;

interface Subscribed {
  readonly ended: Promise<unknown>;
  readonly taken: string[];
  readonly stop: () => void;
}

function subscribed(port: number, onMessage: (text: string) => Promise<void> = async () => {}): Subscribed {
  const stopping = new AbortController();
  const taken: string[] = [];
  const ended = subscribe(parseRedisUrl(`redis://127.0.0.1:${port}`) as RedisTarget, {
    channels: ['c'],
    signal: stopping.signal,
    onMessage: async (_channel, payload) => {
      const text = Buffer.from(payload).toString();
      taken.push(text);
      await onMessage(text);
    },
  }).catch((error: unknown) => error);
  return { ended, taken, stop: () => stopping.abort() };
}

/** Takes the greeting; `answer` is to what comes then. */
const onSubscribe = (answer: (socket: Socket) => void) => (socket: Socket) =>
  void socket.once('data', () => {
    socket.write('+OK\r\n');
    socket.once('data', () => answer(socket));
  });

describe('a subscriber', () => {
  it.each([
    ['garbage', 'garbage', 'parse error'],
    ['a refusal', '-NOAUTH Authentication required.\r\n', 'the server refuses: NOAUTH: Authentication required.'],
    ['a message of 1 GiB', '*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1073741824\r\n', 'exceeds limit'],
    ['lists without end', '*1\r\n'.repeat(100_000), 'nested too deeply'],
  ])('that is sent %s ends with an error', async (_what, bytes, said) => {
    await using server = await startHostile(onSubscribe((socket) => socket.write(bytes)));
    const { ended, taken } = subscribed(server.port);
    expect(String(await ended)).toContain(said);
    expect(taken).toEqual([]);
  });

  it('ends when the server hangs up in the middle of a message, after the messages before', async () => {
    await using server = await startHostile(
      onSubscribe((socket) => socket.end(SUBSCRIBED + message('a') + message('bcd').slice(0, -3))),
    );
    const { ended, taken } = subscribed(server.port);
    expect(await ended).toBeInstanceOf(Error);
    expect(taken).toEqual(['a']);
  });

  it('takes one message after the other, and reads no more than it takes', async () => {
    const flood = message('x'.repeat(10_000)).repeat(4000);
    const sending = Promise.withResolvers<Socket>();
    await using server = await startHostile(
      onSubscribe((socket) => {
        socket.write(SUBSCRIBED + flood);
        sending.resolve(socket);
      }),
    );
    const first = Promise.withResolvers<void>();
    const { ended, taken, stop } = subscribed(server.port, () => first.promise);
    const sent = await sending.promise;
    // Until nothing more goes out: what the kernel holds, it holds.
    for (let before = -1; sent.writableLength !== before;) {
      before = sent.writableLength;
      await delay(200);
    }
    expect(taken).toHaveLength(1);
    expect(sent.writableLength).toBeGreaterThan(flood.length / 2);
    first.resolve();
    while (taken.length < 4000) {
      await delay(20);
    }
    stop();
    expect(await ended).toBeInstanceOf(Error);
  });

  it('that is stopped finishes the message in hand and takes no other', async () => {
    await using server = await startHostile(
      onSubscribe((socket) => socket.write(SUBSCRIBED + message('a') + message('b'))),
    );
    const begun = Promise.withResolvers<void>();
    const finish = Promise.withResolvers<void>();
    let finished = false;
    const { ended, taken, stop } = subscribed(server.port, async () => {
      begun.resolve();
      await finish.promise;
      finished = true;
    });
    await begun.promise;
    stop();
    setTimeout(finish.resolve, 50);
    await ended;
    expect([finished, taken]).toEqual([true, ['a']]);
  });
});
