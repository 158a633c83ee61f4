import { describe, expect, it } from 'vitest';

import { compatibilityClass, isVersionRequirement, parseVersion } from './semver.ts';

describe('a version', () => {
  it.each([
    ['1.2.3', { major: 1, minor: 2, patch: 3, prerelease: '' }],
    ['0.0.0-rc.1+build.5', { major: 0, minor: 0, patch: 0, prerelease: 'rc.1' }],
    ['10.20.30+b', { major: 10, minor: 20, patch: 30, prerelease: '' }],
  ])('%s is one', (text, version) => {
    expect(parseVersion(text)).toEqual(version);
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

describe('a requirement', () => {
  it.each(['*', '1', '1.2', '=1.2.3', '>=1.0, <2.0', '^0.3', '~ 1.2', '1.*', '1.2.x', '<= 2', '=1.0.0-rc.1'])(
    '%s is one',
    (text) => {
      expect(isVersionRequirement(text)).toBe(true);
    },
  );

  it.each(['', 'latest', '>', '1.2.3.4', '=>1', '1,', '01'])('%j is none', (text) => {
    expect(isVersionRequirement(text)).toBe(false);
  });
});
