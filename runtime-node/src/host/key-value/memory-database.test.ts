// What is kept in memory, by several threads of one process.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openMemoryDatabase } from './memory-database.ts';
import { openInMemory } from './open-sqlite.ts';
import type { SqliteBackend } from './sqlite.ts';

/** A thread that does with the store of a name what it is told, and answers with what came of it. */
const THREAD = `
  const { parentPort, workerData } = require('node:worker_threads');
  const opened = import(workerData.module).then(({ openInMemory }) => openInMemory(workerData.name));
  parentPort.on('message', async ([operation, ...args]) => {
    const store = (await opened).store('default');
    try {
      let answer;
      for (let count = args.pop(); count > 0; count -= 1) answer = store[operation](...args);
      parentPort.postMessage(answer);
    } catch (error) {
      parentPort.postMessage(error.message);
    }
  });`;

let names = 0;
let name: string;
let mine: SqliteBackend;
let threads: Worker[];

beforeEach(async () => {
  name = `test-${(names += 1)}`;
  mine = await openInMemory(name);
  const workerData = { name, module: new URL('./open-sqlite.ts', import.meta.url).href };
  threads = Array.from({ length: 2 }, () => new Worker(THREAD, { eval: true, workerData }));
});

afterEach(async () => {
  await Promise.all(threads.map((thread) => thread.terminate()));
  mine.close();
});

/** The last argument says how often. */
async function ask(thread: number, ...message: unknown[]): Promise<unknown> {
  const worker = threads[thread] as Worker;
  const answer = once(worker, 'message');
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  worker.postMessage(message);
  return ((await answer) as unknown[])[0];
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('a store in memory', () => {
  it('holds for each thread what the others have set, and what a thread has left that is gone', async () => {
    mine.store('default').set('key', bytes('mine'));
    expect(await ask(0, 'get', 'key', 1)).toEqual(bytes('mine'));
    await ask(1, 'set', 'key', bytes('theirs'), 1);
    expect(await ask(0, 'get', 'key', 1)).toEqual(bytes('theirs'));
    await threads[1]?.terminate();
    expect(mine.store('default').get('key')).toEqual(bytes('theirs'));
  });

  it('loses no count of several threads that count at once', async () => {
    const store = mine.store('default');
    const theirs = Promise.all([ask(0, 'increment', 'n', 1n, 500), ask(1, 'increment', 'n', 1n, 500)]);
    for (let count = 0; count < 500; count += 1) {
      store.increment('n', 1n);
    }
    await theirs;
    expect(store.increment('n', 0n)).toBe(1500n);
  });

  it('tells the guest when another thread keeps it locked, as a file does', async () => {
    await ask(0, 'get', 'key', 1);
    const other = await openMemoryDatabase(name);
    other.exec('BEGIN IMMEDIATE');
    expect(await ask(0, 'set', 'key', bytes('x'), 1)).toBe('database is locked');
    other.exec('COMMIT');
    other.close();
    expect(await ask(0, 'set', 'key', bytes('x'), 1)).toBeUndefined();
  });

  it('is another for another name, and gone with its last connection', async () => {
    const other = await openInMemory(`${name}-other`);
    other.store('default').set('key', bytes('x'));
    expect(mine.store('default').get('key')).toBeUndefined();
    other.close();
    const again = await openInMemory(`${name}-other`);
    expect(again.store('default').get('key')).toBeUndefined();
    again.close();
  });
});
