// What an MQTT broker can do to its subscribers: brokers that send garbage, too much, too little, or go.
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { startHostile } from '../../host/testing/hostile-server.ts';
import { subscribe } from './subscriber.ts';

const CONNECT = 0x10;
const SUBSCRIBE = 0x82;
const CONNACK = Buffer.from([0x20, 2, 0, 0]);

/** QoS 1. */
const message = (id: number, text: string): Buffer =>
  Buffer.concat([Buffer.from([0x32, 5 + text.length, 0, 1, 0x74, 0, id]), Buffer.from(text)]);

function subscribed(port: number, onMessage: (text: string) => Promise<void> = async () => {}) {
  const stopping = new AbortController();
  const taken: string[] = [];
  const broker = {
    address: '',
    target: { host: '127.0.0.1', port, tls: false },
    username: '',
    password: '',
    keepAliveSeconds: 1,
  };
  const ended = subscribe(
    broker,
    { topic: 't', qos: 1 },
    {
      signal: stopping.signal,
      onMessage: async (_topic, payload) => {
        const text = Buffer.from(payload).toString();
        taken.push(text);
        await onMessage(text);
      },
    },
  ).catch((error: unknown) => error);
  return { ended, taken, stop: () => stopping.abort() };
}

/** Greets, grants the subscription, and then does as it likes; hears each packet's first byte. */
const broker =
  (then: (socket: Socket) => void, heard: (type: number, packet: Buffer) => void = () => {}) =>
  (socket: Socket): void => {
    socket.on('data', (packet: Buffer) => {
      const [type = 0] = packet;
      heard(type, packet);
      if (type === CONNECT) {
        socket.write(CONNACK);
      } else if (type === SUBSCRIBE) {
        socket.write(Buffer.from([0x90, 3, packet[2] ?? 0, packet[3] ?? 0, 1]));
        then(socket);
      }
    });
  };

describe('a subscriber', () => {
  it.each([
    ['garbage', Buffer.from('garbage')],
    ['a message of 256 MiB that never comes', Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f])],
    ['a length that never ends', Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 0xff])],
    ['a refusal', Buffer.from([0x20, 2, 0, 5])],
  ])('that is greeted with %s ends with an error', async (_what, bytes) => {
    await using server = await startHostile((socket) => void socket.once('data', () => socket.end(bytes)));
    expect(await subscribed(server.port).ended).toBeInstanceOf(Error);
  });

  it('ends when the broker hangs up in the middle of a message, after the messages before', async () => {
    const half = message(2, 'half').subarray(0, 6);
    await using server = await startHostile(broker((socket) => socket.end(Buffer.concat([message(1, 'a'), half]))));
    const { ended, taken } = subscribed(server.port);
    expect(await ended).toBeInstanceOf(Error);
    expect(taken).toEqual(['a']);
  });

  it('acknowledges a message when it has been handled, and gives signs of life meanwhile', async () => {
    const heard: number[] = [];
    await using server = await startHostile(
      broker(
        (socket) => socket.write(message(1, 'long')),
        (type) => heard.push(type),
      ),
    );
    const handled = Promise.withResolvers<void>();
    const { ended, taken, stop } = subscribed(server.port, () => handled.promise);
    // Longer than the broker would wait without them: it says nothing that would be read.
    while (heard.filter((type) => type === 0xc0).length < 3) {
      await delay(50);
    }
    expect([taken, heard.includes(0x40)]).toEqual([['long'], false]);
    handled.resolve();
    while (!heard.includes(0x40)) {
      await delay(20);
    }
    stop();
    expect(await ended).toBeInstanceOf(Error);
  });

  it('that is stopped finishes the message in hand, acknowledges it, and takes no other', async () => {
    const heard: number[] = [];
    await using server = await startHostile(
      broker(
        (socket) => socket.write(Buffer.concat([message(1, 'a'), message(2, 'b')])),
        (type) => heard.push(type),
      ),
    );
    const begun = Promise.withResolvers<void>();
    const finish = Promise.withResolvers<void>();
    const { ended, taken, stop } = subscribed(server.port, async () => {
      begun.resolve();
      await finish.promise;
    });
    await begun.promise;
    stop();
    setTimeout(finish.resolve, 50);
    await ended;
    while (!heard.includes(0x40)) {
      await delay(20);
    }
    expect([taken, heard.filter((type) => type === 0x40)]).toEqual([['a'], [0x40]]);
  });
});
