// The configuration of one MQTT trigger, and of the connection that all of an app have (spin-contract.md §6.2).
import type { DocumentNode } from '../document/document-node.ts';
import type { LockedApp, LockedTrigger } from '../locked-app/types.ts';
import { globalsOf, parseTrigger, requiredComponent, type TriggerReader } from './component-trigger.ts';

export interface MqttTrigger {
  readonly id: string;
  readonly component: string;
  /** A template; `+` and `#` in it are the broker's. */
  readonly topic: string;
  readonly qos: 0 | 1 | 2;
}

/** All texts are templates over application variables. */
export interface MqttGlobals {
  readonly address: string;
  readonly username: string;
  readonly password: string;
  /** Seconds, once it is filled in. */
  readonly keepAliveInterval: string;
}

const LEVELS: readonly (string | undefined)[] = ['0', '1', '2'];

export const mqttTrigger: TriggerReader<MqttTrigger> = {
  fields: ['component', 'topic', 'qos'],
  read: (id, component, table) => ({
    id,
    component: requiredComponent(component, table),
    topic: table.required('topic').string(),
    qos: readQos(table.required('qos')),
  }),
};

export const parseMqttTrigger = (trigger: LockedTrigger): MqttTrigger => parseTrigger(mqttTrigger, trigger);

function readQos(node: DocumentNode): MqttTrigger['qos'] {
  const level = LEVELS.indexOf(node.string());
  if (level === -1) {
    throw node.contentError(`unknown quality of service ${JSON.stringify(node.string())}`, {
      remedy: 'Write "0" (at most once), "1" (at least once) or "2" (exactly once).',
    });
  }
  return level as MqttTrigger['qos'];
}

/** `silent` fields are someone else's. */
export function readMqttGlobals(node: DocumentNode, silent: readonly string[] = []): MqttGlobals {
  const table = node.table();
  table.refuseOthers(['address', 'username', 'password', 'keep_alive_interval'], silent);
  return {
    address: table.required('address').string(),
    username: table.required('username').string(),
    password: table.required('password').string(),
    keepAliveInterval: table.required('keep_alive_interval').string(),
  };
}

export function parseMqttGlobals(locked: Pick<LockedApp, 'metadata'>): MqttGlobals | undefined {
  const node = globalsOf(locked, 'mqtt');
  return node && readMqttGlobals(node);
}
