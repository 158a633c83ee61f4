import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { ConnectionLimit } from '../network/index.ts';
import { ConnectionPool, PoolExhausted, type Poolable, type PoolOptions } from './pool.ts';

class FakeConnection implements Poolable {
  usable = true;
  resets = 0;
  canReset = true;
  readonly name: number;
  readonly #onClose: () => void;

  constructor(name: number, onClose: () => void) {
    this.name = name;
    this.#onClose = onClose;
  }

  hold(): void {}

  destroy(): void {
    if (this.usable) {
      this.usable = false;
      this.#onClose();
    }
  }

  async reset(): Promise<boolean> {
    this.resets += 1;
    await sleep(1);
    return this.canReset;
  }
}

function pool(options: Partial<PoolOptions> & { readonly max?: number } = {}) {
  const limit = new ConnectionLimit(options.max);
  const made: FakeConnection[] = [];
  const connections = new ConnectionPool<FakeConnection>({ limit, maxPerKey: 64, ...options });
  const lease = (key = 'a', signal = new AbortController().signal) =>
    connections.lease(
      key,
      async (_, onClose) => {
        const connection = new FakeConnection(made.length, onClose);
        made.push(connection);
        return connection;
      },
      signal,
    );
  return { connections, limit, made, lease };
}

describe('a pool of connections', () => {
  it('hands a connection to the next, put back, and to nobody with another key', async () => {
    const { made, lease } = pool();
    const first = await lease();
    first.release();
    expect((await lease()).connection).toBe(first.connection);
    expect(first.connection.resets).toBe(1);
    expect((await lease('b')).connection).not.toBe(first.connection);
    expect(made.length).toBe(2);
  });

  it('never has one connection with two users', async () => {
    const { made, lease } = pool({ maxPerKey: 3 });
    const inUse = new Set<FakeConnection>();
    const use = async (): Promise<void> => {
      const { connection, release } = await lease();
      expect(inUse.has(connection)).toBe(false);
      inUse.add(connection);
      await sleep(1);
      inUse.delete(connection);
      release();
      release();
    };
    await Promise.all(Array.from({ length: 100 }, use));
    expect(made.length).toBeLessThanOrEqual(3);
  });

  it('makes new ones for those that broke or could not be put back', async () => {
    const { lease, limit } = pool({ max: 1 });
    const broken = await lease();
    broken.connection.usable = false;
    broken.release();
    // Its driver tells when it is closed; this one was closed by hand.
    broken.connection.usable = true;
    broken.connection.destroy();
    const dirty = await lease();
    dirty.connection.canReset = false;
    dirty.release();
    const fresh = await lease();
    expect([broken.connection.name, dirty.connection.name, fresh.connection.name]).toEqual([0, 1, 2]);
    expect(limit.taken).toBe(1);
  });

  it('closes an idle one of another to make room', async () => {
    const { lease, made } = pool({ max: 1 });
    (await lease('a')).release();
    await expect.poll(() => made[0]?.resets).toBe(1);
    await sleep(5);
    await lease('b');
    expect(made.map(({ usable }) => usable)).toEqual([false, true]);
  });

  it('answers ten thousand who want one of two, and keeps nothing of them', async () => {
    const { lease, limit, connections, made } = pool({ max: 2 });
    const use = async (): Promise<void> => (await lease()).release();
    await Promise.all(Array.from({ length: 10_000 }, use));
    expect(made.length).toBe(2);
    connections.close();
    expect(limit.taken).toBe(0);
  });

  it('lets nobody wait for ever', async () => {
    const { lease } = pool({ maxPerKey: 1, maxWaitMs: 20 });
    const held = await lease();
    await expect(lease()).rejects.toThrow(PoolExhausted);
    held.release();
    expect((await lease()).connection).toBe(held.connection);
  });

  it('lets go of who no longer waits', async () => {
    const { lease } = pool({ maxPerKey: 1 });
    await lease();
    const gone = new AbortController();
    const waiting = lease('a', gone.signal);
    gone.abort(new Error('gone'));
    await expect(waiting).rejects.toThrow('gone');
    await expect(lease('a', gone.signal)).rejects.toThrow('gone');
  });

  it('gives back the place of a connection that could not be made', async () => {
    const { connections, limit } = pool({ max: 1 });
    const failing = connections.lease('a', () => Promise.reject(new Error('refused')), new AbortController().signal);
    await expect(failing).rejects.toThrow('refused');
    expect(limit.taken).toBe(0);
  });

  it('closes what nobody has used for a while', async () => {
    const { lease, made, limit } = pool({ idleMs: 10 });
    (await lease()).release();
    await expect.poll(() => made[0]?.usable).toBe(false);
    expect(limit.taken).toBe(0);
  });
});
