// The triggers of an app besides HTTP; each is loaded only by apps that have it.
import type { App } from '../app/app.ts';
import type { CommandTrigger } from '../triggers/command/trigger.ts';
import type { RunningCalls } from '../triggers/running-calls.ts';
import { stopTriggers, type MessageTrigger } from '../triggers/trigger.ts';
import type { TriggerType } from './check-triggers.ts';

export interface MessageTriggerOptions {
  readonly types: ReadonlySet<TriggerType>;
  readonly env: Readonly<Record<string, string | undefined>>;
}

type Start = (app: App, calls: RunningCalls, env: MessageTriggerOptions['env']) => Promise<MessageTrigger>;

const STARTS: Readonly<Partial<Record<TriggerType, Start>>> = {
  redis: async (app, calls) => (await import('../triggers/redis/trigger.ts')).startRedisTrigger(app, calls),
  mqtt: async (app, calls) => (await import('../triggers/mqtt/trigger.ts')).startMqttTrigger(app, calls),
  cron: async (app, calls) => (await import('../triggers/cron/trigger.ts')).startCronTrigger(app, calls),
  sqs: async (app, calls, env) => (await import('../triggers/sqs/trigger.ts')).startSqsTrigger(app, calls, env),
};

/** All of them or, when one cannot start, none. */
export async function startMessageTriggers(
  app: App,
  calls: RunningCalls,
  { types, env }: MessageTriggerOptions,
): Promise<readonly MessageTrigger[]> {
  const started: MessageTrigger[] = [];
  try {
    for (const type of types) {
      const trigger = await STARTS[type]?.(app, calls, env);
      if (trigger !== undefined) {
        started.push(trigger);
      }
    }
    return started;
  } catch (error) {
    await stopTriggers(started, calls, 0);
    throw error;
  }
}

export async function prepareCommand(app: App, calls: RunningCalls, args: readonly string[]): Promise<CommandTrigger> {
  const { commandTrigger } = await import('../triggers/command/trigger.ts');
  return commandTrigger(app, calls, { args, streams: () => process });
}
