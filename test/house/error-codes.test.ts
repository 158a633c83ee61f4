// Every error code that the source uses has its paragraph in docs/reference/errors.md, and no paragraph is left behind.
import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { errorChapters } from '../../hack/error-chapters.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const reference = readFileSync(join(ROOT, 'docs/reference/errors.md'), 'utf8');

/** Codes as the source of one part throws them. */
function codesThrown(part: string): Set<string> {
  const files = globSync('src/**/*.ts', { cwd: join(ROOT, part) }).filter(
    (file) => !/\.test\.ts$|^src\/(testing|test-support|fixtures|error-table|error-reference)\b/.test(file),
  );
  const source = files.map((file) => readFileSync(join(ROOT, part, file), 'utf8')).join('\n');
  return new Set(
    [...source.matchAll(/code: '(SPK\d+)'|, '(SPK\d+)'\)/g)].map(([, field, argument]) => field ?? argument ?? ''),
  );
}

describe.each(errorChapters)('the error codes of $part', ({ part, prefix, table }) => {
  const listed = Object.keys(table);

  it('are those that its source throws', () => {
    const own = [...codesThrown(part)].filter((code) => code.startsWith(prefix));
    expect(own.toSorted()).toEqual(listed);
  });

  it('are joined in its source by codes of other parts only', () => {
    const known = errorChapters.flatMap((chapter) => Object.keys(chapter.table));
    expect([...codesThrown(part)].filter((code) => !known.includes(code))).toEqual([]);
  });

  it('lie in its range', () => {
    expect(listed.filter((code) => !new RegExp(`^${prefix}\\d{3}$`).test(code))).toEqual([]);
  });

  it('each have a paragraph in the reference', () => {
    expect(listed.filter((code) => !reference.includes(`### ${code}\n\n`))).toEqual([]);
  });
});
