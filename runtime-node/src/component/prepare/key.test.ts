import { describe, expect, it } from 'vitest';
import { digestOf, entryName, type CacheKey } from './key.ts';

const KEY: CacheKey = { digest: 'sha256:aa', engineVersion: 1, nodeVersion: 'v26.10.0', options: { a: 1, b: true } };

describe('the name of a cache entry', () => {
  it('is one that a file system takes, and the same for the same key however it is written', () => {
    expect(entryName(KEY)).toMatch(/^[0-9a-f]{64}$/);
    expect(entryName({ ...KEY, options: { b: true, a: 1 } })).toBe(entryName(KEY));
  });

  it.each([
    ['component', { digest: 'sha256:ab' }],
    ['engine', { engineVersion: 2 }],
    ['Node', { nodeVersion: 'v26.10.1' }],
    ['value of an option', { options: { a: 2, b: true } }],
    ['set of options', { options: { a: 1 } }],
    ['type of an option', { options: { a: '1', b: true } }],
  ])('is another for another %s', (_, change) => {
    expect(entryName({ ...KEY, ...change })).not.toBe(entryName(KEY));
  });

  it('takes digests as registries write them', () => {
    expect(digestOf(new Uint8Array())).toBe('sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  });
});
