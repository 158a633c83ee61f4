import { describe, expect, it } from 'vitest';
import { digestOf, entryName, isDigest, type CacheKey } from './key.ts';

const digestWith = (last: string): string => `sha256:${'a'.repeat(63)}${last}`;
const KEY: CacheKey = { digest: digestWith('1'), engineVersion: 1, nodeVersion: 'v26.10.0', timeChecks: false };

describe('the name of a cache entry', () => {
  it('is one that every file system takes', () => {
    expect(entryName(KEY)).toMatch(/^[\w.-]{1,143}$/);
  });

  it.each<[string, Partial<CacheKey>]>([
    ['component', { digest: digestWith('2') }],
    ['engine', { engineVersion: 2 }],
    ['Node', { nodeVersion: 'v26.10.1' }],
    ['choice of time checks', { timeChecks: true }],
  ])('is another for another %s', (_, change) => {
    expect(entryName({ ...KEY, ...change })).not.toBe(entryName(KEY));
  });
});

describe('a digest', () => {
  it('is written as registries write it', () => {
    expect(digestOf(new Uint8Array())).toBe('sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(isDigest(digestOf(new Uint8Array()))).toBe(true);
  });

  it.each(['', 'sha256:', `sha512:${'a'.repeat(128)}`, digestWith('A'), `${digestWith('1')}/../x`, digestWith('1\n')])(
    'is not %j',
    (text) => {
      expect(isDigest(text)).toBe(false);
    },
  );
});
