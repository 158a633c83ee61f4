// `[outbound_redis]` of the runtime configuration (spin-contract.md §5.1).
import { countOf, tableOf } from '../network/index.ts';

export interface RedisConfig {
  /** Connections of the app at one time; undefined is no limit. */
  readonly maxConnections: number | undefined;
}

export const REDIS_CONFIG_KEY = 'outbound_redis';

export function parseRedisConfig(raw: Readonly<Record<string, unknown>>): RedisConfig {
  const section = raw[REDIS_CONFIG_KEY];
  const table = section === undefined ? {} : tableOf(section, REDIS_CONFIG_KEY, ['max_connections']);
  return { maxConnections: countOf(table['max_connections'], `${REDIS_CONFIG_KEY}.max_connections`) };
}
