import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { UserError, type ContentPath, type LockedApp, type LockedComponent } from '@spindle/api';
import type { PulledApp } from '@spindle/oci';
import * as fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { makeTree, readTree, temporaryFolder } from './fixtures/tree.ts';
import { materialise } from './registry-app.ts';

const digest = (content: string) => `sha256:${createHash('sha256').update(content).digest('hex')}`;
const inline = (content: string) => Buffer.from(content).toString('base64').replace(/=+$/, '');
const wasm = (content: string) => ({ content_type: 'application/wasm', digest: digest(content) });

let folder = '';
let workDir = '';
beforeEach(async () => {
  folder = await makeTree(await temporaryFolder(), {
    'cache/wasm': 'WASM',
    'cache/dep': 'DEP',
    'cache/big': 'BIG',
    'work/': '',
  });
  workDir = join(folder, 'work');
});

function pulled(components: LockedComponent[]): PulledApp {
  const locked: LockedApp = { spin_lock_version: 0, triggers: [], components };
  const paths = new Map(
    ['WASM', 'DEP', 'BIG'].map((text) => [digest(text), join(folder, 'cache', text.toLowerCase())]),
  );
  return { locked, reference: 'registry.example/app:v1', digest: digest('manifest'), paths };
}

const cached = (name: string) => ({
  content_type: 'application/wasm',
  source: pathToFileURL(join(folder, 'cache', name)).href,
});

const component = (files?: ContentPath[]): LockedComponent => ({
  id: 'hello',
  source: wasm('WASM'),
  ...(files === undefined ? {} : { files }),
});

test('Wasm stays in the cache, assets become files of the work directory', async () => {
  const files = [
    { path: 'big.txt', digest: digest('BIG') },
    { path: 'sub/small.txt', inline: inline('tiny'), digest: digest('tiny') },
    { path: 'sub/empty', inline: '' },
    { path: 'again', digest: digest('BIG') },
  ];
  const dependencies = { 'a:b/c': { source: wasm('DEP'), export: 'x' } };
  const app = await materialise(
    pulled([
      { ...component(files), dependencies },
      { id: 'other', source: wasm('WASM') },
    ]),
    { workDir },
  );
  expect(app.components).toEqual([
    {
      id: 'hello',
      source: cached('wasm'),
      files: [{ source: pathToFileURL(join(workDir, 'assets/hello')).href, path: '/' }],
      dependencies: { 'a:b/c': { source: cached('dep'), export: 'x' } },
    },
    { id: 'other', source: cached('wasm') },
  ]);
  expect(await readTree(join(workDir, 'assets/hello'))).toEqual({
    again: 'BIG',
    'big.txt': 'BIG',
    'sub/empty': '',
    'sub/small.txt': 'tiny',
  });
});

test('a dependency may have any name', async () => {
  const dependencies = JSON.parse(`{"__proto__": ${JSON.stringify({ source: wasm('DEP'), export: null })}}`);
  const app = await materialise(pulled([{ ...component(), dependencies }]), { workDir });
  expect(Object.entries(app.components[0]?.dependencies ?? {})).toEqual([
    ['__proto__', { source: cached('dep'), export: null }],
  ]);
});

describe('what a registry must not say', () => {
  test.each([
    ['a path upward', component([{ path: '../x', inline: '' }]), 'invalid file mount "../x"'],
    ['a path upward later', component([{ path: 'a/../../x', inline: '' }]), 'invalid file mount "a/../../x"'],
    ['an absolute path', component([{ path: '/etc/x', inline: '' }]), 'invalid file mount "/etc/x"'],
    ['no path', component([{ path: '', inline: '' }]), 'invalid file mount ""'],
    ['a path with a NUL', component([{ path: 'a\0b', inline: '' }]), 'invalid file mount "a\\u0000b"'],
    [
      'a file below a file',
      component([
        { path: 'a', inline: '' },
        { path: 'a/b', inline: '' },
      ]),
      'another entry needs',
    ],
    ['content that is not there', component([{ path: 'a', digest: digest('?') }]), 'does not hold its content'],
    ['no content', component([{ path: 'a' }]), 'neither a digest nor content'],
    [
      'inline content of another digest',
      component([{ path: 'a', inline: inline('x'), digest: digest('y') }]),
      'does not match its digest',
    ],
    ['inline content that is no base64', component([{ path: 'a', inline: '!' }]), 'is not base64'],
    ['an id that is a path', { ...component(), id: '../x' }, '"../x" cannot be the id of a component'],
    ['an id of dots', { ...component(), id: '..' }, '".." cannot be the id of a component'],
    [
      'a component without content',
      { id: 'a', source: { content_type: 'application/wasm' } },
      'neither a digest nor content',
    ],
  ])('%s', async (_, written, message) => {
    const error = await materialise(pulled([written]), { workDir }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).message).toContain(message);
  });

  test('two components of one id', async () => {
    await expect(materialise(pulled([component(), component()]), { workDir })).rejects.toThrow(
      'two components have the id',
    );
  });
});

test('whatever paths a registry names, nothing is written outside the component’s own directory', async () => {
  const name = fc.oneof(fc.constantFrom('..', '.', '', 'a', 'b', 'a\\b', 'é', '\0'), fc.string({ maxLength: 5 }));
  const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('/'));
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(path, { maxLength: 3 }), async (paths) => {
      run += 1;
      const own = join(folder, `run${run}`);
      const files = paths.map((one) => ({ path: one, inline: inline('x') }));
      const answer = await materialise(pulled([component(files)]), { workDir: join(own, 'deep/er/work') }).then(
        () => 'done',
        (error: unknown) => (error instanceof Error ? error.name : error),
      );
      expect(['done', 'UserError']).toContain(answer);
      const written = Object.keys(await readTree(await makeTree(own, { 'here/': '' })));
      expect(
        written.filter((file) => !/^deep\/er\/work\/assets\/(hello\/|\.hello\.made-by-spindle$)/.test(file)),
      ).toEqual([]);
    }),
    { numRuns: 100 },
  );
});
