// The Redis trigger: a guest for each message of the channels that an app has subscribed to (spin-contract.md §6.1).
import type { App } from '../../app/app.ts';
import { withoutPassword } from '../broker-address.ts';
import { findExport, type HandlerNames } from '../find-export.ts';
import { keepConnected } from '../keep-connected.ts';
import { MessageCalls } from '../message-calls.ts';
import type { RunningCalls } from '../running-calls.ts';
import type { MessageTrigger } from '../trigger.ts';
import { subscribe } from './subscriber.ts';
import { redisSubscriptions } from './subscriptions.ts';

const HANDLER: HandlerNames = {
  what: 'Redis',
  served: ['fermyon:spin/inbound-redis', 'spin:redis/inbound-redis@3.0.0'],
  function: 'handle-message',
};

export async function startRedisTrigger(app: App, calls: RunningCalls): Promise<MessageTrigger> {
  const messages = new MessageCalls(calls, 'redis');
  const subscriptions = await redisSubscriptions(app);
  const handlers = new Map(
    subscriptions
      .flatMap(({ channels }) => [...channels.values()].flat())
      .map((component) => [component, findExport(app, component, HANDLER)]),
  );
  const stopping = new AbortController();
  const { signal } = stopping;
  const attending = subscriptions.map(({ address, target, channels }) => {
    const shown = withoutPassword(address);
    const onMessage = async (channel: string, payload: Uint8Array): Promise<void> => {
      const components = channels.get(channel) ?? [];
      const options = {
        patient: true,
        name: `${channel} receive`,
        attributes: { 'messaging.system': 'redis', 'messaging.operation': 'receive' },
      };
      await Promise.all(
        components.flatMap((component) => {
          const handler = handlers.get(component);
          return handler === undefined ? [] : [messages.call(handler, [payload], options)];
        }),
      );
    };
    return keepConnected(() => subscribe(target, { channels: channels.keys(), signal, onMessage }), {
      signal,
      address: shown,
      onError: calls.onError,
    });
  });
  return {
    announcement: subscriptions.flatMap(({ address, channels }) => {
      const shown = withoutPassword(address);
      return [
        `Active Channels on ${shown}:`,
        ...[...channels].map(([channel, components]) => `\t${shown}/${channel}: [${components.join(',')}]`),
      ];
    }),
    stopTaking: async () => stopping.abort(),
    close: async () => {
      await Promise.all(attending);
    },
  };
}
