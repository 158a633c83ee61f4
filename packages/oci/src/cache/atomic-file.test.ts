import { mkdir, readdir, readFile, rename, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempDir } from '../testing/temp-dir.ts';
import { thrown } from '../testing/thrown.ts';
import { createPendingFile, removeStaleFiles, writeAtomically, writeFileAtomically } from './atomic-file.ts';

test('the final name appears only with the whole content', async () => {
  const directory = await tempDir();
  const file = await createPendingFile(directory);
  await file.write(Buffer.from('one, '));
  await file.write(Buffer.from('two'));
  expect(await readdir(directory)).toEqual([expect.stringMatching(/^\.tmp-/)]);
  await file.commit(join(directory, 'final'));
  expect(await readdir(directory)).toEqual(['final']);
  expect(await readFile(join(directory, 'final'), 'utf8')).toBe('one, two');
});

test('a failure leaves what was there before, and nothing else', async () => {
  const directory = await tempDir();
  await writeFileAtomically(join(directory, 'final'), Buffer.from('before'));
  const failure = new Error('the content ended');
  const write = writeAtomically(directory, async (file) => {
    await file.write(Buffer.from('half'));
    throw failure;
  });
  expect(await thrown(() => write)).toBe(failure);
  expect(await readdir(directory)).toEqual(['final']);
  expect(await readFile(join(directory, 'final'), 'utf8')).toBe('before');
});

test('a commit that fails can still be abandoned', async () => {
  const directory = await tempDir();
  await mkdir(join(directory, 'taken', 'deep'), { recursive: true });
  expect(await thrown(() => writeFileAtomically(join(directory, 'taken'), Buffer.from('x')))).toMatchObject({
    code: expect.any(String),
  });
  expect(await readdir(directory)).toEqual(['taken']);
});

test('abandoning a file that a cleaner has taken away is no failure', async () => {
  const directory = await tempDir();
  const file = await createPendingFile(directory);
  await rename(file.path, join(directory, 'elsewhere'));
  await file.abandon();
  expect(await readdir(directory)).toEqual(['elsewhere']);
});

test('a file is open to others as the mode says', async () => {
  const directory = await tempDir();
  await writeFileAtomically(join(directory, 'secret'), Buffer.from('x'), { mode: 0o600 });
  expect((await stat(join(directory, 'secret'))).mode & 0o777).toBe(0o600);
});

test('only temporary files that nobody writes to any more are removed', async () => {
  const directory = await tempDir();
  const [old, recent] = ['.tmp-1-00000000000000aa', '.tmp-2-00000000000000bb'];
  for (const [name, minutesAgo] of [
    [old, 61],
    [recent, 59],
    ['sha256:final', 9999],
    ['.tmp-mine', 9999],
  ] as const) {
    await writeFile(join(directory, name), '');
    const time = new Date(1_000_000_000_000 - minutesAgo * 60_000);
    await utimes(join(directory, name), time, time);
  }
  await removeStaleFiles(directory, 60 * 60_000, 1_000_000_000_000);
  expect((await readdir(directory)).toSorted()).toEqual(['.tmp-mine', recent, 'sha256:final'].toSorted());
});
