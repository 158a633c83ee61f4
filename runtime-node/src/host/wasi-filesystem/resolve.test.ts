// Guests stay inside their mounts, whatever the path and whatever happens meanwhile. Random trees:
// resolve.property.test.ts.
import { mkdirSync, openSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fakeMount, type FakeMount } from '../testing/fake-mount.ts';
import { Descriptor } from './descriptor.ts';
import { errorCodeOf } from './errors.ts';
import { OpenDirectory } from './handles.ts';
import { statAt } from './entries.ts';
import { openAt } from './open-at.ts';
import { guestQuotas } from './quota.ts';
import { withEntry } from './resolve.ts';

const SECRET = 'must not be read';

function treeWithLinks(path: string, outside: string): void {
  writeFileSync(join(outside, 'secret'), SECRET);
  mkdirSync(join(path, 'd', 'e'), { recursive: true });
  writeFileSync(join(path, 'f'), 'f');
  writeFileSync(join(path, 'd', 'e', 'g'), 'g');
  for (const [name, target] of [
    ['up', '..'],
    ['out', '../secret'],
    ['absolute', join(outside, 'secret')],
    ['inside-absolute', join(path, 'f')],
    ['to-d', 'd'],
    ['d/to-e', './e/'],
    ['d/to-f', '../f'],
    ['d/out', '../../secret'],
    ['d/e/out', '../to-e/../../up/secret'],
    ['chain', 'd/to-f'],
    ['self', 'self'],
    ['ping', 'pong'],
    ['pong', 'ping'],
    ['dangling', 'd/none'],
    ['to-d/back', '../to-d'],
    ['file-slash', 'f/'],
  ] as const) {
    symlinkSync(target, join(path, name));
  }
}

const READ = { read: true, write: false } as const;
const NO_FLAGS = { create: false, directory: false, exclusive: false, truncate: false };
const NO_SYNC = {
  fileIntegritySync: false,
  dataIntegritySync: false,
  requestedWriteSync: false,
  mutateDirectory: false,
};

function contentAt(mount: FakeMount, path: string): string {
  const answer = mount.open(path);
  if (answer.tag === 'err') {
    return `error: ${answer.val}`;
  }
  using descriptor = answer.val;
  return descriptor.node instanceof OpenDirectory ? 'a directory' : readFileSync(descriptor.fd, 'utf8');
}

describe('a path', () => {
  it.each([
    ['f', 'f'],
    ['./f', 'f'],
    ['d//e/./g', 'g'],
    ['d/../f', 'f'],
    ['d/e/../../f', 'f'],
    ['to-d/e/g', 'g'],
    ['d/to-e/g', 'g'],
    ['to-d/to-f', 'f'],
    ['chain', 'f'],
    ['to-d/back/e/g', 'g'],
    ['.', 'a directory'],
    ['d/..', 'a directory'],
    ['to-d/', 'a directory'],
    ['to-d/.', 'a directory'],
    ['..', 'error: not-permitted'],
    ['d/../..', 'error: not-permitted'],
    ['up', 'error: not-permitted'],
    ['up/secret', 'error: not-permitted'],
    ['out', 'error: not-permitted'],
    ['d/out', 'error: not-permitted'],
    ['d/e/out', 'error: not-permitted'],
    ['d/to-e/../to-e/out', 'error: not-permitted'],
    ['/etc/passwd', 'error: not-permitted'],
    ['//etc/passwd', 'error: not-permitted'],
    ['absolute', 'error: not-permitted'],
    ['inside-absolute', 'error: not-permitted'],
    ['self', 'error: loop'],
    ['self/f', 'error: loop'],
    ['ping', 'error: loop'],
    ['dangling', 'error: no-entry'],
    ['f/g', 'error: not-directory'],
    ['chain/g', 'error: not-directory'],
    ['f/', 'error: not-directory'],
    ['chain/', 'error: not-directory'],
    ['file-slash', 'error: not-directory'],
    ['f/..', 'error: not-directory'],
    ['none/..', 'error: no-entry'],
  ])('%o gives %o', async (path, content) => {
    await using mount = await fakeMount(treeWithLinks);
    expect(contentAt(mount, path)).toBe(content);
  });

  it('starts at the directory it is given, which is the top for it', async () => {
    await using mount = await fakeMount(treeWithLinks);
    const answer = mount.open('d', { directory: true });
    using directory = answer.val as Descriptor;
    const open = (path: string): unknown =>
      mount.call('[method]descriptor.open-at', directory, { symlinkFollow: true }, path, NO_FLAGS, {
        ...READ,
        ...NO_SYNC,
      });
    expect(open('../f')).toEqual({ tag: 'err', val: 'not-permitted' });
    expect(open('to-f')).toEqual({ tag: 'err', val: 'not-permitted' });
    expect(open('e/g')).toMatchObject({ tag: 'ok' });
  });

  it('does not follow the last link when it shall not', async () => {
    await using mount = await fakeMount(treeWithLinks);
    expect(mount.open('chain', { symlinkFollow: false })).toEqual({ tag: 'err', val: 'loop' });
    expect(mount.open('to-d/e/g', { symlinkFollow: false })).toMatchObject({ tag: 'ok' });
  });

  it('of forty links is walked and of forty-one is not', async () => {
    await using mount = await fakeMount((path) => {
      writeFileSync(join(path, 'l0'), 'end');
      for (let index = 1; index <= 41; index++) {
        symlinkSync(`l${index - 1}`, join(path, `l${index}`));
      }
    });
    expect(contentAt(mount, 'l40')).toBe('end');
    expect(contentAt(mount, 'l41')).toBe('error: loop');
  });

  it('that creates follows links inside and never one that leads out', async () => {
    await using mount = await fakeMount(treeWithLinks, { writable: true });
    const create = { create: true, write: true };
    expect(mount.open('dangling', create)).toMatchObject({ tag: 'ok' });
    expect(contentAt(mount, 'd/none')).toBe('');
    symlinkSync('../new-outside', join(mount.path, 'out-new'));
    expect(mount.open('out-new', create)).toEqual({ tag: 'err', val: 'not-permitted' });
    expect(mount.open('up/new-outside', create)).toEqual({ tag: 'err', val: 'not-permitted' });
  });
});

describe('what happens while a path is walked', () => {
  it('does not lead a guest out when a directory becomes a link before the last step', async () => {
    await using mount = await fakeMount(treeWithLinks, { writable: true });
    const { path, outside, root } = mount;
    mkdirSync(join(outside, 'e'));
    writeFileSync(join(outside, 'e', 'g'), SECRET);
    withEntry(root.directory, 'd/e/g', true, ({ parent, name }) => {
      renameSync(join(path, 'd'), join(path, 'old-d'));
      symlinkSync(outside, join(path, 'd'));
      expect(readFileSync(parent.entry(name), 'utf8')).toBe('g');
    });
    expect(contentAt(mount, 'd/e/g')).toBe('error: not-permitted');
  });

  it('does not lead a guest out when the last entry becomes a link', async () => {
    await using mount = await fakeMount(treeWithLinks, { writable: true });
    const { path, outside, root } = mount;
    const swap = (): void => {
      renameSync(join(path, 'f'), join(path, 'old-f'));
      symlinkSync(join(outside, 'secret'), join(path, 'f'));
    };
    const directory = new SwappingDirectory(root.directory, swap);
    const open = (): unknown =>
      openAt(new Descriptor(directory, true, guestQuotas()), { symlinkFollow: true }, 'f', NO_FLAGS, {
        ...READ,
        ...NO_SYNC,
      });
    expect(codeOf(open)).toBe('loop');
    directory.release();
  });

  it('comes back by `..` to the directory it came from, not to where that has been moved', async () => {
    await using mount = await fakeMount(treeWithLinks, { writable: true });
    const { path, outside, root } = mount;
    withEntry(root.directory, 'd/e', true, ({ parent }) => {
      renameSync(join(path, 'd'), join(outside, 'taken'));
      const taken = new Descriptor(parent.hold(), true, guestQuotas());
      expect(codeOf(() => statAt(taken, { symlinkFollow: true }, 'e/../../secret'))).toBe('not-permitted');
      expect(statAt(taken, { symlinkFollow: true }, 'e/../e/g').size).toBe(1n);
      taken[Symbol.dispose]();
    });
  });
});

/** Does something between finding the last entry and using it. */
class SwappingDirectory extends OpenDirectory {
  readonly #swap: () => void;
  #asked = 0;

  constructor({ anchor, path, anchorOf }: OpenDirectory, swap: () => void) {
    super(openSync(anchor, 'r'), path, anchorOf);
    this.#swap = swap;
  }

  override entry(name: string): string {
    this.#asked += 1;
    if (this.#asked === 2) {
      this.#swap();
    }
    return super.entry(name);
  }
}

function codeOf(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return errorCodeOf(error);
  }
}
