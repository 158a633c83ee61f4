// Key-value stores in Redis: a key is a key of Redis as it is, so that others may share it, and all labels with one URL
// see the same keys, as in Spin (spin-contract.md §4.2).
import { systemResolver } from '../network/index.ts';
import { accepted, bytesOf, failureOf, integerOf, RedisFailed, textOf } from '../redis/commands.ts';
import type { Argument } from '../redis/client/connection.ts';
import type { Reply } from '../redis/client/reply.ts';
import { SharedConnection } from '../redis/shared-connection.ts';
import { otherError, ResultSize, type CompareAndSwap, type KeyValueBackend, type KeyValueStore } from './backend.ts';
import type { RedisStoreConfig } from './config.ts';

/** How many keys Redis looks at for one answer; it serves others between two. */
const SCAN_COUNT = 1000;

/** Sets a key if it still has the value that was seen: one command, so that nothing comes between. */
const SWAP = `local value = redis.call('GET', KEYS[1])
if (ARGV[1] == 'some' and value == ARGV[2]) or (ARGV[1] == 'none' and value == false) then
  redis.call('SET', KEYS[1], ARGV[3])
  return 1
end
return 0`;

export function openRedis({ target }: RedisStoreConfig): KeyValueBackend {
  const connection = new SharedConnection(target, systemResolver);
  const store = new RedisStore(connection);
  return {
    summary: `Redis at ${target.host}:${target.port}`,
    synchronous: false,
    store: async () => {
      await told(() => connection.connected());
      return store;
    },
    close: () => connection.close(),
  };
}

class RedisStore implements KeyValueStore {
  readonly #connection: SharedConnection;

  constructor(connection: SharedConnection) {
    this.#connection = connection;
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    return valueOf(await this.#ask('GET', [key]));
  }

  async set(key: string, value: Uint8Array): Promise<void> {
    await this.#ask('SET', [key, value]);
  }

  async delete(key: string): Promise<void> {
    await this.#ask('DEL', [key]);
  }

  async exists(key: string): Promise<boolean> {
    return told(async () => integerOf(await this.#ask('EXISTS', [key])) > 0n);
  }

  /** By SCAN: KEYS, which Spin uses, keeps the server from everyone until it has them all. */
  async keys(): Promise<string[]> {
    const found = new Set<string>();
    const size = new ResultSize();
    for (let cursor: string | undefined = '0'; cursor !== undefined;) {
      const { next, keys }: Scanned = await this.#scan(cursor);
      for (const key of keys) {
        size.add(found.has(key) ? 0 : key.length);
        found.add(key);
      }
      cursor = next;
    }
    return [...found];
  }

  #scan(cursor: string): Promise<Scanned> {
    return told(async () => {
      const [next = null, keys = null] = listOf(await this.#ask('SCAN', [cursor, 'COUNT', SCAN_COUNT]));
      const after = textOf(next);
      return { next: after === '0' ? undefined : after, keys: listOf(keys).map(textOf) };
    });
  }

  async getMany(keys: readonly string[]): Promise<[string, Uint8Array][]> {
    const wanted = [...new Set(keys)];
    const values = listOf(await this.#ask('MGET', wanted));
    return wanted.flatMap((key, at): [string, Uint8Array][] => {
      const value = valueOf(values[at] ?? null);
      return value === undefined ? [] : [[key, value]];
    });
  }

  async setMany(pairs: readonly (readonly [string, Uint8Array])[]): Promise<void> {
    await this.#ask('MSET', pairs.flat());
  }

  async deleteMany(keys: readonly string[]): Promise<void> {
    await this.#ask('DEL', keys);
  }

  async increment(key: string, delta: bigint): Promise<bigint> {
    return told(async () => integerOf(await this.#ask('INCRBY', [key, delta])));
  }

  compareAndSwap(key: string): CompareAndSwap {
    /** Undefined before the first `current`; null when it found nothing. */
    let seen: Uint8Array | null | undefined;
    return {
      key,
      current: async () => {
        const value = await this.get(key);
        seen = value ?? null;
        return value;
      },
      swap: async (value) => {
        if (seen === undefined) {
          await this.set(key, value);
          return true;
        }
        const expected: Argument[] = seen === null ? ['none', ''] : ['some', seen];
        return told(async () => integerOf(await this.#ask('EVAL', [SWAP, 1, key, ...expected, value])) === 1n);
      },
    };
  }

  #ask(command: string, args: readonly Argument[]): Promise<Reply> {
    return told(async () => accepted(await this.#connection.send(command, args)));
  }
}

interface Scanned {
  /** Undefined when there are no more. */
  readonly next: string | undefined;
  readonly keys: readonly string[];
}

const listOf = (reply: Reply): readonly Reply[] => (Array.isArray(reply) ? (reply as readonly Reply[]) : []);

const valueOf = (reply: Reply): Uint8Array | undefined => (reply === null ? undefined : bytesOf(reply));

/** What Redis says against it becomes the guest's error. */
async function told<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof RedisFailed) {
      throw otherError(error.message, error);
    }
    const failure = failureOf(error);
    throw otherError(failure.tag === 'other' ? failure.val : failure.tag, error);
  }
}
