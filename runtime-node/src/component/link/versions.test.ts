import { describe, expect, it } from 'vitest';
import { findCompatible, newestCompatible, versionsOf } from './versions.ts';

describe('an imported interface', () => {
  it.each<[string, string[], string | undefined]>([
    ['wasi:io/poll@0.2.0', ['wasi:io/poll@0.2.0'], 'wasi:io/poll@0.2.0'],
    ['wasi:io/poll@0.2.12', ['wasi:io/poll@0.2.0'], 'wasi:io/poll@0.2.0'],
    ['wasi:io/poll@0.2.0', ['wasi:io/poll@0.2.12'], 'wasi:io/poll@0.2.12'],
    ['wasi:io/poll@0.2.0', ['wasi:io/poll@0.2.9', 'wasi:io/poll@0.2.12', 'wasi:io/poll@0.2.3'], 'wasi:io/poll@0.2.12'],
    ['wasi:io/poll@0.2.3', ['wasi:io/poll@0.2.9', 'wasi:io/poll@0.2.3'], 'wasi:io/poll@0.2.3'],
    ['wasi:io/poll@0.2.0', ['wasi:io/poll@0.3.0'], undefined],
    ['wasi:io/poll@0.2.0', ['wasi:io/streams@0.2.0'], undefined],
    ['wasi:io/poll@0.2.0', ['other:io/poll@0.2.0'], undefined],
    ['a:b/c@0.0.1', ['a:b/c@0.0.2'], undefined],
    ['a:b/c@0.0.1', ['a:b/c@0.0.1'], 'a:b/c@0.0.1'],
    ['a:b/c@1.0.0', ['a:b/c@1.4.2'], 'a:b/c@1.4.2'],
    ['a:b/c@1.9.0', ['a:b/c@2.0.0'], undefined],
    ['a:b/c@10.0.0', ['a:b/c@1.0.0'], undefined],
    ['a:b/c', ['a:b/c'], 'a:b/c'],
    ['a:b/c', ['a:b/c@1.0.0'], undefined],
    ['a:b/c@1.0.0', ['a:b/c'], undefined],
    ['wasi:http/types@0.2.0-rc-2023-11-10', ['wasi:http/types@0.2.0'], undefined],
    ['wasi:http/types@0.2.0', ['wasi:http/types@0.2.0-rc-2023-11-10'], undefined],
    ['wasi:http/types@0.2.0-rc-2023-11-10', ['wasi:http/types@0.2.0-rc-2023-12-05'], undefined],
    [
      'wasi:http/types@0.2.0-rc-2023-11-10',
      ['wasi:http/types@0.2.0-rc-2023-11-10'],
      'wasi:http/types@0.2.0-rc-2023-11-10',
    ],
    ['wasi:config/store@0.2.0-draft2', ['wasi:config/store@0.2.0'], undefined],
    ['a:b/c@1.0', ['a:b/c@1.0'], 'a:b/c@1.0'],
    ['a:b/c@1.0', ['a:b/c@1.0.0'], undefined],
    ['', ['a:b/c'], undefined],
    ['', [''], ''],
  ])('%j among %j finds %j', (wanted, available, found) => {
    expect(findCompatible(wanted, available)).toBe(found);
  });

  it.each([
    ['a:b/c@0.2.3', ['a:b/c@0.2.3', 'a:b/c@0.2.12', 'a:b/c@0.2.9', 'a:b/c@0.3.0', 'a:b/d@0.2.20'], 'a:b/c@0.2.12'],
    ['a:b/c@0.2.12', ['a:b/c@0.2.3'], 'a:b/c@0.2.12'],
    ['a:b/c@1.0.0', ['a:b/c@1.10.0', 'a:b/c@1.9.9', 'a:b/c'], 'a:b/c@1.10.0'],
    ['a:b/c', ['a:b/c@1.0.0'], 'a:b/c'],
    ['a:b/c@0.2.0-rc', ['a:b/c@0.2.0'], 'a:b/c@0.2.0-rc'],
  ])('%j is in %j at its newest as %j', (name, available, found) => {
    expect(newestCompatible(name, available)).toBe(found);
  });

  it('is listed with the versions there are, compatible or not', () => {
    expect(versionsOf('a:b/c@1.0.0', ['a:b/c@2.0.0', 'a:b/d@1.0.0', 'a:b/c'])).toEqual(['a:b/c@2.0.0', 'a:b/c']);
  });
});
