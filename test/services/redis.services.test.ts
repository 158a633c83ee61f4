// Outbound Redis against a real server, called by a real guest (spin-contract.md §4.6).
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRedis, type RunningRedis } from '../../hack/services/redis.ts';
import { ask } from '../conformance/client.ts';
import type { Served } from '../conformance/serve-manifest.ts';
import { calls, runCases, scallsManifest, serveText } from './run-cases.ts';

let redis: RunningRedis;
let secret: RunningRedis;

beforeAll(async () => {
  redis = await startRedis();
  secret = await startRedis({ password: 'p@ss word' });
});

afterAll(async () => {
  await redis?.stop();
  await secret?.stop();
});

const names = () => ({
  REDIS: redis.address,
  REDIS_PORT: redis.port,
  REDIS_SECRET: secret.address,
  REDIS_SECRET_PORT: secret.port,
});

const allowed = (hosts = '"redis://127.0.0.1:*"'): string => scallsManifest(`allowed_outbound_hosts = [${hosts}]`);

async function serving<T>(manifest: string, use: (served: Served) => Promise<T>, config?: string): Promise<T> {
  const served = await serveText(manifest, names(), config);
  try {
    return await use(served);
  } finally {
    await served.stop();
  }
}

describe('outbound Redis', () => {
  runCases('redis', names);
});

describe('a guest of Spin 1', () => {
  const manifest = allowed().replace('SCALLS', 'RSPIN1');

  it('makes every call, each with the address', async () => {
    await serving(manifest, async (served) => {
      const call = async (name: string, ...args: string[]): Promise<string> => {
        const query = [redis.address, ...args].map((arg) => `a=${encodeURIComponent(arg)}`).join('&');
        return (await ask(served.port, `/redis/${name}?${query}`)).body ?? '';
      };
      const answers: string[] = [];
      for (const [name, ...args] of [
        ['execute', 'FLUSHALL'],
        ['get', 'k'],
        ['set', 'k', 'v'],
        ['get', 'k'],
        ['incr', 'n'],
        ['incr', 'k'],
        ['sadd', 's', 'a', 'b'],
        ['smembers', 's'],
        ['srem', 's', 'a', 'c'],
        ['del', 'k', 's', 'none'],
        ['publish', 'c', 'm'],
        ['execute', 'MGET', 'b:n', 'b:none'],
        ['execute', 'INCRBY', 'b:n', 'i:41'],
        ['execute', 'NOPE'],
      ] as const) {
        answers.push(`${name} ${(await call(name, ...args)).trimEnd()}`);
      }
      expect(answers).toEqual([
        'execute ["OK"]',
        'get ""',
        'set ()',
        'get "v"',
        'incr 1',
        'incr error Error { code: 1, name: "error", message: "" }',
        'sadd 2',
        'smembers ["a", "b"]',
        'srem 1',
        'del 2',
        'publish ()',
        'execute ["1", "nil"]',
        'execute ["42"]',
        'execute error Error { code: 1, name: "error", message: "" }',
      ]);
    });
  });
});

describe('connections', () => {
  it('are handed from one instance to the next, but not when the guest chose its commands itself', async () => {
    await serving(allowed(), async (served) => {
      const id = async (before: string): Promise<string | undefined> =>
        (await calls(served, `redis.open ${redis.address}\n${before}\nredis.execute CLIENT b:ID`)).at(-1);
      const [first, second, third] = [await id('redis.get a'), await id('redis.get a'), await id('redis.get a')];
      expect(new Set([first, second, third]).size).toBe(3);
      await calls(served, `redis.open ${redis.address}\nredis.get a`);
      const connections = async (): Promise<number> => {
        const [, list = ''] = await calls(served, `redis.open ${redis.address}/1\nredis.execute CLIENT b:LIST`);
        return list.split('laddr=').length - 1;
      };
      const before = await connections();
      for (let count = 0; count < 10; count++) {
        await calls(served, `redis.open ${redis.address}\nredis.get a`);
      }
      expect(await connections()).toBe(before);
    });
  });

  it('are as many as the runtime configuration allows; others wait for them', async () => {
    const config = '[outbound_redis]\nmax_connections = 2\n';
    await serving(
      allowed(),
      async (served) => {
        const lines = `redis.open ${redis.address}\nredis.execute BLPOP b:nothing b:0.05\nredis.incr limited`;
        const answers = await Promise.all(Array.from({ length: 10 }, () => calls(served, lines)));
        expect(answers.map(([opened, popped]) => [opened, popped])).toEqual(
          Array.from({ length: 10 }, () => ['()', '[nil]']),
        );
        expect(answers.map((answer) => Number(answer[2])).toSorted((a, b) => a - b)).toEqual(
          Array.from({ length: 10 }, (_, index) => index + 1),
        );
      },
      config,
    );
  });

  it('are at most 1024 in one instance', async () => {
    await serving(allowed(), async (served) => {
      expect(await calls(served, `redis.many ${redis.address} 2000`)).toEqual(['1024 then Error::TooManyConnections']);
      expect(await calls(served, `redis.open ${redis.address}\nredis.get none`)).toEqual(['()', 'none']);
    });
  });

  it('are checked by the address that a name resolves to', async () => {
    const config = '[outbound_networking]\nblock_networks = ["private"]\n';
    const hosts = '"redis://127.0.0.1:*", "redis://localhost:*"';
    await serving(
      allowed(hosts),
      async (served) => {
        const answers = await calls(
          served,
          `redis.open redis://127.0.0.1:${redis.port}\nredis.open redis://localhost:${redis.port}`,
        );
        expect(answers).toEqual([
          'error Error::Other("every address of 127.0.0.1 is in a blocked network")',
          'error Error::Other("every address of localhost is in a blocked network")',
        ]);
      },
      config,
    );
  });

  it('that the server has closed are not handed on', async () => {
    await serving(allowed(), async (served) => {
      await calls(served, `redis.open ${redis.address}\nredis.get a`);
      await calls(served, `redis.open ${redis.address}\nredis.execute CLIENT b:KILL b:TYPE b:normal b:SKIPME b:yes`);
      expect(await calls(served, `redis.open ${redis.address}\nredis.set a 1`)).toEqual(['()', '()']);
    });
  });
});
