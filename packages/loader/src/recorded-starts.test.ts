// The 70 manifests that Spin was recorded starting: what loading must answer to each. How the manifest's own faults are
// told is held to the record in packages/api; here, that they come through, and what the files and sources add.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '@spindle/api';
import { describe, expect, test } from 'vitest';
import { recordedStarts, startFolder } from './fixtures/recorded.ts';
import { makeTree, temporaryFolder } from './fixtures/tree.ts';
import { loadApp } from './load-app.ts';
import type { LoadedApp } from './types.ts';

const cases = await recordedStarts();
const folder = await startFolder();

/** Spin refuses these for files and sources. Each with our field, what both answers say, and what ours adds. */
const OF_FILES: readonly (readonly [name: string, field: string, shared: string, ours?: string | undefined])[] = [
  ['source-missing-file', 'component.hello.source', 'none.wasm', 'No such file or directory'],
  [
    'source-not-wasm',
    'component.hello.source',
    'text.wasm',
    'does not begin with the bytes 00 61 73 6d (magic header)',
  ],
  ['source-empty', 'component.hello.source', 'unexpected end-of-file', 'empty.wasm'],
  ['source-truncated', 'component.hello.source', 'is out of bounds (bound = 5000)', 'cut.wasm'],
  ['source-url-refused', 'component.hello.source', 'Error fetching source URL "http://127.0.0.1:1/x.wasm"'],
  ['files-missing', 'component.hello.files[0]', `"nothere.txt" does not exist and doesn't appear to be a glob pattern`],
  ['files-outside', 'component.hello.files[0]', `"../x" does not exist and doesn't appear to be a glob pattern`],
  ['files-source-missing', 'component.hello.files[0]', 'File or directory "nodir" does not exist'],
  ['files-bad-destination', 'component.hello.files[0]', '"/" is not a valid destination file name'],
];

/** Spin refuses these when it starts the app: the runtime's part, or the runtime configuration's. */
const OF_THE_RUNTIME = [
  'variable-required-unset',
  'kv-unknown-store',
  'sqlite-unknown',
  'executor-wagi',
  'unknown-trigger-type',
  'dependency-unknown-import',
  'redis-wrong-export', // refused for a flag of the command line, before it was looked at
];

/** Spin writes this file outside the component's assets, where the component never finds it. */
const BETTER_REFUSED = ['files-dotdot-destination', 'component.hello.files[0]', '"../a" leads out'] as const;

async function load(name: string): Promise<{ answer: LoadedApp | UserError; manifest: string }> {
  const root = await makeTree(join(await temporaryFolder(), 'app'), {
    ...folder,
    'spin.toml': cases[name]?.manifest ?? '',
  });
  const workDir = join(root, 'work');
  await mkdir(workDir);
  const manifest = join(root, 'spin.toml');
  const answer = await loadApp({ kind: 'manifest', path: manifest }, { workDir, cacheDir: join(root, 'cache') }).catch(
    (error: unknown) => error,
  );
  if (!(answer instanceof UserError) && (answer instanceof Error || typeof answer !== 'object')) {
    throw answer;
  }
  return { answer: answer as LoadedApp | UserError, manifest };
}

const names = Object.keys(cases);
const started = names.filter((name) => cases[name]?.started === true && name !== BETTER_REFUSED[0]);
const special = [...OF_FILES.map(([name]) => name), ...OF_THE_RUNTIME, BETTER_REFUSED[0]];
const ofTheManifest = names.filter((name) => cases[name]?.started === false && !special.includes(name));

test('the record is whole', () => {
  expect(names).toHaveLength(70);
  expect(special.filter((name) => !names.includes(name))).toEqual([]);
});

describe('what Spin starts is loaded', () => {
  test.each(started)('%s', async (name) => {
    const { answer, manifest } = await load(name);
    expect(answer).not.toBeInstanceOf(Error);
    expect((answer as LoadedApp).locked.metadata?.['origin']).toBe(`file://${manifest}`);
  });
});

describe('what Spin refuses when it starts the app is loaded', () => {
  test.each(OF_THE_RUNTIME)('%s', async (name) => {
    expect((await load(name)).answer).not.toBeInstanceOf(Error);
  });
});

describe('what Spin refuses for the manifest is refused', () => {
  test.each(ofTheManifest)('%s', async (name) => {
    const { answer, manifest } = await load(name);
    expect(answer).toBeInstanceOf(UserError);
    expect((answer as UserError).place.file).toBe(manifest);
  });
});

describe('what Spin refuses for files and sources is refused for the same', () => {
  test.each(OF_FILES)('%s at %s', async (name = '', field = '', shared = '', ours = '') => {
    const { answer, manifest } = await load(name);
    expect(answer).toBeInstanceOf(UserError);
    const error = answer as UserError;
    expect(cases[name]?.stderr.join('\n')).toContain(shared);
    expect(error.message).toContain(shared);
    expect(error.message).toContain(ours);
    expect(error.place).toEqual({ file: manifest, field });
    expect(error.remedy).toMatch(/^[A-Z].*\.$/);
  });
});

test('a destination out of the assets, which Spin accepts, is refused', async () => {
  const [name, field, reason] = BETTER_REFUSED;
  const { answer } = await load(name);
  expect(answer).toBeInstanceOf(UserError);
  expect((answer as UserError).place.field).toBe(field);
  expect((answer as UserError).message).toContain(reason);
});
