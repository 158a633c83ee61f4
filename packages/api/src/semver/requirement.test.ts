import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { allows, exactVersion, highestAllowed, parseRequirement } from './requirement.ts';
import { compareVersions, parseVersion } from './version.ts';

function isAllowed(requirement: string, version: string): boolean | undefined {
  const parsed = parseRequirement(requirement);
  const candidate = parseVersion(version);
  return parsed === undefined || candidate === undefined ? undefined : allows(parsed, candidate);
}

// The tables of docs.rs/semver, "VersionReq" and "Op".
describe('a requirement allows', () => {
  test.each([
    ['1.2.3', ['1.2.3', '1.2.4', '1.9.0'], ['1.2.2', '2.0.0', '0.9.9']],
    ['^1.2', ['1.2.0', '1.3.0'], ['1.1.9', '2.0.0']],
    ['1', ['1.0.0', '1.9.9'], ['0.9.0', '2.0.0']],
    ['0.2.3', ['0.2.3', '0.2.9'], ['0.2.2', '0.3.0']],
    ['0.0.3', ['0.0.3'], ['0.0.4', '0.0.2']],
    ['0.0', ['0.0.0', '0.0.9'], ['0.1.0']],
    ['0', ['0.0.1', '0.9.0'], ['1.0.0']],
    ['~1.2.3', ['1.2.3', '1.2.9'], ['1.2.2', '1.3.0']],
    ['~1.2', ['1.2.0', '1.2.9'], ['1.3.0']],
    ['~1', ['1.0.0', '1.9.0'], ['2.0.0']],
    ['=1.2.3', ['1.2.3'], ['1.2.4']],
    ['=1.2', ['1.2.0', '1.2.9'], ['1.3.0']],
    ['>1.2.3', ['1.2.4', '2.0.0'], ['1.2.3']],
    ['>1.2', ['1.3.0', '2.0.0'], ['1.2.9']],
    ['>=1.2', ['1.2.0', '3.0.0'], ['1.1.9']],
    ['<1.2', ['1.1.9', '0.1.0'], ['1.2.0']],
    ['<=1.2', ['1.2.9', '1.0.0'], ['1.3.0']],
    ['<=1.2.3', ['1.2.3'], ['1.2.4']],
    ['1.2.x', ['1.2.0', '1.2.9'], ['1.3.0']],
    ['~ 1.2', ['1.2.9'], ['1.3.0']],
    ['<= 2', ['2.9.9'], ['3.0.0']],
    ['1.2.*', ['1.2.0', '1.2.9'], ['1.3.0']],
    ['1.*', ['1.0.0', '1.9.0'], ['2.0.0']],
    ['*', ['0.0.1', '9.9.9'], ['1.0.0-rc.1']],
    ['>=1.0, <1.5', ['1.0.0', '1.4.9'], ['1.5.0', '0.9.0']],
    ['>=1.0.0-rc.1', ['1.0.0-rc.1', '1.0.0-rc.2', '1.0.0', '2.0.0'], ['1.0.0-alpha', '1.0.1-rc.1']],
    ['1.0.0', ['1.0.0+build.5'], ['1.0.0-rc.1']],
  ])('%s', (requirement, allowed, refused) => {
    expect(allowed.filter((version) => isAllowed(requirement, version) !== true)).toEqual([]);
    expect(refused.filter((version) => isAllowed(requirement, version) !== false)).toEqual([]);
  });
});

test('what is no requirement is not read as one', () => {
  const texts = ['', 'latest', '1.2.3.4', '>', '1.*.3', '1.2.*-rc', '==1', '=>1', '01', '1.2.3 2.0', ',', '1,'];
  expect(texts.filter((text) => parseRequirement(text) !== undefined)).toEqual([]);
});

test('only a whole version after an equals sign is exact', () => {
  expect(['=1.2.3', '= 1.2.3-rc.1', '=1.2', '1.2.3', '>=1.2.3'].map(exactVersion)).toEqual([
    '1.2.3',
    '1.2.3-rc.1',
    undefined,
    undefined,
    undefined,
  ]);
});

test('the highest version is taken, by number and not by letter', () => {
  const tags = ['latest', '1.9.0', '1.10.0', '2.0.0', '1.10.0-rc.1'];
  expect(highestAllowed(parseRequirement('^1') ?? [], tags)).toBe('1.10.0');
  expect(highestAllowed(parseRequirement('^3') ?? [], tags)).toBeUndefined();
});

test('versions are ordered as item 11 of Semantic Versioning has it', () => {
  const ordered = [
    '1.0.0-alpha',
    '1.0.0-alpha.1',
    '1.0.0-alpha.beta',
    '1.0.0-beta',
    '1.0.0-beta.2',
    '1.0.0-beta.11',
    '1.0.0-rc.1',
    '1.0.0',
    '1.0.1',
  ];
  fc.assert(
    fc.property(fc.shuffledSubarray(ordered), (versions) => {
      const sorted = versions
        .flatMap((version) => parseVersion(version) ?? [])
        .toSorted(compareVersions)
        .map(({ text }) => text);
      expect(sorted).toEqual(ordered.filter((version) => versions.includes(version)));
    }),
  );
});
