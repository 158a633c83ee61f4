import { describe, expect, test } from 'vitest';
import { userError } from '../testing/thrown.ts';
import type { IndexEntry } from './manifest.ts';
import { chooseManifest, machinePlatform } from './platform.ts';

const entry = (name: string, platform?: string, annotations?: Record<string, string>): IndexEntry => {
  const [os = '', architecture = ''] = platform?.split('/') ?? [];
  return {
    mediaType: name,
    digest: '',
    size: 0,
    platform: platform === undefined ? undefined : { os, architecture },
    ...(annotations === undefined ? {} : { annotations }),
  };
};
const machine = { os: 'linux', architecture: 'amd64' };
const choose = (...manifests: IndexEntry[]): string =>
  chooseManifest({ kind: 'index', manifests }, machine, 'ref').mediaType;

describe('of an index is taken', () => {
  test('the only manifest, whatever it is for', () => {
    expect(choose(entry('only', 'windows/arm64'))).toBe('only');
  });
  test('the only one that is an image, with provenance records beside it', () => {
    expect(
      choose(
        entry('image', 'linux/amd64'),
        entry('a', 'unknown/unknown'),
        entry('b', 'linux/amd64', { 'vnd.docker.reference.type': 'x' }),
      ),
    ).toBe('image');
  });
  test.each(['Wasip1/wasm', 'wasi/wasm', 'wasip2/wasm32', 'js/wasm'])(
    'the one for %s before the machine’s',
    (platform) => {
      expect(choose(entry('native', 'linux/amd64'), entry('wasm', platform))).toBe('wasm');
    },
  );
  test('the one for this machine when none is for Wasm', () => {
    expect(choose(entry('arm', 'linux/arm64'), entry('here', 'linux/amd64'))).toBe('here');
  });
  test.each([
    ['several are for Wasm and none for this machine', [entry('a', 'wasi/wasm'), entry('b', 'wasip1/wasm')]],
    ['none fits', [entry('a', 'linux/arm64'), entry('b', 'windows/amd64')]],
    ['it is empty', []],
  ])('none, with a list of what there is, when %s', async (_, manifests) => {
    const error = await userError(() => choose(...manifests));
    expect([error.code, error.remedy]).toEqual(['SPK2011', 'Name the manifest by its digest.']);
  });
});

test('Node’s names of a machine become those of OCI', () => {
  expect(machinePlatform('linux', 'x64')).toEqual({ os: 'linux', architecture: 'amd64' });
  expect(machinePlatform('darwin', 'arm64')).toEqual({ os: 'darwin', architecture: 'arm64' });
  expect(machinePlatform('win32', 'x64')).toEqual({ os: 'windows', architecture: 'amd64' });
});
