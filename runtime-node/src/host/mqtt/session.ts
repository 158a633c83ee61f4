// What a guest's connection to a broker is: nothing is connected before the first publish, and after a failure the next
// publish connects anew (spin-contract.md §4.9).
import type { Socket } from 'node:net';
import type { MqttClient } from 'mqtt';
import { connectionErrorText, ConnectError } from '../network/index.ts';
import { connectionFailed, MqttFailed } from './failure.ts';
import type { MqttTarget } from './target.ts';
import { watchConnection } from './watch-connection.ts';

export interface Credentials {
  readonly username: string;
  readonly password: string;
  readonly keepAliveSeconds: number;
}

export type Qos = 'at-most-once' | 'at-least-once' | 'exactly-once';

const QOS_LEVEL = { 'at-most-once': 0, 'at-least-once': 1, 'exactly-once': 2 } as const;

/** A broker that is there answers within milliseconds; one behind a firewall that drops packets never does. */
const CONNECT_MS = 10_000;

/** How long a guest that has gone leaves for what is still to be sent. */
const END_MS = 1000;

/** What a broker may send before a packet is complete: it has only acknowledgements for us, of a few bytes each. */
const MAX_PACKET_BYTES = 262_144;

/** Longer topics cannot be written (MQTT 3.1.1 §1.5.3). */
const MAX_TOPIC_BYTES = 65_535;

/** MQTT 3.1.1 §3.2.2.3, in the words of the client that Spin uses. */
const RETURN_CODES: Readonly<Record<number, string>> = {
  1: 'RefusedProtocolVersion',
  2: 'BadClientId',
  3: 'ServiceUnavailable',
  4: 'BadUserNamePassword',
  5: 'NotAuthorized',
};

/** Gives a socket that is connected to the broker, within the limits of the app. */
export interface Connector {
  connect(target: MqttTarget, signal: AbortSignal): Promise<Socket>;
}

interface Connected {
  readonly client: MqttClient;
  /** Rejects when the connection is over. */
  readonly lost: Promise<never>;
}

export class MqttSession {
  readonly #connector: Connector;
  readonly #target: MqttTarget;
  readonly #credentials: Credentials;
  #connected: Promise<Connected> | undefined;

  constructor(connector: Connector, target: MqttTarget, credentials: Credentials) {
    this.#connector = connector;
    this.#target = target;
    this.#credentials = credentials;
  }

  /** Resolves when the broker has it, as far as the quality of service goes. Rejects with MqttFailed. */
  async publish(topic: string, payload: Uint8Array, qos: Qos, signal: AbortSignal): Promise<void> {
    if (/[+#\0]/.test(topic) || Buffer.byteLength(topic) > MAX_TOPIC_BYTES) {
      throw new MqttFailed({ tag: 'other', val: 'Failed to send mqtt requests to eventloop' });
    }
    this.#connected ??= this.#connect(signal);
    const connecting = this.#connected;
    try {
      const { client, lost } = await connecting;
      const giveUp = (): void => void client.end(true);
      signal.addEventListener('abort', giveUp);
      try {
        await Promise.race([client.publishAsync(topic, Buffer.from(payload), { qos: QOS_LEVEL[qos] }), lost]);
      } finally {
        signal.removeEventListener('abort', giveUp);
      }
    } catch (error) {
      if (this.#connected === connecting) {
        this.#connected = undefined;
      }
      throw mqttFailed(error);
    }
  }

  /** Sends what is under way first. */
  end(): void {
    const connecting = this.#connected;
    this.#connected = undefined;
    connecting?.then(
      ({ client }) => {
        const timer = setTimeout(() => client.end(true), END_MS).unref();
        client.end(() => clearTimeout(timer));
      },
      // expected: there is nothing to end; whoever wanted to publish was told
      () => {},
    );
  }

  async #connect(signal: AbortSignal): Promise<Connected> {
    // Loaded only by apps that publish, and before there is a socket, which may close meanwhile.
    const mqtt = await import('mqtt');
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(CONNECT_MS)]);
    const socket = await this.#connector.connect(this.#target, deadline);
    const { clientId, cleanSession } = this.#target;
    const { username, password, keepAliveSeconds } = this.#credentials;
    const client = new mqtt.MqttClient(() => socket, {
      protocolId: 'MQTT',
      protocolVersion: 4,
      clientId,
      clean: cleanSession,
      username,
      password,
      keepalive: keepAliveSeconds,
      connectTimeout: CONNECT_MS,
      reconnectPeriod: 0,
    });
    const lost = watchConnection(client, socket, {
      maxPacketBytes: MAX_PACKET_BYTES,
      closed: () => connectionFailed('Mqtt state: Connection closed by peer abruptly'),
    });
    // Nobody may be waiting when it happens.
    lost.catch(() => {});
    const giveUp = (): void => void client.end(true);
    deadline.addEventListener('abort', giveUp);
    try {
      await Promise.race([new Promise<void>((resolve) => client.once('connect', () => resolve())), lost]);
      return { client, lost };
    } catch (error) {
      client.end(true);
      throw error;
    } finally {
      deadline.removeEventListener('abort', giveUp);
    }
  }
}

function mqttFailed(error: unknown): MqttFailed {
  if (error instanceof MqttFailed) {
    return error;
  }
  if (error instanceof ConnectError) {
    return connectionFailed(`${error.failure === 'tls-failed' ? 'TLS' : 'I/O'}: ${connectionErrorText(error)}`, error);
  }
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    return connectionFailed('Network timeout', error);
  }
  const code = (error as { readonly code?: unknown }).code;
  const refused = typeof code === 'number' ? RETURN_CODES[code] : undefined;
  return connectionFailed(
    refused === undefined ? `I/O: ${connectionErrorText(error)}` : `Connection refused, return code: \`${refused}\``,
    error,
  );
}
