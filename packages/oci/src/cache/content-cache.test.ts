import { mkdir, readdir, readFile, stat, truncate, unlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { digestOf } from '../digest.ts';
import { tempDir } from '../testing/temp-dir.ts';
import { thrown, userError } from '../testing/thrown.ts';
import { ContentCache } from './content-cache.ts';

const CONTENT = Buffer.from('the content of a layer');
const DIGEST = digestOf(CONTENT);
const EXPECTED = { digest: DIGEST, size: CONTENT.byteLength };

async function* chunks(...parts: (Buffer | Error)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) {
    if (part instanceof Error) {
      throw part;
    }
    yield part;
  }
}

async function cacheIn(): Promise<{ directory: string; cache: ContentCache }> {
  const directory = await tempDir();
  return { directory, cache: new ContentCache(directory) };
}

const everything = async (directory: string): Promise<string[]> =>
  (await readdir(join(directory, 'spin/registry'), { recursive: true })).toSorted();

describe('stored content', () => {
  test('stands where Spin looks for it and is found by every cache of the folder', async () => {
    const { directory, cache } = await cacheIn();
    const path = await cache.store('wasm', chunks(CONTENT.subarray(0, 4), CONTENT.subarray(4)), EXPECTED, 'ref');
    expect(path).toBe(join(directory, 'spin/registry/wasm', DIGEST));
    expect(await readFile(path)).toEqual(CONTENT);
    expect(await cache.find(DIGEST)).toBe(path);
    expect(await new ContentCache(directory).find(DIGEST)).toBe(path);
    expect(await everything(directory)).toEqual(['data', 'wasm', `wasm/${DIGEST}`]);
  });

  test('may have been stored by Spin under data', async () => {
    const { directory, cache } = await cacheIn();
    await mkdir(join(directory, 'spin/registry/data'), { recursive: true });
    await writeFile(join(directory, 'spin/registry/data', DIGEST), CONTENT);
    expect(await cache.find(DIGEST)).toBe(join(directory, 'spin/registry/data', DIGEST));
  });

  test('that somebody has removed is not found any more', async () => {
    const { cache } = await cacheIn();
    await unlink(await cache.store('data', chunks(CONTENT), EXPECTED, 'ref'));
    expect(await cache.find(DIGEST)).toBeUndefined();
  });

  test('of an unknown digest goes by the one it has', async () => {
    const { directory, cache } = await cacheIn();
    const path = join(directory, 'spin/registry/data', DIGEST);
    expect(await cache.storeAsIs('data', chunks(CONTENT))).toEqual({ ...EXPECTED, path });
    // The second time nothing is written: the first file stays.
    const { ino } = await stat(path);
    await cache.storeAsIs('data', chunks(CONTENT));
    expect((await stat(path)).ino).toBe(ino);
    expect(await everything(directory)).toEqual(['data', `data/${DIGEST}`, 'wasm']);
  });

  test('gets its name only after it has been used as it must be', async () => {
    const { directory, cache } = await cacheIn();
    const failure = new Error('cannot be unpacked');
    const store = (use: (path: string) => Promise<void>): Promise<string> =>
      cache.storeAfter('data', chunks(CONTENT), EXPECTED, 'ref', use);
    expect(await thrown(() => store(() => Promise.reject(failure)))).toBe(failure);
    expect(await everything(directory)).toEqual(['data', 'wasm']);
    let seen: Buffer | undefined;
    await store(async (path) => {
      seen = await readFile(path);
    });
    expect(seen).toEqual(CONTENT);
    expect(await cache.find(DIGEST)).toBeDefined();
  });
});

describe('content that cannot be trusted', () => {
  test.each([
    ['has another digest', [Buffer.from('the content of a lager')]],
    ['is too short', [CONTENT.subarray(1)]],
    ['is too long', [CONTENT, Buffer.from('!')]],
    ['breaks off', [CONTENT.subarray(0, 5), new Error('cut')]],
  ])('because it %s leaves nothing behind', async (_, parts) => {
    const { directory, cache } = await cacheIn();
    await thrown(() => cache.store('wasm', chunks(...parts), EXPECTED, 'ref'));
    expect(await everything(directory)).toEqual(['data', 'wasm']);
    expect(await cache.find(DIGEST)).toBeUndefined();
  });

  test.each([
    ['cut short, as Spin leaves it when it is killed', async (path: string) => truncate(path, 3)],
    ['with another bit', async (path: string) => writeFile(path, 'the content of a lager')],
    ['empty', async (path: string) => truncate(path, 0)],
  ])('because it stands in the cache %s is fetched again and replaced', async (_, spoil) => {
    const { directory, cache } = await cacheIn();
    const path = await cache.store('data', chunks(CONTENT), EXPECTED, 'ref');
    await spoil(path);
    const later = new ContentCache(directory);
    expect(await later.find(DIGEST)).toBeUndefined();
    expect(await later.store('data', chunks(CONTENT), EXPECTED, 'ref')).toBe(path);
    expect(await readFile(path)).toEqual(CONTENT);
    expect(await later.find(DIGEST)).toBe(path);
  });
});

test('what killed processes left is removed before the first write, and only when it is old', async () => {
  const directory = await tempDir();
  const data = join(directory, 'spin/registry/data');
  await mkdir(data, { recursive: true });
  const [old, recent] = ['.tmp-1-00000000000000aa', '.tmp-1-00000000000000bb'];
  await writeFile(join(data, old), 'half');
  await writeFile(join(data, recent), 'half');
  await utimes(join(data, old), new Date(0), new Date(0));
  await new ContentCache(directory).storeAsIs('wasm', chunks(CONTENT));
  expect(await readdir(data)).toEqual([recent]);
});

test('a cache that cannot be written to is the user’s to mend, by its path', async () => {
  const directory = await tempDir();
  await writeFile(join(directory, 'spin'), 'in the way');
  const error = await userError(() => new ContentCache(directory).storeAsIs('data', chunks(CONTENT)));
  expect([error.code, error.place.file]).toEqual(['SPK2014', join(directory, 'spin/registry')]);
  expect(error.message).toContain('a part of the path is not a directory');
});

test('an entry that cannot be read is told as such', async () => {
  const { directory, cache } = await cacheIn();
  await mkdir(join(directory, 'spin/registry/wasm', DIGEST), { recursive: true });
  const error = await userError(() => cache.find(DIGEST));
  expect([error.code, error.message]).toEqual(['SPK2014', 'cannot read the content cache: it is a directory']);
});

test('many writers of one content leave one file', async () => {
  const directory = await tempDir();
  const caches = Array.from({ length: 8 }, () => new ContentCache(directory));
  await Promise.all(caches.map((cache) => cache.store('data', chunks(CONTENT), EXPECTED, 'ref')));
  expect(await everything(directory)).toEqual(['data', `data/${DIGEST}`, 'wasm']);
});
