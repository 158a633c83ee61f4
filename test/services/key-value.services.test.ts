// Key-value stores in Redis against a real server, and by wasi:keyvalue in a real guest (spin-contract.md §4.2).
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRedis, type RunningRedis } from '../../hack/services/redis.ts';
import { openRedis } from '../../runtime-node/src/host/key-value/redis.ts';
import { storeSuite } from '../../runtime-node/src/host/key-value/testing/store-suite.ts';
import { SharedConnection } from '../../runtime-node/src/host/redis/shared-connection.ts';
import { parseRedisUrl, type RedisTarget } from '../../runtime-node/src/host/redis/target.ts';
import { calls, runCases, scallsManifest, serveText } from './run-cases.ts';

let redis: RunningRedis;

beforeAll(async () => {
  redis = await startRedis();
});

afterAll(() => redis?.stop());

function targetOf(url: string): RedisTarget {
  const target = parseRedisUrl(url);
  if (target === undefined) {
    throw new Error('no address');
  }
  return target;
}

async function flush(target: RedisTarget): Promise<void> {
  const connection = new SharedConnection(target, async () => []);
  await connection.send('FLUSHDB', []);
  await connection.close();
}

describe('a store in Redis', () => {
  storeSuite(async () => {
    const target = targetOf(`${redis.address}/5`);
    await flush(target);
    const backend = openRedis({ type: 'redis', target });
    return { store: await backend.store('r'), [Symbol.asyncDispose]: async () => backend.close() };
  });
});

it('says where a store in Redis is, without its password', () => {
  const backend = openRedis({ type: 'redis', target: targetOf('redis://:s3cret@[::1]:1234/3') });
  expect(backend.summary).toBe('Redis at ::1:1234');
});

describe('key-value', () => {
  runCases('key-value', () => ({ REDIS: redis.address }));
  runCases('wasi-key-value', () => ({ REDIS: redis.address }));
});

it.each([
  ['SQLite', undefined],
  ['Redis', () => `[key_value_store.default]\ntype = "redis"\nurl = "${redis.address}/9"\n`],
])('a store in %s gets 10,000 keys in one call and no more', async (_where, config) => {
  const served = await serveText(scallsManifest('key_value_stores = ["default"]'), {}, config?.());
  expect(await calls(served, 'kv.open default\nkv.get-n 10000\nkv.get-n 10001')).toEqual([
    '()',
    '0',
    'error Error::Other("too many keys in one call: 10001, at most 10000")',
  ]);
  await served.stop();
});

describe('a store in Redis that is away', () => {
  const manifest = scallsManifest('key_value_stores = ["default"]');

  it('is an error to the guest, and found again when it is back', async () => {
    const passing = await startRedis();
    const config = `[key_value_store.default]\ntype = "redis"\nurl = "redis://:s3cret@127.0.0.1:${passing.port}"\n`;
    const plain = config.replace(':s3cret@', '');
    const served = await serveText(manifest, {}, plain);
    expect(await calls(served, 'kv.open default\nkv.set k v')).toEqual(['()', '()']);
    await passing.stop();
    const refused = 'error Error::Other("Connection refused (os error 111)")';
    expect(await calls(served, 'kv.open default\nkv.open default')).toEqual([refused, refused]);
    const again = await startRedis({ port: passing.port });
    expect(await calls(served, 'kv.open default\nkv.get k')).toEqual(['()', 'none']);
    await served.stop();
    const wrong = await serveText(manifest, {}, config);
    expect(await calls(wrong, 'kv.open default')).toEqual([
      'error Error::Other("Password authentication failed - AuthenticationFailed")',
    ]);
    await wrong.stop();
    await again.stop();
  });
});

describe('stores in memory', () => {
  it('are full at 128 MiB, and the guest is told', async () => {
    const served = await serveText(scallsManifest('key_value_stores = ["default"]'), {});
    expect(await calls(served, 'kv.open default\nkv.set-n 200 1000000')).toEqual([
      '()',
      'Some(Error::Other("database or disk is full"))',
    ]);
    await served.stop();
  });
});
