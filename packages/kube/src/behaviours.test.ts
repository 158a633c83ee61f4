// The table of the README: each behaviour has a test on the fake API server and one on the real one, and these exist.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const BEHAVIOURS = 24;
/** In the shared suite a test is both. */
const ON_REAL = /\.api\.test\.ts$|-suite\.ts$/;

interface Row {
  readonly number: number;
  readonly fake: readonly Cited[];
  readonly real: readonly Cited[];
}

interface Cited {
  readonly file: string;
  readonly title: string;
}

const rows = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')
  .split('\n')
  .filter((line) => /^\| \d+ \|/.test(line))
  .map((line): Row => {
    const [, number = '', , fake = '', real = ''] = line.split('|');
    return { number: Number(number), fake: cited(fake), real: cited(real) };
  });

function cited(cell: string): readonly Cited[] {
  return [...cell.matchAll(/`([^`]+)` "([^"]+)"/g)].map(([, file = '', title = '']) => ({ file, title }));
}

it('every behaviour has its row', () => {
  expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: BEHAVIOURS }, (_, index) => index + 1));
});

it.each(rows)('$number has tests that exist, on both servers', ({ fake, real }) => {
  expect(fake).not.toEqual([]);
  expect(real).not.toEqual([]);
  const missing = [...fake, ...real].filter(
    ({ file, title }) => !readFileSync(join(import.meta.dirname, file), 'utf8').includes(title),
  );
  expect(missing).toEqual([]);
  expect(real.filter(({ file }) => !ON_REAL.test(file))).toEqual([]);
});
