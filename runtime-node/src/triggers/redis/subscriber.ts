// One connection of a subscriber: hands on one message after the other, and reads no more before that is done, so that a
// server that sends faster than guests take it fills its own buffers.
import { ConnectionLost } from '../../host/redis/client/connection-lost.ts';
import { refusalText } from '../../host/redis/client/failure-text.ts';
import { openConnection } from '../../host/redis/open-connection.ts';
import type { RedisTarget } from '../../host/redis/target.ts';
import { connectBroker } from '../broker-address.ts';

/** Whoever has nothing to say is asked so often whether it is there, and given up when it does not answer in time. */
const PING_MS = 30_000;

export interface SubscriberOptions {
  readonly channels: Iterable<string>;
  readonly signal: AbortSignal;
  /** Must not reject. */
  readonly onMessage: (channel: string, payload: Uint8Array) => Promise<void>;
}

interface Message {
  readonly channel: string;
  readonly payload: Uint8Array;
}

/** Rejects when the connection is lost, or by the signal; either way not before the message in hand is done with. */
export async function subscribe(
  target: RedisTarget,
  { channels, signal, onMessage }: SubscriberOptions,
): Promise<never> {
  const lost = Promise.withResolvers<never>();
  // Heard of below, or not at all when something else was wrong before.
  lost.promise.catch(() => {});
  /** What had come with the message in hand. */
  const waiting: Message[] = [];
  let handling: Promise<void> | undefined;
  const connection = await openConnection(target, (either) => connectBroker(target, either), {
    signal,
    onClose: lost.reject,
    answersAtOnce: true,
    onMessage: (channel, payload) => {
      waiting.push({ channel: channel.toString(), payload });
      handling ??= handle();
    },
  });
  async function handle(): Promise<void> {
    connection.pause(true);
    for (let next = waiting.shift(); next !== undefined && !signal.aborted; next = waiting.shift()) {
      await onMessage(next.channel, next.payload);
    }
    handling = undefined;
    connection.pause(false);
  }
  const giveUp = (): void => connection.destroy(new ConnectionLost('the runtime is stopping'));
  signal.addEventListener('abort', giveUp);
  const pings = setInterval(() => {
    if (handling === undefined && connection.quiet) {
      connection.ping().catch(lost.reject);
    }
  }, PING_MS);
  try {
    const answers = await Promise.all([...channels].map((channel) => connection.subscribe(channel)));
    const refused = answers.find((answer) => answer !== undefined);
    if (refused !== undefined) {
      throw new ConnectionLost(`the server refuses: ${refusalText(refused)}`);
    }
    return await lost.promise;
  } finally {
    clearInterval(pings);
    signal.removeEventListener('abort', giveUp);
    connection.destroy();
    await handling;
  }
}
