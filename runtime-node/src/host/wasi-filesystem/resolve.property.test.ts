// Random trees with links, random paths: a guest finds what an independent walk finds inside, and never anything else.
import {
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fakeMount, type FakeMount } from '../testing/fake-mount.ts';
import { Descriptor } from './descriptor.ts';
import { createDirectoryAt, renameAt, symlinkAt, unlinkFileAt } from './entries.ts';
import { errnoOf, errorCodeOf } from './errors.ts';
import { OpenDirectory, pathAnchor, procAnchor } from './handles.ts';
import { openAt } from './open-at.ts';
import { guestQuotas } from './quota.ts';

const SECRET = 'must not be read';
const NO_OPEN_FLAGS = { create: false, directory: false, exclusive: false, truncate: false };
const READ = {
  read: true,
  write: false,
  fileIntegritySync: false,
  dataIntegritySync: false,
  requestedWriteSync: false,
  mutateDirectory: false,
};

// Random trees: names from a small set so that links and paths hit each other often.
const name = fc.constantFrom('a', 'b', 'c');
const step = fc.constantFrom('a', 'b', 'c', '..', '.', '');
const anyPath = fc.array(step, { minLength: 1, maxLength: 6 }).map((steps) => steps.join('/'));
const place = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join('/'));
const planned = fc.oneof(
  fc.record({ kind: fc.constant('directory' as const), at: place }),
  fc.record({ kind: fc.constant('file' as const), at: place }),
  fc.record({ kind: fc.constant('link' as const), at: place, target: anyPath }),
  fc.record({
    kind: fc.constant('link' as const),
    at: place,
    target: fc.constantFrom('OUTSIDE', 'OUTSIDE/a', 'TOP/a'),
  }),
);

describe('a random tree with links', () => {
  const trees = fc.array(planned, { maxLength: 12 });
  const paths = fc.array(anyPath, { minLength: 5, maxLength: 15 });

  it.each([
    ['with anchors of the kernel', procAnchor],
    ['with paths, where there is no /proc', pathAnchor],
  ])('shows a guest exactly what lies inside, %s', async (_how, anchor) => {
    await fc.assert(
      fc.asyncProperty(trees, paths, async (tree, tried) => {
        await using mount = await fakeMount((path, outside) => grow(path, outside, tree));
        using base = new Descriptor(
          new OpenDirectory(openSync(mount.path, 'r'), mount.path, anchor),
          false,
          guestQuotas(),
        );
        for (const path of tried) {
          const found = codeOf(() => openAt(base, { symlinkFollow: true }, path, NO_OPEN_FLAGS, READ));
          expect([path, whereIs(mount, found)]).toEqual([path, whatTheKernelFinds(mount, path)]);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('stays whole outside, whatever a guest does to it', async () => {
    const action = fc.oneof(
      fc.tuple(fc.constant('open' as const), anyPath, anyPath),
      fc.tuple(fc.constant('mkdir' as const), anyPath, anyPath),
      fc.tuple(fc.constant('symlink' as const), anyPath, anyPath),
      fc.tuple(fc.constant('rename' as const), anyPath, anyPath),
      fc.tuple(fc.constant('unlink' as const), anyPath, anyPath),
    );
    await fc.assert(
      fc.asyncProperty(trees, fc.array(action, { maxLength: 30 }), async (tree, actions) => {
        await using mount = await fakeMount((path, outside) => grow(path, outside, tree), { writable: true });
        for (const [kind, path, other] of actions) {
          codeOf(() => change(mount, kind, path, other));
        }
        expect(readFileSync(join(mount.outside, 'a'), 'utf8')).toBe(SECRET);
        expect(readFileSync(join(mount.outside, 'b', 'a'), 'utf8')).toBe(SECRET);
        expect(readdirSync(mount.outside).length).toBe(3);
        expect(readdirSync(join(mount.outside, 'b')).length).toBe(1);
      }),
      { numRuns: 60 },
    );
  });
});

type Planned = typeof planned extends fc.Arbitrary<infer Value> ? Value : never;

/** What cannot be made at its place (the parent is a file, something is there already) is left out. */
function grow(path: string, outside: string, tree: readonly Planned[]): void {
  writeFileSync(join(outside, 'a'), SECRET);
  mkdirSync(join(outside, 'b'));
  writeFileSync(join(outside, 'b', 'a'), SECRET);
  for (const entry of tree) {
    const at = join(path, entry.at);
    try {
      if (relative(path, realpathSync(join(at, '..'))).startsWith('..')) {
        continue;
      }
      if (entry.kind === 'directory') {
        mkdirSync(at);
      } else if (entry.kind === 'file') {
        writeFileSync(at, 'inside', { flag: 'wx' });
      } else {
        symlinkSync(entry.target.replace('OUTSIDE', outside).replace('TOP', path) || '.', at);
      }
    } catch (error) {
      // expected: the tree already has something there, or not what it takes
      if (errnoOf(error) === undefined) {
        throw error;
      }
    }
  }
}

/** The place below the mount that a descriptor has open, or the error it was refused with. */
function whereIs(mount: FakeMount, found: unknown): string {
  if (!(found instanceof Descriptor)) {
    return `error: ${String(found)}`;
  }
  using descriptor = found;
  return relative(mount.path, readlinkSync(`/proc/self/fd/${descriptor.fd}`));
}

/** The same by an independent walk over whole paths, which knows that nothing moves. */
function whatTheKernelFinds(mount: FakeMount, path: string): string {
  let here = mount.path;
  let pending = path === '' ? [] : path.split('/');
  if (path === '') {
    return 'error: no-entry';
  }
  if (path.startsWith('/')) {
    return 'error: not-permitted';
  }
  for (let links = 0; pending.length > 0;) {
    const [first = '', ...rest] = pending;
    pending = rest;
    if (first === '' || first === '.') {
      continue;
    }
    if (first === '..') {
      if (here === mount.path) {
        return 'error: not-permitted';
      }
      here = join(here, '..');
      continue;
    }
    const next = join(here, first);
    const target = targetOf(next);
    if (target === undefined) {
      const kind = kindOf(next);
      if (kind === 'nothing') {
        return 'error: no-entry';
      }
      if (kind === 'file' && pending.length > 0) {
        return 'error: not-directory';
      }
      here = next;
      continue;
    }
    links += 1;
    if (links > 40) {
      return 'error: loop';
    }
    if (target.startsWith('/')) {
      return 'error: not-permitted';
    }
    pending = [...target.split('/'), ...pending];
  }
  return relative(mount.path, here);
}

const targetOf = (path: string): string | undefined =>
  lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true ? readlinkSync(path) : undefined;

function kindOf(path: string): 'nothing' | 'file' | 'directory' {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  return stat === undefined ? 'nothing' : stat.isDirectory() ? 'directory' : 'file';
}

function change(
  mount: FakeMount,
  kind: 'open' | 'mkdir' | 'symlink' | 'rename' | 'unlink',
  path: string,
  other: string,
) {
  const { root } = mount;
  switch (kind) {
    case 'open': {
      const answer = mount.open(path, { create: true, write: true, truncate: true });
      return answer.tag === 'ok' ? answer.val[Symbol.dispose]() : undefined;
    }
    case 'mkdir':
      return createDirectoryAt(root, path);
    case 'symlink':
      return symlinkAt(root, other, path);
    case 'rename':
      return renameAt(root, path, root, other);
    case 'unlink':
      return unlinkFileAt(root, path);
  }
}

function codeOf(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return errorCodeOf(error);
  }
}
