import { mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { isSame, takeSnapshot, type Snapshot } from './snapshot.ts';

async function tree(...files: string[]): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'spindle-watch-'));
  onTestFinished(() => rm(root, { recursive: true }));
  for (const file of files) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), file);
  }
  return root;
}

const take = (root: string, path: string, skipsBuildFolders = true): Promise<Snapshot> =>
  takeSnapshot([{ path: join(root, path), skipsBuildFolders }]);

const FILES = [
  'app.py',
  'src/lib.rs',
  'src/deep/mod.rs',
  'src/deep/notes.txt',
  'src/.lib.rs.swp',
  'src/lib.rs~',
  'target/made.rs',
  'node_modules/x/index.js',
  'spin.toml',
];

test.each([
  ['src/**/*.rs', ['src/deep/mod.rs', 'src/lib.rs']],
  ['src/*.rs', ['src/lib.rs']],
  ['src/*/*.{rs,txt}', ['src/deep/mod.rs', 'src/deep/notes.txt']],
  ['src', ['src/deep/mod.rs', 'src/deep/notes.txt', 'src/lib.rs']],
  ['**/*.rs', ['src/deep/mod.rs', 'src/lib.rs']],
  ['*.py', ['app.py']],
  ['spin.toml', ['spin.toml']],
  ['node_modules/x/*.js', ['node_modules/x/index.js']],
  ['nothing/**/*', []],
])('%s stands for %j', async (path, files) => {
  const root = await tree(...FILES);
  const { files: found } = await take(root, path);
  expect([...found.keys()].map((file) => relative(root, file)).toSorted()).toEqual(files);
});

test('assets are taken from wherever they are', async () => {
  const root = await tree(...FILES);
  expect((await take(root, 'target', false)).files.size).toBe(1);
});

test('a snapshot changes with what is in a file, with its time, and with which files there are', async () => {
  const root = await tree('src/a', 'src/b');
  const before = await take(root, 'src/*');
  expect(isSame(before, await take(root, 'src/*'))).toBe(true);
  expect(isSame(undefined, before)).toBe(false);
  await utimes(join(root, 'src/a'), 1, 1);
  const touched = await take(root, 'src/*');
  expect(isSame(before, touched)).toBe(false);
  await writeFile(join(root, 'src/c'), '');
  const more = await take(root, 'src/*');
  expect(isSame(touched, more)).toBe(false);
  await rm(join(root, 'src/b'));
  expect(isSame(more, await take(root, 'src/*'))).toBe(false);
});

test('the folders to watch are those in which a file could come or go', async () => {
  const root = await tree(...FILES);
  const folders = async (path: string): Promise<string[]> =>
    [...(await take(root, path)).folders].map((folder) => relative(root, folder)).toSorted();
  expect(await folders('src/**/*.rs')).toEqual(['src', 'src/deep']);
  expect(await folders('*.py')).toEqual(['']);
  expect(await folders('dist/app.wasm')).toEqual(['']);
  expect(await folders('src/deep/none/x.txt')).toEqual(['src/deep']);
});

test('links in a circle do not hold it up', async () => {
  const root = await tree('src/a');
  await symlink(root, join(root, 'src/round'));
  expect((await take(root, 'src/**/*')).files.size).toBe(1);
});
