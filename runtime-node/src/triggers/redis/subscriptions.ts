// Which components hear of which channels, by address: one connection each (spin-contract.md §6.1).
import { parseRedisGlobals, parseRedisTrigger, UserError, type RedisTrigger } from '@spindle/api';
import { parseRedisUrl, type RedisTarget } from '../../host/redis/target.ts';
import type { App } from '../../app/app.ts';

export interface Subscriptions {
  readonly address: string;
  readonly target: RedisTarget;
  /** Components by channel, in the order of the manifest. */
  readonly channels: ReadonlyMap<string, readonly string[]>;
}

/** Templates are filled in once. */
export async function redisSubscriptions({
  locked,
  variables,
}: Pick<App, 'locked' | 'variables'>): Promise<Subscriptions[]> {
  const common = parseRedisGlobals(locked);
  const found = new Map<string, { target: RedisTarget; channels: Map<string, string[]> }>();
  for (const locking of locked.triggers.filter(({ trigger_type }) => trigger_type === 'redis')) {
    const trigger = parseRedisTrigger(locking);
    const address = await variables.resolveTemplate(addressOf(trigger, common));
    const channel = await variables.resolveTemplate(trigger.channel);
    const { channels } = found.getOrInsertComputed(address, () => ({ target: targetOf(address), channels: new Map() }));
    channels.set(channel, [...(channels.get(channel) ?? []), trigger.component]);
  }
  return [...found].map(([address, subscribed]) => ({ address, ...subscribed }));
}

function addressOf({ id, address }: RedisTrigger, common: string | undefined): string {
  const found = address ?? common;
  if (found === undefined) {
    throw new UserError(`the Redis trigger ${id} has no address`, {
      code: 'SPK4091',
      field: 'application.trigger.redis.address',
      remedy: 'Give it `address = "redis://…"`, or all of them one in [application.trigger.redis].',
    });
  }
  return found;
}

function targetOf(address: string): RedisTarget {
  const target = parseRedisUrl(address);
  if (target === undefined) {
    // Not shown: it may hold a password.
    throw new UserError('the address of a Redis trigger is none', {
      code: 'SPK4091',
      field: 'trigger.redis.address',
      remedy: 'Write redis://[user:password@]host[:port][/database], or rediss:// for TLS.',
    });
  }
  return target;
}
