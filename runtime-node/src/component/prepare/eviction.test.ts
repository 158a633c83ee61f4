import { mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { evict, touch } from './eviction.ts';

const HOUR_MS = 60 * 60 * 1_000;
const NOW = 1_800_000_000_000;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spindle-eviction-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function place(name: string, bytes: number, hoursAgo: number): Promise<void> {
  const path = join(folder, name);
  await writeFile(path, new Uint8Array(bytes));
  const time = new Date(NOW - hoursAgo * HOUR_MS);
  await utimes(path, time, time);
}

const left = async (): Promise<string[]> => (await readdir(folder)).toSorted();

describe('a cache that has grown too large', () => {
  beforeEach(async () => {
    await place('oldest', 10, 30);
    await place('older', 10, 20);
    await place('newest', 10, 10);
    await place('written', 10, 40);
  });

  it.each([
    [40, ['newest', 'older', 'oldest', 'written']],
    [39, ['newest', 'older', 'written']],
    [20, ['newest', 'written']],
    [10, ['written']],
    [0, ['written']],
  ])('keeps within %i bytes what was used last, and what was just written', async (maxBytes, names) => {
    await evict(folder, 'written', maxBytes, NOW);
    expect(await left()).toEqual(names);
  });

  it('takes a folder for an entry too', async () => {
    await mkdir(join(folder, 'folder/sub'), { recursive: true });
    await utimes(join(folder, 'folder'), 0, 0);
    await evict(folder, 'written', 10, NOW);
    expect(await left()).toEqual(['written']);
  });
});

it('drafts that a killed process left long ago go, and no others', async () => {
  await place('.draft-old', 1, 2);
  await place('.draft-new', 1, 0.5);
  await evict(folder, 'e', 100, NOW);
  expect(await left()).toEqual(['.draft-new']);
});

const usedAt = async (): Promise<number> => (await stat(join(folder, 'e'))).mtimeMs;

describe('use', () => {
  it('is noted once a day', async () => {
    await place('e', 1, 25);
    await touch(join(folder, 'e'), NOW);
    expect(await usedAt()).toBe(NOW);
    await touch(join(folder, 'e'), NOW + 23 * HOUR_MS);
    expect(await usedAt()).toBe(NOW);
  });

  it('of an entry that is gone is no matter', async () => {
    await expect(touch(join(folder, 'none'), NOW)).resolves.toBeUndefined();
  });
});
