import { mkdir, mkdtemp, readdir, readFile, rename, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readEntry, writeEntry, type Files } from './entry.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);
const FILES: Files = new Map([
  ['plan.json', bytes('{"a":1}')],
  ['image', bytes('0123456789')],
]);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spindle-entry-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const textOf = (files: Files | undefined): unknown =>
  files && [...files].map(([name, content]) => [name, Buffer.from(content).toString()]);
const WHOLE = [
  ['plan.json', '{"a":1}'],
  ['image', '0123456789'],
];

/** Ways in which an entry comes to harm: a full disk, a crash before the data was on it, a hand in the wrong place. */
const HARM: [string, (path: string) => Promise<void>][] = [
  ['a file is cut', (path) => truncate(join(path, 'image'), 4)],
  ['a file is empty', (path) => truncate(join(path, 'plan.json'), 0)],
  ['a file has grown', (path) => writeFile(join(path, 'image'), '0123456789x')],
  ['a byte of a file is another', (path) => writeFile(join(path, 'plan.json'), '{"a":2}')],
  ['a file is gone', (path) => rm(join(path, 'image'))],
  [
    'a file has become a folder',
    async (path) => {
      await rm(join(path, 'image'));
      await mkdir(join(path, 'image'));
    },
  ],
  ['the manifest is gone', (path) => rm(join(path, 'manifest.json'))],
  ['the manifest is cut', (path) => truncate(join(path, 'manifest.json'), 80)],
  ['the manifest is empty', (path) => truncate(join(path, 'manifest.json'), 0)],
  [
    'the manifest lists less',
    async (path) => {
      const [digest] = (await readFile(join(path, 'manifest.json'), 'utf8')).split('\n');
      await writeFile(join(path, 'manifest.json'), `${digest}\n[]`);
    },
  ],
  ['the manifest is of another time', (path) => writeFile(join(path, 'manifest.json'), '{}')],
  [
    'the entry is a file',
    async (path) => {
      await rm(path, { recursive: true });
      await writeFile(path, 'x');
    },
  ],
];

describe('a cache entry', () => {
  it('is not there before it is written, and whole afterwards', async () => {
    expect(await readEntry(folder, 'e')).toBeUndefined();
    await writeEntry(join(folder, 'new', 'folder'), 'e', FILES);
    expect(textOf(await readEntry(join(folder, 'new', 'folder'), 'e'))).toEqual(WHOLE);
  });

  it.each(HARM)('counts as not there when %s, and is whole again once it is rewritten', async (_, harm) => {
    await writeEntry(folder, 'e', FILES);
    await harm(join(folder, 'e'));
    expect(await readEntry(folder, 'e')).toBeUndefined();
    await writeEntry(folder, 'e', FILES);
    expect(textOf(await readEntry(folder, 'e'))).toEqual(WHOLE);
  });

  it('stays when it is written once more, and leaves nothing beside it', async () => {
    await writeEntry(folder, 'e', FILES);
    await writeEntry(folder, 'e', new Map([['other', bytes('x')]]));
    expect(textOf(await readEntry(folder, 'e'))).toEqual(WHOLE);
    expect(await readdir(folder)).toEqual(['e']);
  });

  it('is whole whenever it can be read while many write and read it', async () => {
    const seen = await Promise.all(
      Array.from({ length: 24 }, async (_, index) => {
        if (index % 2 === 0) {
          await writeEntry(folder, 'e', FILES);
        }
        return textOf(await readEntry(folder, 'e'));
      }),
    );
    expect(seen.filter((files) => files !== undefined)).toEqual(
      seen.filter((files) => files !== undefined).map(() => WHOLE),
    );
    expect(textOf(await readEntry(folder, 'e'))).toEqual(WHOLE);
    expect(await readdir(folder)).toEqual(['e']);
  });

  it('is whole after several found it damaged at once', async () => {
    await writeEntry(folder, 'e', FILES);
    await truncate(join(folder, 'e', 'image'), 1);
    await Promise.all(Array.from({ length: 8 }, () => writeEntry(folder, 'e', FILES)));
    expect(textOf(await readEntry(folder, 'e'))).toEqual(WHOLE);
    expect(await readdir(folder)).toEqual(['e']);
  });

  it('takes drafts with it that a killed process left long ago, and no others', async () => {
    await mkdir(join(folder, '.draft-old', 'sub'), { recursive: true });
    await mkdir(join(folder, '.draft-new'));
    const longAgo = new Date(Date.now() - 2 * 60 * 60 * 1_000);
    await utimes(join(folder, '.draft-old'), longAgo, longAgo);
    await writeEntry(folder, 'e', FILES);
    expect((await readdir(folder)).toSorted()).toEqual(['.draft-new', 'e']);
  });

  it('leaves no draft behind when it cannot be written', async () => {
    await writeEntry(folder, 'e', FILES);
    await rename(join(folder, 'e'), join(folder, 'f'));
    await expect(writeEntry(folder, 'e', new Map([['no/such/folder', bytes('x')]]))).rejects.toThrow('ENOENT');
    expect(await readdir(folder)).toEqual(['f']);
  });
});
