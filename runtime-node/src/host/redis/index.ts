// Outbound Redis (spin-contract.md §4.6) by Spin's interfaces of three generations.
// The protocol is ioredis's: client/ puts it on a socket of host/network and keeps from it what it would not survive.
import type { HostCapability } from '../capability.ts';
import { parseRedisConfig, REDIS_CONFIG_KEY, type RedisConfig } from './config.ts';
import { RedisConnections } from './connections.ts';
import { redisInterface } from './host.ts';
import { redisTypes, redisV1 } from './legacy.ts';
import { RedisState } from './state.ts';

const V1 = 'fermyon:spin/redis';
const V1_TYPES = 'fermyon:spin/redis-types';
const V2 = 'fermyon:spin/redis@2.0.0';
const V3 = 'spin:redis/redis@3.0.0';

export const redis: HostCapability<RedisConfig, RedisState> = {
  id: 'redis',
  interfaces: [V2, V3, V1, V1_TYPES],
  configKeys: [REDIS_CONFIG_KEY],
  parse: parseRedisConfig,
  open: async ({ maxConnections }, { network }) =>
    new RedisState(network, new RedisConnections(network, network.limitOf(maxConnections, 'redis'))),
  bind: (state) =>
    new Map([
      [V2, redisInterface(state)],
      [V3, redisInterface(state)],
      [V1, redisV1(state)],
      [V1_TYPES, redisTypes],
    ]),
  close: async ({ connections }) => connections.close(),
};
