// Reads the address of an MQTT broker. The host that is checked against the manifest is the host that is connected to:
// both are what `destination` says (spin-contract.md §1.8, §4.9).
import { parseOutboundUrl, type Destination } from '@spindle/api';

export interface MqttTarget {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly clientId: string;
  readonly cleanSession: boolean;
}

const SCHEMES: Readonly<Record<string, { readonly port: number; readonly tls: boolean }>> = {
  'mqtt:': { port: 1883, tls: false },
  'tcp:': { port: 1883, tls: false },
  'mqtts:': { port: 8883, tls: true },
  'ssl:': { port: 8883, tls: true },
};

/** Options of the client that Spin uses, which mean nothing here: they are taken, as there, if they are numbers. */
const OTHER_NUMBERS = [
  'keep_alive_secs',
  'max_incoming_packet_size_bytes',
  'max_outgoing_packet_size_bytes',
  'request_channel_capacity_num',
  'max_request_batch_num',
  'pending_throttle_usecs',
  'inflight_num',
];

/** undefined: no destination can be seen in it. */
export const mqttDestination = (address: string): Destination | undefined => parseOutboundUrl(address, 'mqtt');

/** undefined: no address of a broker, for which a client id is needed. */
export function parseMqttUrl(address: string, { host, port }: Destination): MqttTarget | undefined {
  const url = URL.parse(address);
  const scheme = url === null ? undefined : SCHEMES[url.protocol];
  if (!url?.hostname || scheme === undefined) {
    return undefined;
  }
  const options = new Map(url.searchParams);
  const { client_id: clientId, clean_session: cleanSession = 'true' } = Object.fromEntries(options);
  const known = ['client_id', 'clean_session', ...OTHER_NUMBERS];
  if (
    clientId === undefined ||
    clientId.startsWith(' ') ||
    !['true', 'false'].includes(cleanSession) ||
    [...options.keys()].some((name) => !known.includes(name)) ||
    OTHER_NUMBERS.some((name) => options.has(name) && !/^\d{1,15}$/.test(options.get(name) ?? ''))
  ) {
    return undefined;
  }
  return {
    host: host.kind === 'ip' ? host.address.toString() : host.name,
    port: port ?? scheme.port,
    tls: scheme.tls,
    clientId,
    cleanSession: cleanSession === 'true',
  };
}
