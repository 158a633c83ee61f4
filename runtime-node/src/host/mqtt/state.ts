// What the MQTT interfaces of one app share: the way to brokers, within the limits of the app.
import type { Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import { platformTrust } from '../http/client/trust.ts';
import { PlaceQueue, type ConnectionLimit, type OutboundNetwork } from '../network/index.ts';
import type { Guest } from '../guest.ts';
import { connectionFailed, MqttFailed } from './failure.ts';
import { MqttSession, type Connector, type Credentials } from './session.ts';
import { mqttDestination, parseMqttUrl, type MqttTarget } from './target.ts';

/** Of the well-known schemes; what would allow an address without a port names this one. */
const DEFAULT_PORT = 1883;

export class MqttState implements Connector {
  readonly maxPayloadBytes: number | undefined;
  readonly #network: OutboundNetwork;
  readonly #places: PlaceQueue;
  readonly #secureContext: () => SecureContext;
  readonly #sockets = new Set<Socket>();

  constructor(
    network: OutboundNetwork,
    limit: ConnectionLimit,
    maxPayloadBytes: number | undefined,
    secureContext: () => SecureContext = platformTrust,
  ) {
    this.#secureContext = secureContext;
    this.#network = network;
    this.#places = new PlaceQueue(limit);
    this.maxPayloadBytes = maxPayloadBytes;
  }

  /** Asks the manifest; connects nothing. */
  session({ component }: Guest, address: string, credentials: Credentials): MqttSession {
    const destination = mqttDestination(address);
    const host = destination?.host;
    const name = host?.kind === 'ip' ? host.address.toString() : host?.name;
    const shown = name?.includes(':') === true ? `[${name}]` : name;
    const pattern = `${destination?.scheme}://${shown}:${destination?.port ?? DEFAULT_PORT}`;
    if (destination === undefined || !this.#network.allows(component.id, destination, pattern)) {
      throw connectionFailed(`address ${address} is not permitted`);
    }
    const target = parseMqttUrl(address, destination);
    if (target === undefined) {
      throw new MqttFailed({ tag: 'invalid-address' });
    }
    return new MqttSession(this, target, credentials);
  }

  async connect(target: MqttTarget, signal: AbortSignal): Promise<Socket> {
    const place = await this.#places.take(signal);
    try {
      const socket = await (target.tls
        ? this.#network.connectTls(target, { alpn: [], secureContext: this.#secureContext() }, signal)
        : this.#network.connect(target, signal));
      this.#sockets.add(socket);
      socket.once('close', () => {
        this.#sockets.delete(socket);
        place[Symbol.dispose]();
      });
      return socket;
    } catch (error) {
      place[Symbol.dispose]();
      throw error;
    }
  }

  close(): void {
    for (const socket of this.#sockets) {
      socket.destroy();
    }
  }
}
