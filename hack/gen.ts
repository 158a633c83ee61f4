// Writes the generated files, or with --check fails when one is not what it would write.
// Usage: npm run gen [-- --check]
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandReference } from '../cli/src/command-reference.ts';
import { errorReference } from '../cli/src/error-reference.ts';
import { errorChapters } from './error-chapters.ts';

const ROOT = join(import.meta.dirname, '..');
const MADE_BY = 'npm run gen';

/** Path to content; each content begins with the command that makes it. */
const generated: Readonly<Record<string, () => string>> = {
  'docs/reference/cli.md': () => commandReference(MADE_BY),
  'docs/reference/errors.md': () => errorReference(errorChapters, MADE_BY),
};

const check = process.argv.includes('--check');
let stale = 0;
for (const [path, make] of Object.entries(generated)) {
  const file = join(ROOT, path);
  const content = make();
  if (!check) {
    writeFileSync(file, content);
    console.log(`wrote ${path}`);
  } else if (read(file) !== content) {
    stale += 1;
    console.error(`${path} is not up to date: run "npm run gen" and commit it`);
  }
}
process.exitCode = stale > 0 ? 1 : 0;

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // expected: a new generated file does not exist yet
    return undefined;
  }
}
