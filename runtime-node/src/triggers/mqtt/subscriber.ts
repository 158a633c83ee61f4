// One session of a subscriber: hands on one message after the other, acknowledges it (QoS 1 and 2) when that is done, and
// reads no more before.
import { randomBytes } from 'node:crypto';
import type { MqttClient } from 'mqtt';
import type { MqttTrigger } from '@spindle/api';
import { watchConnection } from '../../host/mqtt/watch-connection.ts';
import { connectBroker } from '../broker-address.ts';
import type { MqttBroker } from './subscriptions.ts';

/** A broker that is there answers within milliseconds; one behind a firewall that drops packets never does. */
const CONNECT_MS = 10_000;

/** Spin's MAX_HOST_BUFFERED_BYTES, and a fixed header (spin-contract.md §4): what one message may hold. */
const MAX_PACKET_BYTES = 134_217_728 + 1024;

export interface SubscriberOptions {
  readonly signal: AbortSignal;
  /** Must not reject. */
  readonly onMessage: (topic: string, payload: Uint8Array) => Promise<void>;
}

/** Rejects when the connection is lost, or by the signal when no message is in hand. */
export async function subscribe(
  { target, username, password, keepAliveSeconds }: MqttBroker,
  { topic, qos }: Pick<MqttTrigger, 'topic' | 'qos'>,
  { signal, onMessage }: SubscriberOptions,
): Promise<never> {
  // Loaded only by apps with such a trigger, and before there is a socket, which may close meanwhile.
  const mqtt = await import('mqtt');
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(CONNECT_MS)]);
  const socket = await connectBroker(target, deadline);
  const client = new mqtt.MqttClient(() => socket, {
    protocolId: 'MQTT',
    protocolVersion: 4,
    clientId: `spindle-${randomBytes(8).toString('hex')}`,
    clean: true,
    ...(username === '' && password === '' ? {} : { username, password }),
    keepalive: keepAliveSeconds,
    connectTimeout: CONNECT_MS,
    reconnectPeriod: 0,
  });
  const inHand = new InHand(client);
  client.handleMessage = (packet, done) => {
    if (signal.aborted) {
      // Not acknowledged: the broker gives it to the next who asks.
      return;
    }
    const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload;
    void inHand.handle(() => onMessage(packet.topic, payload)).then(() => done());
  };
  const lost = watchConnection(client, socket, {
    maxPacketBytes: MAX_PACKET_BYTES,
    closed: () => new Error('the broker has closed the connection'),
  });
  lost.catch(() => {});
  const giveUp = (): void => void inHand.finished().then(() => client.end(true));
  signal.addEventListener('abort', giveUp);
  try {
    await Promise.race([new Promise<void>((resolve) => client.once('connect', () => resolve())), lost]);
    await Promise.race([client.subscribeAsync(topic, { qos }), lost]);
    return await lost;
  } finally {
    signal.removeEventListener('abort', giveUp);
    await inHand.finished();
    client.end(true);
  }
}

/** The message that is being handled. Meanwhile nothing is read, so that the broker's signs of life are not seen. */
class InHand {
  readonly #client: MqttClient;
  #handling: Promise<void> | undefined;

  constructor(client: MqttClient) {
    this.#client = client;
    const timedOut = client.onKeepaliveTimeout.bind(client);
    client.onKeepaliveTimeout = () => {
      if (this.#handling === undefined) {
        timedOut();
      } else {
        // It still wants to see ours.
        client.sendPing();
        client.reschedulePing(true);
      }
    };
  }

  async handle(act: () => Promise<void>): Promise<void> {
    const handling = act();
    this.#handling = handling;
    await handling;
    this.#handling = undefined;
    this.#client.reschedulePing(true);
  }

  /** Resolves when the acknowledgement is on its way too. */
  async finished(): Promise<void> {
    if (this.#handling !== undefined) {
      await this.#handling;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
