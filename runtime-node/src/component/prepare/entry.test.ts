import { appendFile, mkdir, mkdtemp, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readEntry, writeEntry, type Parts } from './entry.ts';

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
const PARTS: Parts = new Map([
  ['plan', bytes('{"a":1}')],
  ['nothing', bytes('')],
  ['image', bytes('0123456789')],
]);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spindle-entry-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const listOf = (parts: Parts | undefined): unknown => parts && [...parts].map(([name, part]) => [name, [...part]]);
const WHOLE = listOf(PARTS);

/** Ways in which an entry comes to harm: a full disk, a crash before the data was on it, a hand in the wrong place. */
const HARM: [string, (path: string) => Promise<void>][] = [
  ['it is cut', (path) => truncate(path, 20)],
  ['only its head is left', (path) => truncate(path, 8)],
  ['less than its head is left', (path) => truncate(path, 3)],
  ['it is empty', (path) => truncate(path, 0)],
  ['it has grown', (path) => appendFile(path, 'x')],
  ['it is something else', (path) => writeFile(path, '{}')],
  ['it is all zero', async (path) => writeFile(path, new Uint8Array((await readFile(path)).length))],
  ['it is gone', (path) => rm(path)],
];

describe('a cache entry', () => {
  it('is not there before it is written, and whole afterwards', async () => {
    expect(readEntry(folder, 'e')).toBeUndefined();
    await writeEntry(join(folder, 'new', 'folder'), 'e', PARTS);
    expect(listOf(readEntry(join(folder, 'new', 'folder'), 'e'))).toEqual(WHOLE);
  });

  it.each(HARM)('counts as not there when %s, and is whole again once it is rewritten', async (_, harm) => {
    await writeEntry(folder, 'e', PARTS);
    await harm(join(folder, 'e'));
    expect(readEntry(folder, 'e')).toBeUndefined();
    await writeEntry(folder, 'e', PARTS);
    expect(listOf(readEntry(folder, 'e'))).toEqual(WHOLE);
  });

  it('counts as not there when any one of its bytes is another', async () => {
    await writeEntry(folder, 'e', PARTS);
    const whole = await readFile(join(folder, 'e'));
    for (const [at, byte] of whole.entries()) {
      const changed = Buffer.from(whole);
      changed[at] = byte ^ 0x10;
      await writeFile(join(folder, 'e'), changed);
      expect(readEntry(folder, 'e')).toBeUndefined();
    }
  });

  it('gives back whatever parts it was given', async () => {
    const part = fc.tuple(fc.string(), fc.uint8Array());
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(part, { selector: ([name]) => name }), async (list) => {
        const parts = new Map(list.map(([name, content]) => [name, new Uint8Array(content)]));
        await writeEntry(folder, 'e', parts);
        expect(listOf(readEntry(folder, 'e'))).toEqual(listOf(parts));
      }),
      { numRuns: 30 },
    );
  });

  it('is whole whenever it can be read while many write and read it', async () => {
    const seen = await Promise.all(
      Array.from({ length: 24 }, async (_, index) => {
        if (index % 2 === 0) {
          await writeEntry(folder, 'e', PARTS);
        }
        return listOf(readEntry(folder, 'e'));
      }),
    );
    expect(seen.filter((parts) => parts !== undefined).length).toBeGreaterThanOrEqual(12);
    expect(seen.filter((parts) => parts !== undefined)).toEqual(
      seen.filter((parts) => parts !== undefined).map(() => WHOLE),
    );
    expect(await readdir(folder)).toEqual(['e']);
  });

  it('is not there when a folder is in its place, and says so to who writes it', async () => {
    await mkdir(join(folder, 'e'));
    expect(readEntry(folder, 'e')).toBeUndefined();
    await expect(writeEntry(folder, 'e', PARTS)).rejects.toThrow('EISDIR');
  });

  it('leaves no draft behind when it cannot be written', async () => {
    await writeEntry(folder, 'f', PARTS);
    await rename(join(folder, 'f'), join(folder, 'g'));
    await expect(writeEntry(folder, 'no/such/folder', PARTS)).rejects.toThrow('ENOENT');
    expect(await readdir(folder)).toEqual(['g']);
  });
});
