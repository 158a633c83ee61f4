import { describe, expect, it } from 'vitest';
import { compatibilityClass, parseVersion } from './version.ts';

describe('a version', () => {
  it.each([
    ['1.2.3', { numbers: [1, 2, 3], prerelease: [] }],
    ['0.0.0-rc.1+build.5', { numbers: [0, 0, 0], prerelease: ['rc', '1'] }],
    ['10.20.30+b', { numbers: [10, 20, 30], prerelease: [] }],
  ])('%s is one', (text, version) => {
    expect(parseVersion(text)).toEqual({ text, ...version });
  });

  it.each(['', '1', '1.2', '01.2.3', '1.2.3-', '1.2.3+', 'v1.2.3', '1.2.3.4', ' 1.2.3', '1.2.3-a..b'])(
    '%j is none',
    (text) => {
      expect(parseVersion(text)).toBeUndefined();
    },
  );

  it.each([
    ['1.2.3', '1.9.0', true],
    ['1.2.3', '2.0.0', false],
    ['0.2.3', '0.2.9', true],
    ['0.2.3', '0.3.0', false],
    ['0.0.3', '0.0.4', false],
    ['1.0.0-rc.1', '1.0.0', false],
    ['1.2.3+a', '1.2.3+b', true],
  ])('%s and %s are of one class: %s', (one, other, same) => {
    const [first, second] = [one, other].map((text) => {
      const version = parseVersion(text);
      return version && compatibilityClass(version);
    });
    expect(first === second).toBe(same);
  });
});
