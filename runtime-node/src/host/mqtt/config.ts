// `[outbound_mqtt]` of the runtime configuration (spin-contract.md §5.1).
import { countOf, tableOf } from '../network/index.ts';

export interface MqttConfig {
  /** Connections of the app at one time; undefined is no limit. */
  readonly maxConnections: number | undefined;
  readonly maxPayloadBytes: number | undefined;
}

export const MQTT_CONFIG_KEY = 'outbound_mqtt';

const KEYS = ['max_connections', 'max_payload_size_bytes'];

export function parseMqttConfig(raw: Readonly<Record<string, unknown>>): MqttConfig {
  const section = raw[MQTT_CONFIG_KEY];
  const table = section === undefined ? {} : tableOf(section, MQTT_CONFIG_KEY, KEYS);
  return {
    maxConnections: countOf(table['max_connections'], `${MQTT_CONFIG_KEY}.max_connections`),
    maxPayloadBytes: countOf(table['max_payload_size_bytes'], `${MQTT_CONFIG_KEY}.max_payload_size_bytes`),
  };
}
