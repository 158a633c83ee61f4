// The SQS trigger: a guest for each message of the queues of an app (spin-contract.md §6.4).
import { parseSqsTrigger } from '@spindle/api';
import type { App } from '../../app/app.ts';
import { findExport, type HandlerNames } from '../find-export.ts';
import { MessageCalls } from '../message-calls.ts';
import type { RunningCalls } from '../running-calls.ts';
import type { MessageTrigger } from '../trigger.ts';
import { Poller } from './poller.ts';
import { openQueue } from './queue.ts';

const HANDLER: HandlerNames = { what: 'SQS', served: [''], function: 'handle-queue-message' };

export async function startSqsTrigger(
  app: App,
  calls: RunningCalls,
  env: Readonly<Record<string, string | undefined>>,
): Promise<MessageTrigger> {
  const messages = new MessageCalls(calls, 'sqs');
  const triggers = app.locked.triggers.filter(({ trigger_type }) => trigger_type === 'sqs').map(parseSqsTrigger);
  const handlers = triggers.map(({ component }) => findExport(app, component, HANDLER));
  const pollers = await Promise.all(
    triggers.map(async (trigger, index) => {
      const handler = handlers[index] as (typeof handlers)[number];
      return new Poller(await openQueue(trigger, env), trigger, { handler, messages, onError: calls.onError });
    }),
  );
  return {
    announcement: ['Active Queues:', ...triggers.map(({ queueUrl, component }) => `\t${queueUrl}: [${component}]`)],
    stopTaking: async () => pollers.forEach((poller) => poller.stopTaking()),
    close: async () => {
      await Promise.all(pollers.map((poller) => poller.close()));
    },
  };
}
