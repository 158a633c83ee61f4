import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import { UserError } from '@spindle/api';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KeyValueError } from './backend.ts';
import { openFile, openInMemory } from './open-sqlite.ts';
import type { SqliteBackend } from './sqlite.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

let directory: string;
const opened: SqliteBackend[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'spindle-kv-'));
});

afterEach(() => {
  for (const backend of opened.splice(0)) {
    backend.close();
  }
  rmSync(directory, { recursive: true });
});

async function file(name = 'kv.db'): Promise<SqliteBackend> {
  const backend = await openFile(join(directory, name), 'key_value_store.default');
  opened.push(backend);
  return backend;
}

async function memory(): Promise<SqliteBackend> {
  const backend = await openInMemory();
  opened.push(backend);
  return backend;
}

describe.each([
  ['in memory', memory],
  ['in a file', file],
])('a store %s', (_where, open) => {
  it('keeps any bytes under any text', async () => {
    const store = (await open()).store('default');
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), fc.uint8Array(), async (key, value) => {
        store.set(key, value);
        expect(store.get(key)).toEqual(value);
        expect(store.exists(key)).toBe(true);
        expect(store.keys()).toContain(key);
        store.delete(key);
        expect(store.get(key)).toBeUndefined();
      }),
      { numRuns: 40 },
    );
  });

  it('keeps large keys and values', async () => {
    const store = (await open()).store('default');
    const value = Buffer.alloc(8 * 1024 * 1024, 'abc');
    store.set('k'.repeat(100_000), value);
    expect(value.equals(store.get('k'.repeat(100_000)) as Uint8Array)).toBe(true);
  });

  it('does not mix the keys of two labels', async () => {
    const backend = await open();
    const [a, b] = [backend.store('a'), backend.store('b')];
    a.set('k', encode('1'));
    b.set('k', encode('2'));
    b.set('only b', encode('3'));
    a.delete('k');
    expect(a.keys()).toEqual([]);
    expect(b.keys()).toEqual(['k', 'only b']);
  });

  it('gives many at once: what is there, each once, in the order asked for', async () => {
    const store = (await open()).store('default');
    store.setMany([
      ['a', encode('1')],
      ['b', encode('2')],
      ['c', encode('3')],
    ]);
    expect(store.getMany(['c', 'none', 'a', 'c'])).toEqual([
      ['c', encode('3')],
      ['a', encode('1')],
    ]);
    store.deleteMany(['a', 'none', 'b']);
    expect(store.keys()).toEqual(['c']);
  });

  it('counts from zero, keeping a little-endian 64-bit number', async () => {
    const store = (await open()).store('default');
    expect(store.increment('n', 5n)).toBe(5n);
    expect(store.increment('n', -7n)).toBe(-2n);
    expect(store.get('n')).toEqual(new Uint8Array([254, 255, 255, 255, 255, 255, 255, 255]));
  });

  it('says so when a number would overflow or is none, and changes nothing', async () => {
    const store = (await open()).store('default');
    store.increment('n', 2n ** 63n - 1n);
    expect(() => store.increment('n', 1n)).toThrow('the number in "n" would not fit into 64 bits');
    expect(store.increment('n', 0n)).toBe(2n ** 63n - 1n);
    store.set('text', encode('seven'));
    expect(() => store.increment('text', 1n)).toThrow(
      new KeyValueError({ tag: 'other', val: 'the value of "text" is not a number: it has 5 bytes in place of 8' }),
    );
    expect(store.get('text')).toEqual(encode('seven'));
  });

  describe('compare and swap', () => {
    it('sets a value that has not changed since it was seen', async () => {
      const store = (await open()).store('default');
      store.set('k', encode('old'));
      const cas = store.compareAndSwap('k');
      expect(cas.current()).toEqual(encode('old'));
      expect(cas.swap(encode('new'))).toBe(true);
      expect(store.get('k')).toEqual(encode('new'));
    });

    it('refuses when it has changed, has gone, or has come', async () => {
      const store = (await open()).store('default');
      store.set('changed', encode('old'));
      store.set('gone', encode('old'));
      const swaps = ['changed', 'gone', 'come'].map((key) => store.compareAndSwap(key));
      for (const cas of swaps) {
        cas.current();
      }
      store.set('changed', encode('other'));
      store.delete('gone');
      store.set('come', encode('other'));
      expect(swaps.map((cas) => cas.swap(encode('new')))).toEqual([false, false, false]);
      expect(store.get('changed')).toEqual(encode('other'));
      expect(store.exists('gone')).toBe(false);
      expect(store.get('come')).toEqual(encode('other'));
    });

    it('sets what was not there, and anything when it never looked', async () => {
      const store = (await open()).store('default');
      const looked = store.compareAndSwap('new');
      expect(looked.current()).toBeUndefined();
      expect(looked.swap(encode('1'))).toBe(true);
      expect(store.compareAndSwap('new').swap(encode('2'))).toBe(true);
      expect(store.get('new')).toEqual(encode('2'));
    });
  });
});

describe('an answer', () => {
  it('is stopped when it grows too large', async () => {
    const store = (await file()).store('default');
    const value = new Uint8Array(70_000_000);
    store.set('a', value);
    store.set('b', value);
    expect(() => store.getMany(['a', 'b'])).toThrow('query result exceeds limit of 134217728 bytes');
    expect(store.exists('a')).toBe(true);
  });
});

describe('stores in memory', () => {
  it('hold 128 MiB together, and take more once something is deleted', async () => {
    const backend = await memory();
    const [one, other] = [backend.store('one'), backend.store('other')];
    const value = new Uint8Array(60_000_000);
    one.set('a', value);
    other.set('b', value);
    expect(() => one.set('c', value)).toThrow('database or disk is full');
    expect(one.exists('a')).toBe(true);
    other.delete('b');
    one.set('c', value);
    expect(one.exists('c')).toBe(true);
  });
});

describe('a file of stores', () => {
  it('keeps everything from one run to the next', async () => {
    (await file()).store('default').set('k', encode('kept'));
    opened.pop()?.close();
    expect((await file()).store('default').get('k')).toEqual(encode('kept'));
  });

  it('is made with its directory', async () => {
    await file('a/b/kv.db');
    expect(statSync(join(directory, 'a/b/kv.db')).isFile()).toBe(true);
  });

  it('has the table of Spin, so that either can read what the other wrote', async () => {
    const other = new DatabaseSync(join(directory, 'kv.db'));
    other.exec(
      `CREATE TABLE IF NOT EXISTS spin_key_value (
         store TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (store, key))`,
    );
    other.exec(`INSERT INTO spin_key_value VALUES ('default', 'blob', x'6869'), ('default', 'text', 'hi')`);
    other.close();
    const store = (await file()).store('default');
    expect(store.getMany(['blob', 'text'])).toEqual([
      ['blob', encode('hi')],
      ['text', encode('hi')],
    ]);
    const cas = store.compareAndSwap('text');
    cas.current();
    expect(cas.swap(encode('ho'))).toBe(true);
    store.set('mine', encode('!'));
    const reader = new DatabaseSync(join(directory, 'kv.db'), { readOnly: true });
    const rows = reader
      .prepare('SELECT store, key, CAST(value AS TEXT) AS value FROM spin_key_value ORDER BY key')
      .all();
    reader.close();
    expect(rows.map(({ store: label, key, value }) => [label, key, value])).toEqual([
      ['default', 'blob', 'hi'],
      ['default', 'mine', '!'],
      ['default', 'text', 'ho'],
    ]);
  });

  it('is shared with another process that counts at the same time', async () => {
    const store = (await file()).store('default');
    const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', COUNTER, join(directory, 'kv.db')], {
      cwd: import.meta.dirname,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => (errors += String(chunk)));
    const ended = new Promise<number | null>((resolve) => child.on('exit', resolve));
    let mine = 0n;
    while (child.exitCode === null || mine < 300n) {
      store.increment('n', 1n);
      mine += 1n;
      await new Promise(setImmediate);
    }
    expect([await ended, errors]).toEqual([0, '']);
    expect(store.increment('n', 0n)).toBe(mine + 300n);
  });

  it('is opened by several threads at once, also when it is new', async () => {
    const workers = Array.from({ length: 4 }, () => new Worker(OPENER, { eval: true }));
    for (let round = 0; round < 8; round++) {
      const path = join(directory, `${round}.db`);
      const answers = workers.map(async (worker) => {
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
        worker.postMessage(path);
        const [answer] = await once(worker, 'message');
        return answer as string;
      });
      expect(await Promise.all(answers)).toEqual(['opened', 'opened', 'opened', 'opened']);
    }
    await Promise.all(workers.map((worker) => worker.terminate()));
  });

  it('tells the guest when another process keeps it locked', async () => {
    const store = (await file()).store('default');
    const other = new DatabaseSync(join(directory, 'kv.db'));
    other.exec('BEGIN IMMEDIATE');
    expect(() => store.set('k', encode('v'))).toThrow(new KeyValueError({ tag: 'other', val: 'database is locked' }));
    expect(store.get('k')).toBeUndefined();
    other.exec('COMMIT');
    other.close();
    store.set('k', encode('v'));
    expect(store.exists('k')).toBe(true);
  });

  it('is refused at start, and left as it is, when it is no database', async () => {
    writeFileSync(join(directory, 'kv.db'), 'this is a text, and not a short one: '.repeat(200));
    const before = readFileSync(join(directory, 'kv.db'));
    const error = await file().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UserError);
    expect(error).toMatchObject({
      message: `cannot open the key-value store ${join(directory, 'kv.db')}: file is not a database`,
      place: { file: join(directory, 'kv.db'), field: 'key_value_store.default' },
    });
    expect(readFileSync(join(directory, 'kv.db'))).toEqual(before);
  });

  it.each<[string, (path: string) => void]>([
    ['cut off', (path) => truncateSync(path, 40_000)],
    [
      'damaged in the middle',
      (path) => {
        const bytes = readFileSync(path);
        bytes.fill(0xaa, 40_000, 90_000);
        writeFileSync(path, bytes);
      },
    ],
  ])('is refused at start when it is %s', async (_how, damage) => {
    const store = (await file('good.db')).store('default');
    store.setMany(Array.from({ length: 1000 }, (_, index) => [`key ${index}`, new Uint8Array(200)]));
    opened.pop()?.close();
    copyFileSync(join(directory, 'good.db'), join(directory, 'kv.db'));
    damage(join(directory, 'kv.db'));
    await expect(file()).rejects.toThrow(UserError);
    await expect(file()).rejects.toThrow(/cannot open the key-value store .*(malformed|damaged)/);
  });

  it('is refused at start when its table is another', async () => {
    const other = new DatabaseSync(join(directory, 'kv.db'));
    other.exec('CREATE TABLE spin_key_value (a TEXT)');
    other.close();
    await expect(file()).rejects.toThrow(/cannot open the key-value store .*: no such column/);
  });

  it('is refused at start when it is a directory', async () => {
    mkdirSync(join(directory, 'kv.db'));
    await expect(file()).rejects.toThrow(UserError);
  });
});

const OPENER = `
const { parentPort } = require('node:worker_threads');
parentPort.on('message', async (path) => {
  try {
    const { openFile } = await import('${import.meta.dirname}/open-sqlite.ts');
    const backend = await openFile(path, 'test');
    backend.store('default').set('k', new Uint8Array(1));
    backend.close();
    parentPort.postMessage('opened');
  } catch (error) {
    parentPort.postMessage(String(error));
  }
});
`;

const COUNTER = `
import { openFile } from '${import.meta.dirname}/open-sqlite.ts';
const store = (await openFile(process.argv[1], 'test')).store('default');
for (let count = 0; count < 300; count++) {
  store.increment('n', 1n);
  await new Promise(setImmediate);
}
`;
