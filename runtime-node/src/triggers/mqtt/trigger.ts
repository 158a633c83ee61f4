// The MQTT trigger: a guest for each message of the topics that an app has subscribed to, over a connection for each trigger
// (spin-contract.md §6.2).
import type { App } from '../../app/app.ts';
import { withoutPassword } from '../broker-address.ts';
import { findExport, type HandlerNames } from '../find-export.ts';
import { keepConnected } from '../keep-connected.ts';
import { MessageCalls } from '../message-calls.ts';
import type { RunningCalls } from '../running-calls.ts';
import type { MessageTrigger } from '../trigger.ts';
import { subscribe } from './subscriber.ts';
import { mqttSubscriptions } from './subscriptions.ts';

const HANDLER: HandlerNames = { what: 'MQTT', served: [''], function: 'handle-message' };

export async function startMqttTrigger(app: App, calls: RunningCalls): Promise<MessageTrigger> {
  const messages = new MessageCalls(calls, 'mqtt');
  const { broker, triggers } = await mqttSubscriptions(app);
  const handled = triggers.map((trigger) => ({ trigger, handler: findExport(app, trigger.component, HANDLER) }));
  const address = withoutPassword(broker.address);
  const stopping = new AbortController();
  const { signal } = stopping;
  const attending = handled.map(({ trigger, handler }) => {
    const onMessage = async (topic: string, payload: Uint8Array): Promise<void> => {
      await messages.call(handler, [payload, { topic }], {
        patient: true,
        name: `${topic} receive`,
        attributes: { 'messaging.system': 'mqtt', 'messaging.operation': 'receive' },
      });
    };
    return keepConnected(() => subscribe(broker, trigger, { signal, onMessage }), {
      signal,
      address,
      onError: calls.onError,
    });
  });
  return {
    announcement: [
      `Active Topics on ${address}:`,
      ...triggers.map(({ topic, component }) => `\t${topic}: [${component}]`),
    ],
    stopTaking: async () => stopping.abort(),
    close: async () => {
      await Promise.all(attending);
    },
  };
}
