// Keeps the cache of prepared components within a size: what was not used for longest goes first. Every process of the
// machine may do so at any time; an entry that is gone is made anew, and one that is being read stays readable.
import type { Stats } from 'node:fs';
import { readdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { DRAFT } from './entry.ts';

/** Some eighty JavaScript components of 12 MB each. */
export const MAX_CACHE_BYTES = 1024 ** 3;
/** No process takes this long to write an entry: an older draft was left by one that was killed. */
const DRAFT_LIFE_MS = 60 * 60 * 1_000;
/** An entry used within this time counts as just used: no start has to write where nothing else is written. */
const TOUCH_AFTER_MS = 24 * 60 * 60 * 1_000;

interface Entry {
  readonly path: string;
  readonly bytes: number;
  readonly usedAt: number;
}

/** Notes that an entry was used, in its time of modification. */
export async function touch(path: string, now: number): Promise<void> {
  const found = await statOrNothing(path);
  if (found !== undefined && now - found.mtimeMs > TOUCH_AFTER_MS) {
    await utimes(path, now / 1_000, now / 1_000).catch(() => {
      // expected: the cache may be read-only, and then nothing is evicted either
    });
  }
}

/** Removes old drafts, and what is above `maxBytes`; `kept` is an entry that stays. */
export async function evict(folder: string, kept: string, maxBytes: number, now: number): Promise<void> {
  const entries: Entry[] = [];
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const found = await statOrNothing(path);
    if (found !== undefined && !name.startsWith(DRAFT)) {
      entries.push({ path, bytes: found.size, usedAt: name === kept ? now : found.mtimeMs });
    } else if (found !== undefined && now - found.mtimeMs > DRAFT_LIFE_MS) {
      await rm(path, { force: true });
    }
  }
  let bytes = 0;
  for (const entry of entries.toSorted((left, right) => right.usedAt - left.usedAt)) {
    bytes += entry.bytes;
    if (bytes > maxBytes && entry.path !== join(folder, kept)) {
      await rm(entry.path, { recursive: true, force: true });
    }
  }
}

async function statOrNothing(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch {
    // expected: another process has just removed it or moved it into place
    return undefined;
  }
}
