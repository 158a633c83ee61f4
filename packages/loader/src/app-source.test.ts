import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '@spindle/api';
import * as fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { resolveSource } from './app-source.ts';
import { makeTree, temporaryFolder } from './fixtures/tree.ts';

let cwd = '';
beforeEach(async () => {
  cwd = await makeTree(await temporaryFolder(), {
    '.git/config': '',
    'spin.toml': '',
    'other.toml': '',
    'hello.wasm': '',
    'hello.wat': '',
    'app/spin.toml': '',
    'app/src/deep/': '',
    'empty/': '',
    'ghcr.io/me/app': '',
    'repo/.git/': '',
    'repo/src/': '',
  });
});

const source = (from: string | undefined, folder = '', options = {}) =>
  resolveSource(from, { cwd: join(cwd, folder), ...options });

describe('what exists is local', () => {
  test.each([
    ['a manifest', 'other.toml', 'manifest', 'other.toml'],
    ['a directory with a manifest', 'app', 'manifest', 'app/spin.toml'],
    ['a WebAssembly file', 'hello.wasm', 'wasm', 'hello.wasm'],
    ['a WebAssembly text file', './hello.wat', 'wasm', 'hello.wat'],
    ['a path that could be a reference', 'ghcr.io/me/app', 'manifest', 'ghcr.io/me/app'],
  ])('%s', async (_, from, kind, path) => {
    expect(await source(from)).toEqual({ kind, path: join(cwd, path) });
  });
});

describe('what does not exist is a reference, if it can be one', () => {
  test.each(['ghcr.io/me/app:v1', 'localhost:5000/app', 'docker.io/me/app', 'me/docker-app'])('%s', async (from) => {
    expect(await source(from, 'empty')).toEqual({ kind: 'registry', reference: from });
  });
});

describe('without --from the manifest is searched upward', () => {
  test.each([
    ['the folder itself', '', 'spin.toml'],
    ['a folder above', 'app/src/deep', 'app/spin.toml'],
    ['several folders above', 'empty', 'spin.toml'],
  ])('%s', async (_, folder, path) => {
    expect(await source(undefined, folder)).toEqual({ kind: 'manifest', path: join(cwd, path) });
  });

  test('but not above the root of a Git repository', async () => {
    const error: unknown = await source(undefined, 'repo/src').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).message).toBe(
      `"spin.toml" not found in ${cwd}/repo/src and the directories above it up to ${cwd}/repo`,
    );
  });
});

describe('an option forces it', () => {
  test('--from-registry takes a name that exists as a file', async () => {
    const taken = await source('ghcr.io/me/app', '', { fromRegistry: true });
    expect(taken).toEqual({ kind: 'registry', reference: 'ghcr.io/me/app' });
  });

  test('--from-registry takes a name of Docker Hub', async () => {
    expect(await source('me/app', '', { fromRegistry: true })).toEqual({ kind: 'registry', reference: 'me/app' });
  });

  test.each([
    ['--from-file of a reference', 'ghcr.io/me/other', { fromFile: true }, "No such file or directory '"],
    ['--from-registry of a path', './app', { fromRegistry: true }, 'is not an OCI reference'],
    ['a directory without a manifest', 'empty', {}, "does not contain a file named 'spin.toml'"],
    ['a path that is not there', 'foo/spin.toml', {}, "File or directory 'foo/spin.toml' not found (tried /"],
    ['what is neither', 'no such file', {}, 'and it cannot be an OCI reference'],
    ['what can only be a path', './app:v1', {}, "No such file or directory '/"],
    ['a device', '/dev/null', {}, 'Path /dev/null is neither a file nor a directory'],
  ])('%s is refused', async (_, from, options, message) => {
    const error: unknown = await source(from, '', options).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).message).toContain(message);
  });
});

test('any text is either resolved or refused as the user’s mistake', async () => {
  const folder = join(cwd, 'empty');
  await mkdir(folder, { recursive: true });
  await fc.assert(
    fc.asyncProperty(
      fc.string({ minLength: 1 }).filter((text) => !text.includes('\0')),
      async (from) => {
        const answer: unknown = await resolveSource(from, { cwd: folder }).catch((thrown: unknown) => thrown);
        expect(answer instanceof Error ? answer.name : 'resolved').toMatch(/^(UserError|resolved)$/);
      },
    ),
  );
});
