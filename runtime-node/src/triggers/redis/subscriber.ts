// One connection of a subscriber: hands on one message after the other, and reads no more before that is done, so that a
// server that sends faster than guests take it fills its own buffers.
import type { Socket } from 'node:net';
import type { RedisTarget } from '../../host/redis/target.ts';
import { connectBroker } from '../broker-address.ts';
import { encodeCommand, NotRedis, ReplyReader, type Reply } from './replies.ts';

/** A server that is there answers within milliseconds; one behind a firewall that drops packets never does. */
const OPEN_MS = 10_000;

/** Whoever has said nothing for so long is asked whether it is there, and given up when it says nothing again. */
const SILENCE_MS = 30_000;

/** Spin's MAX_HOST_BUFFERED_BYTES: what a guest may be given at once (spin-contract.md §4). */
const MAX_MESSAGE_BYTES = 134_217_728;

export interface SubscriberOptions {
  readonly channels: Iterable<string>;
  readonly signal: AbortSignal;
  /** Must not reject. */
  readonly onMessage: (channel: string, payload: Uint8Array) => Promise<void>;
}

/** Rejects when the connection is lost, or by the signal; either way not before the message in hand is done with. */
export async function subscribe(target: RedisTarget, options: SubscriberOptions): Promise<never> {
  const { signal } = options;
  const socket = await connectBroker(target, AbortSignal.any([signal, AbortSignal.timeout(OPEN_MS)]));
  const giveUp = (): void => void socket.destroy(new Error('the runtime is stopping'));
  signal.addEventListener('abort', giveUp);
  try {
    if (signal.aborted) {
      giveUp();
    }
    socket.write(greeting(target, options.channels).map(encodeCommand).join(''));
    const silence = watchSilence(socket);
    return await listen(socket, silence, options);
  } finally {
    signal.removeEventListener('abort', giveUp);
    socket.destroy();
  }
}

/** In one go: what is refused shows in its answer. */
function greeting({ username, password, database }: RedisTarget, channels: Iterable<string>): string[][] {
  return [
    ...(password === undefined ? [] : [['AUTH', ...(username === undefined ? [] : [username]), password]]),
    ...(database === 0 ? [] : [['SELECT', String(database)]]),
    ['SUBSCRIBE', ...channels],
  ];
}

interface Silence {
  /** A message is in hand: nothing is read meanwhile. */
  busy: boolean;
}

function watchSilence(socket: Socket): Silence {
  const silence = { busy: false };
  let asked = false;
  socket.setTimeout(SILENCE_MS);
  socket.on('timeout', () => {
    if (silence.busy) {
      return;
    }
    if (asked) {
      socket.destroy(new Error('timed out'));
      return;
    }
    asked = true;
    socket.write(encodeCommand(['PING']));
  });
  socket.on('data', () => (asked = false));
  return silence;
}

/** A chunk holds many messages, or a part of one. Iterating reads no further chunk before the last is done with. */
async function listen(socket: Socket, silence: Silence, { signal, onMessage }: SubscriberOptions): Promise<never> {
  const reader = new ReplyReader(MAX_MESSAGE_BYTES);
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    for (const reply of reader.read(chunk)) {
      const message = messageOf(reply);
      if (message !== undefined && !signal.aborted) {
        silence.busy = true;
        await onMessage(message.channel, message.payload);
        silence.busy = false;
      }
    }
  }
  throw new Error('unexpected end of file');
}

interface Message {
  readonly channel: string;
  readonly payload: Uint8Array;
}

function messageOf(reply: Reply): Message | undefined {
  if (reply.kind === 'error') {
    throw new NotRedis(`the server refuses: ${reply.text}`);
  }
  if (reply.kind !== 'list') {
    return undefined;
  }
  const [kind, channel, payload] = reply.items;
  return kind?.toString() === 'message' && channel !== undefined && payload !== undefined
    ? { channel: channel.toString(), payload }
    : undefined;
}
