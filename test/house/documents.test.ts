// What the documents say of this repository is there: files that they link to or name, and the commands they show.
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const DOCUMENTS = globSync(['*.md', 'docs/**/*.md', 'examples/*/README.md', 'test/guests/**/*.md'], {
  cwd: ROOT,
  exclude: (name) => name === 'node_modules',
});

/** Top folders of the repository; what begins so in backticks is a path. */
const PATH = /`((?:cli|docs|examples|hack|packages|runtime-node|test)\/[\w./-]*\w)\/?`/g;
const LINK = /\]\((?!https?:|#)([^)#\s]+)/g;
const SCRIPT = /`?npm run ([\w:]+)/g;

const namesIn = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].flatMap((match) => match[1] ?? []);

const read = (document: string): string => readFileSync(join(ROOT, document), 'utf8');

describe('the documents', () => {
  it('are found', () => {
    expect(DOCUMENTS).toEqual(expect.arrayContaining(['README.md', 'docs/compat.md', 'examples/hello/README.md']));
  });

  it.each(DOCUMENTS)('%s links only to files that are there', (document) => {
    const links = namesIn(read(document), LINK);
    expect(links.filter((link) => !existsSync(join(ROOT, dirname(document), link)))).toEqual([]);
  });

  it.each(DOCUMENTS)('%s names only paths that are there', (document) => {
    const paths = namesIn(read(document), PATH);
    expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  it.each(DOCUMENTS)('%s names only scripts of package.json', (document) => {
    const { scripts }: { scripts: Record<string, string> } = JSON.parse(read('package.json'));
    expect(namesIn(read(document), SCRIPT).filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
  });
});
