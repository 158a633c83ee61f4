import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { tar, type Entry } from './tar.ts';

const file = (path: string, content = path, mode = 0o644): Entry => ({
  kind: 'file',
  path,
  content: Buffer.from(content),
  mode,
});
const listed = (archive: Buffer): string[] =>
  execFileSync('tar', ['-tv', '--numeric-owner', '--utc', '--full-time'], { input: archive, encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.replaceAll(/\s+/g, ' '));

describe('an archive', () => {
  const entries: Entry[] = [
    file('b/program', 'x'.repeat(513), 0o755),
    { kind: 'link', path: 'a/link', target: '../b/program' },
    { kind: 'folder', path: 'tmp', mode: 0o1777 },
    { kind: 'folder', path: 'home', owner: 65_532 },
  ];

  it('is read by tar as it was written, with the folders that nobody named', () => {
    expect(listed(tar(entries))).toEqual([
      'drwxr-xr-x 0/0 0 1970-01-01 00:00:00 a/',
      'lrwxrwxrwx 0/0 0 1970-01-01 00:00:00 a/link -> ../b/program',
      'drwxr-xr-x 0/0 0 1970-01-01 00:00:00 b/',
      '-rwxr-xr-x 0/0 513 1970-01-01 00:00:00 b/program',
      'drwxr-xr-x 65532/65532 0 1970-01-01 00:00:00 home/',
      'drwxrwxrwt 0/0 0 1970-01-01 00:00:00 tmp/',
    ]);
  });

  it('is the same in whatever order its files come', () => {
    expect(tar(entries.toReversed()).equals(tar(entries))).toBe(true);
  });

  it('keeps the content of files to the byte', () => {
    const content = Buffer.from(Array.from({ length: 1500 }, (_, index) => index % 256));
    const archive = tar([{ kind: 'file', path: 'bytes', content }]);
    expect(execFileSync('tar', ['-xO', 'bytes'], { input: archive }).equals(content)).toBe(true);
  });

  it.each([100, 101, 200, 255])('has room for a path of %d bytes', (length) => {
    const path = `${'f'.repeat(Math.min(154, length - 2))}/`.padEnd(length, 'n');
    expect(listed(tar([file(path)])).at(-1)).toContain(` ${path}`);
  });

  it.each<[string, Entry[]]>([
    ['has more than the 155 bytes', [file(`${'f'.repeat(156)}/${'n'.repeat(90)}`)]],
    ['has more than the 100 bytes', [file('n'.repeat(101))]],
    ['has more than the 100 bytes', [{ kind: 'link', path: 'a', target: 't'.repeat(101) }]],
    ['is there twice', [file('a'), file('a')]],
  ])('is refused when something %s', (why, wrong) => {
    expect(() => tar(wrong)).toThrow(why);
  });
});
