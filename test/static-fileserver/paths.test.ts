// No path leads out of the mounted folder: a corpus of known ways, and random paths against a second reading of them.
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serveSite, type Site } from './serve-site.ts';

const SECRET = 'SECRET';
const FILES: Readonly<Record<string, string>> = {
  'index.html': 'home',
  'a.txt': 'file a',
  'd/index.html': 'index of d',
  'd/b.txt': 'file b',
  'd/..c': 'two dots in front',
  '%2e%2e': 'percent signs in a name',
  'a%2Fb': 'an escaped slash in a name',
};

let site: Site;

beforeAll(async () => {
  site = await serveSite(FILES, {
    beside: { 'secret.txt': SECRET, 'site-2/secret.txt': SECRET, 'd/b.txt': SECRET },
  });
});

afterAll(() => site?.stop());

describe('a way out', () => {
  it.each([
    '/../secret.txt',
    '/d/../../secret.txt',
    '/..%2fsecret.txt',
    '/..%2Fsecret.txt',
    '/%2e%2e/secret.txt',
    '/%2e%2e%2fsecret.txt',
    '/.%2e/secret.txt',
    '/%2e./secret.txt',
    '/%252e%252e/secret.txt',
    '/%252e%252e%252fsecret.txt',
    '/..\\secret.txt',
    '/..%5csecret.txt',
    '/%c0%ae%c0%ae/secret.txt',
    '/%c0%af../secret.txt',
    '/%e0%80%ae%e0%80%ae/secret.txt',
    '/..%c0%afsecret.txt',
    '/..%00/secret.txt',
    '/a.txt%00.png',
    '/%00',
    '/...//secret.txt',
    '/....//secret.txt',
    '/..;/secret.txt',
    '/.;/..;/secret.txt',
    '/d/..%2f..%2fsecret.txt',
    '/../site-2/secret.txt',
    '//../secret.txt',
    '/./../secret.txt',
    '/%2e/%2e%2e/secret.txt',
    '//etc/passwd',
    '/%2fetc%2fpasswd',
    '/file:///etc/passwd',
    '/C:/secret.txt',
    '/proc/self/environ',
  ])('%s is none', async (path) => {
    const { status, body } = await site.get(path);
    expect([status, body.toString()]).toEqual([404, 'Not Found']);
  });

  it.each([
    ['fifty steps up', '../'.repeat(50)],
    ['fifty escaped steps up', '%2e%2e/'.repeat(50)],
    ['a name of 5000 letters', 'a'.repeat(5000)],
    ['3000 folders', 'a/'.repeat(3000)],
  ])('%s are none', async (_, path) => {
    expect((await site.get(`/${path}etc/passwd`)).status).toBe(404);
  });
});

it.each([
  ['/%252e%252e', 'percent signs in a name'],
  ['/a%252Fb', 'an escaped slash in a name'],
])('%s is decoded once', async (path, content) => {
  expect((await site.get(path)).body.toString()).toBe(content);
});

it('a name that begins with two dots is hidden, and no way up', async () => {
  expect((await site.get('/d/..c')).status).toBe(404);
});

/** A second reading of a path: the names in it, or undefined where it can have none. */
function namesOf(path: string): string[] | undefined {
  const names: string[] = [];
  for (const segment of (path.split('?')[0] ?? '').split('/')) {
    let name: string;
    try {
      // Escapes that are none stay what they are.
      name = decodeURIComponent(segment.replaceAll(/%(?![0-9a-fA-F]{2})/g, '%25'));
    } catch {
      // expected: bytes that are not UTF-8 name no file
      return undefined;
    }
    if (/[/\\\0]/.test(name) || (name.startsWith('.') && name !== '.')) {
      return undefined;
    }
    if (name !== '' && name !== '.') {
      names.push(name);
    }
  }
  return names;
}

function expected(path: string): string | number {
  const names = namesOf(path);
  if (names === undefined) {
    return 404;
  }
  const name = names.join('/');
  const slash = (path.split('?')[0] ?? '').endsWith('/');
  if (!slash && FILES[name] !== undefined) {
    return FILES[name];
  }
  const index = FILES[name === '' ? 'index.html' : `${name}/index.html`];
  return index === undefined ? 404 : slash ? index : 301;
}

it('whatever the path, it gives the file that the path names', async () => {
  const names = ['.', '..', 'd', 'a.txt', 'b.txt', 'index.html', '..c', 'a', 'b', 'secret.txt', ';', ':', '~', '\\'];
  const escapes = ['%2e', '%2E', '%2f', '%2F', '%5c', '%00', '%25', '%', '%c0', '%zz', '%64'];
  const piece = fc.constantFrom('/', '/', '/', '?', '?/', ...names, ...escapes);
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 8 }), async (pieces) => {
      const path = `/${pieces.join('')}`;
      const { status, body } = await site.get(path);
      const said = body.toString();
      expect(said).not.toContain(SECRET);
      const wanted = expected(path);
      expect(status === 200 ? said : status).toBe(wanted);
    }),
    { numRuns: 300 },
  );
});
