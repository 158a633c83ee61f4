// Outbound MQTT (spin-contract.md §4.9).
import type { HostCapability } from '../capability.ts';
import { MQTT_CONFIG_KEY, parseMqttConfig, type MqttConfig } from './config.ts';
import { mqttInterface } from './host.ts';
import { MqttState } from './state.ts';

const V2 = 'fermyon:spin/mqtt@2.0.0';
const V3 = 'spin:mqtt/mqtt@3.0.0';

export const mqtt: HostCapability<MqttConfig, MqttState> = {
  id: 'mqtt',
  interfaces: [V2, V3],
  configKeys: [MQTT_CONFIG_KEY],
  parse: parseMqttConfig,
  open: async ({ maxConnections, maxPayloadBytes }, { network }) =>
    new MqttState(network, network.limitOf(maxConnections, 'mqtt'), maxPayloadBytes),
  bind: (state) =>
    new Map([
      [V2, mqttInterface(state)],
      [V3, mqttInterface(state)],
    ]),
  close: async (state) => state.close(),
};
