import * as fc from 'fast-check';
import { posix } from 'node:path';
import { describe, expect, test } from 'vitest';
import { EntryNames, normaliseEntryName } from './entry-name.ts';

describe('the name of an archive entry', () => {
  test.each([
    ['a', 'a'],
    ['./a', 'a'],
    ['a/', 'a'],
    ['.', ''],
    ['./', ''],
    ['a//b/./c', 'a/b/c'],
    ['..a/b..', '..a/b..'],
    ['ä/日本', 'ä/日本'],
  ])('%j is taken as %j', (name, expected) => {
    expect(normaliseEntryName(name)).toEqual({ name: expected });
  });

  test.each([
    '',
    '/',
    '/etc/passwd',
    '//a',
    '..',
    '../a',
    'a/../b',
    'a/..',
    './../a',
    '\\a',
    '..\\a',
    'a\\..\\b',
    'a\\b',
    'C:\\a',
    'c:/a',
    'a\0b',
    '\0',
    'a'.repeat(4097),
    'é'.repeat(2049),
  ])('%j is refused', (name) => {
    expect(normaliseEntryName(name)).toHaveProperty('refused');
  });

  test('never leads out of a folder when it is accepted', () => {
    const nasty = fc
      .array(fc.constantFrom('.', '..', '/', '\\', 'a', 'C:', '\0', '~'), { maxLength: 10 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.oneof(nasty, fc.string()), (text) => {
        const result = normaliseEntryName(text);
        const joined = posix.join('/root', 'name' in result ? result.name : '');
        expect(joined === '/root' || joined.startsWith('/root/')).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('the names of one archive', () => {
  test.each<[string, [string, 'file' | 'directory'][], string | undefined]>([
    [
      'may be files in a directory',
      [
        ['a', 'directory'],
        ['a/b', 'file'],
        ['a/c', 'file'],
      ],
      undefined,
    ],
    [
      'may come before their directory',
      [
        ['a/b', 'file'],
        ['a', 'directory'],
      ],
      undefined,
    ],
    [
      'may repeat a directory',
      [
        ['a', 'directory'],
        ['a', 'directory'],
        ['', 'directory'],
      ],
      undefined,
    ],
    [
      'may not repeat a file',
      [
        ['a', 'file'],
        ['a', 'file'],
      ],
      'has two entries of one name',
    ],
    [
      'may not make a file a directory',
      [
        ['a', 'file'],
        ['a', 'directory'],
      ],
      'has two entries of one name',
    ],
    [
      'may not make a directory a file',
      [
        ['a', 'directory'],
        ['a', 'file'],
      ],
      'has two entries of one name',
    ],
    [
      'may not make a parent a file',
      [
        ['a/b', 'file'],
        ['a', 'file'],
      ],
      'has two entries of one name',
    ],
    [
      'may not stand below a file',
      [
        ['a', 'file'],
        ['a/b/c', 'file'],
      ],
      'has an entry below a file',
    ],
    ['may not be a file in place of the root', [['', 'file']], 'has two entries of one name'],
  ])('%s', (_, entries, refused) => {
    const names = new EntryNames();
    expect(entries.map(([name, kind]) => names.add(name, kind)).at(-1)).toBe(refused);
  });
});
