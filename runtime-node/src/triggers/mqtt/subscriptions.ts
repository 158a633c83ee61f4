// The broker of an app's MQTT triggers and what each subscribes to (spin-contract.md §6.2). Templates are filled in once.
import { parseMqttGlobals, parseMqttTrigger, parseOutboundUrl, UserError, type MqttTrigger } from '@spindle/api';
import type { App } from '../../app/app.ts';
import type { BrokerTarget } from '../broker-address.ts';

export interface MqttBroker {
  readonly address: string;
  readonly target: BrokerTarget;
  readonly username: string;
  readonly password: string;
  readonly keepAliveSeconds: number;
}

export interface MqttSubscriptions {
  readonly broker: MqttBroker;
  readonly triggers: readonly MqttTrigger[];
}

const SCHEMES: Readonly<Record<string, { readonly port: number; readonly tls: boolean }>> = {
  'mqtt:': { port: 1883, tls: false },
  'tcp:': { port: 1883, tls: false },
  'mqtts:': { port: 8883, tls: true },
  'ssl:': { port: 8883, tls: true },
};

/** The field of the CONNECT packet has 16 bits. */
const MAX_KEEP_ALIVE_SECONDS = 65_535;

export async function mqttSubscriptions({
  locked,
  variables,
}: Pick<App, 'locked' | 'variables'>): Promise<MqttSubscriptions> {
  const globals = parseMqttGlobals(locked);
  if (globals === undefined) {
    throw refused(
      'MQTT triggers need a broker',
      'application.trigger.mqtt',
      'Add it with `address`, `username`, `password` and `keep_alive_interval`.',
    );
  }
  const filled = async (template: string): Promise<string> => variables.resolveTemplate(template);
  const address = await filled(globals.address);
  const broker = {
    address,
    target: targetOf(address),
    username: await filled(globals.username),
    password: await filled(globals.password),
    keepAliveSeconds: secondsOf(await filled(globals.keepAliveInterval)),
  };
  const triggers: MqttTrigger[] = [];
  for (const trigger of locked.triggers.filter(({ trigger_type }) => trigger_type === 'mqtt').map(parseMqttTrigger)) {
    triggers.push({ ...trigger, topic: await filled(trigger.topic) });
  }
  return { broker, triggers };
}

function targetOf(address: string): BrokerTarget {
  const destination = parseOutboundUrl(address, 'mqtt');
  const scheme = SCHEMES[URL.parse(address)?.protocol ?? ''];
  if (destination === undefined || scheme === undefined) {
    throw refused(
      'the address of the MQTT broker is none',
      'application.trigger.mqtt.address',
      'Write mqtt://host[:port], or mqtts:// for TLS.',
    );
  }
  const { host, port } = destination;
  return {
    host: host.kind === 'ip' ? host.address.toString() : host.name,
    port: port ?? scheme.port,
    tls: scheme.tls,
  };
}

function secondsOf(text: string): number {
  const seconds = /^\d{1,15}$/.test(text) ? Number(text) : undefined;
  if (seconds === undefined) {
    throw refused(
      `${JSON.stringify(text)} is no number of seconds`,
      'application.trigger.mqtt.keep_alive_interval',
      'Write for example "30".',
    );
  }
  return Math.min(seconds, MAX_KEEP_ALIVE_SECONDS);
}

const refused = (message: string, field: string, remedy: string): UserError =>
  new UserError(message, { code: 'SPK4091', field, remedy });
