// What guests may do, and what they are told when they may not. Safety of paths: resolve.test.ts; streams:
// file-streams.test.ts.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '@spindle/api';
import { describe, expect, it } from 'vitest';
import { IoError } from '../io/streams.ts';
import { callHost } from '../testing/call-host.ts';
import { fakeApp } from '../testing/fake-app.ts';
import { fakeComponent, fakeGuest } from '../testing/fake-guest.ts';
import { fakeMount, openFileCount, type FakeMount } from '../testing/fake-mount.ts';
import type { Descriptor } from './descriptor.ts';
import type { DirectoryEntryStream } from './directory-entry-stream.ts';
import { FileIoError } from './errors.ts';
import { wasiFilesystem } from './index.ts';

const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const ok = (val: unknown): object => ({ tag: 'ok', val });
const err = (val: string): object => ({ tag: 'err', val });
const FOLLOW = { symlinkFollow: true };
const NO_FOLLOW = { symlinkFollow: false };

function smallTree(path: string): void {
  writeFileSync(join(path, 'a.txt'), 'file a');
  mkdirSync(join(path, 'sub'));
  writeFileSync(join(path, 'sub', 'b.txt'), 'file b');
  symlinkSync('a.txt', join(path, 'link'));
  symlinkSync('/etc/passwd', join(path, 'absolute'));
}

function opened(mount: FakeMount, ...args: Parameters<FakeMount['open']>): Descriptor {
  const answer = mount.open(...args);
  if (answer.tag === 'err') {
    throw new Error(`cannot open: ${answer.val}`);
  }
  return answer.val;
}

function readAll(mount: FakeMount, path: string): string {
  using descriptor = opened(mount, path);
  const { val } = mount.call<{ val: [Uint8Array, boolean] }>('[method]descriptor.read', descriptor, 1000n, 0n);
  return decode(val[0]);
}

describe('a read-only mount', () => {
  it('is read as the guest expects', async () => {
    await using mount = await fakeMount(smallTree);
    expect(readAll(mount, 'a.txt')).toBe('file a');
    expect(readAll(mount, 'sub/b.txt')).toBe('file b');
    expect(readAll(mount, './sub/../link')).toBe('file a');
    expect(mount.open('none')).toEqual(err('no-entry'));
    expect(mount.open('a.txt/x')).toEqual(err('not-directory'));
    expect(mount.open('a.txt/')).toEqual(err('not-directory'));
    expect(mount.open('a.txt', { directory: true })).toEqual(err('not-directory'));
    expect(mount.open('sub', { directory: true, create: false })).toMatchObject({ tag: 'ok' });
  });

  it('reads parts of a file and tells the end', async () => {
    await using mount = await fakeMount(smallTree);
    using file = opened(mount, 'a.txt');
    const read = (length: bigint, offset: bigint): unknown => {
      const { tag, val } = mount.call<{ tag: string; val: [Uint8Array, boolean] }>(
        '[method]descriptor.read',
        file,
        length,
        offset,
      );
      return tag === 'ok' ? [decode(val[0]), val[1]] : val;
    };
    expect(read(2n, 1n)).toEqual(['il', false]);
    expect(read(100n, 5n)).toEqual(['a', false]);
    expect(read(100n, 6n)).toEqual(['', true]);
    expect(read(0xffff_ffff_ffff_ffffn, 0n)).toEqual(['file a', false]);
    expect(read(1n, 0xffff_ffff_ffff_ffffn)).toBe('invalid');
  });

  it('shows metadata', async () => {
    await using mount = await fakeMount((path) => {
      smallTree(path);
      utimesSync(join(path, 'a.txt'), 1000, 2000.5);
    });
    using file = opened(mount, 'a.txt');
    const seen = {
      type: 'regular-file',
      linkCount: 1n,
      size: 6n,
      dataAccessTimestamp: { seconds: 1000n, nanoseconds: 0 },
      dataModificationTimestamp: { seconds: 2000n, nanoseconds: 500_000_000 },
    };
    expect(mount.call('[method]descriptor.stat', file)).toMatchObject(ok(seen));
    expect(mount.call('[method]descriptor.stat-at', mount.root, FOLLOW, 'link')).toMatchObject(ok(seen));
    const link = mount.call('[method]descriptor.stat-at', mount.root, NO_FOLLOW, 'link');
    expect(link).toMatchObject(ok({ type: 'symbolic-link', size: 5n }));
    const directory = mount.call('[method]descriptor.stat', mount.root);
    expect(directory).toMatchObject(ok({ type: 'directory', linkCount: 3n }));
    expect(mount.call('[method]descriptor.stat-at', mount.root, FOLLOW, '.')).toMatchObject(ok({ type: 'directory' }));
    expect(mount.call('[method]descriptor.get-type', file)).toEqual(ok('regular-file'));
    expect(mount.call('[method]descriptor.stat-at', file, FOLLOW, 'x')).toEqual(err('not-directory'));
  });

  it('tells the same object and the same metadata by any path', async () => {
    await using mount = await fakeMount(smallTree);
    using file = opened(mount, 'a.txt');
    using same = opened(mount, 'sub/../link');
    using other = opened(mount, 'sub/b.txt');
    const { call } = mount;
    expect(call('[method]descriptor.is-same-object', file, same)).toBe(true);
    expect(call('[method]descriptor.is-same-object', file, other)).toBe(false);
    const hash = call('[method]descriptor.metadata-hash', file);
    expect(call('[method]descriptor.metadata-hash', same)).toEqual(hash);
    expect(call('[method]descriptor.metadata-hash-at', mount.root, FOLLOW, 'link')).toEqual(hash);
    expect(call('[method]descriptor.metadata-hash-at', mount.root, NO_FOLLOW, 'link')).not.toEqual(hash);
    expect(call('[method]descriptor.metadata-hash', other)).not.toEqual(hash);
    writeFileSync(join(mount.path, 'a.txt'), 'changed');
    expect(call('[method]descriptor.metadata-hash', file)).not.toEqual(hash);
  });

  it('lists a directory with types', async () => {
    await using mount = await fakeMount(smallTree);
    expect(list(mount, mount.root)).toEqual([
      ['a.txt', 'regular-file'],
      ['absolute', 'symbolic-link'],
      ['link', 'symbolic-link'],
      ['sub', 'directory'],
    ]);
    using file = opened(mount, 'a.txt');
    expect(mount.call('[method]descriptor.read-directory', file)).toEqual(err('not-directory'));
  });

  it('lists a directory with more entries than one read of the kernel gives', async () => {
    await using mount = await fakeMount((path) => {
      for (let index = 0; index < 300; index++) {
        writeFileSync(join(path, `f${index}`), '');
      }
    });
    expect(list(mount, mount.root)).toHaveLength(300);
  });

  it('tells of a name that is no text, and goes on', async () => {
    await using mount = await fakeMount((path) => {
      writeFileSync(Buffer.concat([Buffer.from(`${path}/`), Buffer.from([0xff, 0xfe])]), '');
      writeFileSync(join(path, 'good'), '');
    });
    const { val } = mount.call<{ val: DirectoryEntryStream }>('[method]descriptor.read-directory', mount.root);
    const answers = [1, 2, 3].map(() => mount.call('[method]directory-entry-stream.read-directory-entry', val));
    val[Symbol.dispose]();
    expect(answers).toContainEqual(err('illegal-byte-sequence'));
    expect(answers).toContainEqual(ok({ name: 'good', type: 'regular-file' }));
    expect(answers.at(-1)).toEqual(ok(undefined));
  });

  it('reads relative links and refuses absolute ones', async () => {
    await using mount = await fakeMount(smallTree);
    const read = (path: string): unknown => mount.call('[method]descriptor.readlink-at', mount.root, path);
    expect(read('link')).toEqual(ok('a.txt'));
    expect(read('absolute')).toEqual(err('not-permitted'));
    expect(read('a.txt')).toEqual(err('invalid'));
    expect(read('none')).toEqual(err('no-entry'));
  });

  it.each<[string, (mount: FakeMount) => unknown]>([
    ['create a file', ({ open }) => open('new', { create: true, write: true })],
    ['open a file for writing', ({ open }) => open('a.txt', { write: true })],
    ['truncate a file', ({ open }) => open('a.txt', { truncate: true })],
    ['open a directory for changing it', ({ open }) => open('sub', { mutateDirectory: true })],
    ['make a directory', ({ call, root }) => call('[method]descriptor.create-directory-at', root, 'new')],
    ['remove a directory', ({ call, root }) => call('[method]descriptor.remove-directory-at', root, 'sub')],
    ['unlink a file', ({ call, root }) => call('[method]descriptor.unlink-file-at', root, 'a.txt')],
    ['rename', ({ call, root }) => call('[method]descriptor.rename-at', root, 'a.txt', root, 'c.txt')],
    ['link', ({ call, root }) => call('[method]descriptor.link-at', root, NO_FOLLOW, 'a.txt', root, 'c.txt')],
    ['make a symbolic link', ({ call, root }) => call('[method]descriptor.symlink-at', root, 'a.txt', 'c')],
    [
      'set times by path',
      ({ call, root }) =>
        call('[method]descriptor.set-times-at', root, FOLLOW, 'a.txt', { tag: 'now' }, { tag: 'now' }),
    ],
    ['set times', ({ call, root }) => call('[method]descriptor.set-times', root, { tag: 'now' }, { tag: 'now' })],
    ['write', (mount) => withFile(mount, (file) => mount.call('[method]descriptor.write', file, encode('x'), 0n))],
    ['set a size', (mount) => withFile(mount, (file) => mount.call('[method]descriptor.set-size', file, 0n))],
  ])('does not let a guest %s', async (_what, act) => {
    await using mount = await fakeMount(smallTree);
    expect(act(mount)).toEqual(err('not-permitted'));
    expect(list(mount, mount.root)).toHaveLength(4);
    expect(readFileSync(join(mount.path, 'a.txt'), 'utf8')).toBe('file a');
  });

  it('gives no stream to write to', async () => {
    await using mount = await fakeMount(smallTree);
    const write = (name: string, ...args: unknown[]): unknown =>
      withFile(mount, (file) => mount.call(`[method]descriptor.${name}`, file, ...args));
    expect(write('write-via-stream', 0n)).toEqual(err('bad-descriptor'));
    expect(write('append-via-stream')).toEqual(err('bad-descriptor'));
  });

  it('says so in the flags of its descriptors', async () => {
    await using mount = await fakeMount(smallTree);
    const none = { fileIntegritySync: false, dataIntegritySync: false, requestedWriteSync: false };
    const flags = (descriptor: Descriptor): unknown => mount.call('[method]descriptor.get-flags', descriptor);
    expect(flags(mount.root)).toEqual(ok({ ...none, read: true, write: false, mutateDirectory: false }));
    expect(withFile(mount, flags)).toEqual(ok({ ...none, read: true, write: false, mutateDirectory: false }));
  });

  it('does not open pipes and devices, which could hold up everyone', async () => {
    await using mount = await fakeMount((path) => execFileSync('/usr/bin/mkfifo', [join(path, 'pipe')]));
    expect(mount.open('pipe')).toEqual(err('not-permitted'));
    const stat = mount.call('[method]descriptor.stat-at', mount.root, FOLLOW, 'pipe');
    expect(stat).toMatchObject(ok({ type: 'fifo' }));
  });

  it('ignores advice on files and knows that directories have no data', async () => {
    await using mount = await fakeMount(smallTree);
    const advise = (descriptor: Descriptor): unknown =>
      mount.call('[method]descriptor.advise', descriptor, 0n, 10n, 'will-need');
    expect(withFile(mount, advise)).toEqual(ok(undefined));
    expect(advise(mount.root)).toEqual(err('bad-descriptor'));
  });
});

const writable = (fill = smallTree): Promise<FakeMount> => fakeMount(fill, { writable: true });

const at = (seconds: bigint, nanoseconds: number) => ({ tag: 'timestamp', val: { seconds, nanoseconds } });

describe('a writable mount', () => {
  it('creates, writes, reads back, truncates and removes files', async () => {
    await using mount = await writable();
    using file = opened(mount, 'new', { create: true, write: true });
    expect(mount.call('[method]descriptor.write', file, encode('hello world'), 0n)).toEqual(ok(11n));
    expect(mount.call('[method]descriptor.write', file, encode('W'), 6n)).toEqual(ok(1n));
    expect(readAll(mount, 'new')).toBe('hello World');
    expect(mount.call('[method]descriptor.set-size', file, 5n)).toEqual(ok(undefined));
    expect(readAll(mount, 'new')).toBe('hello');
    opened(mount, 'new', { truncate: true })[Symbol.dispose]();
    expect(readAll(mount, 'new')).toBe('');
    expect(mount.call('[method]descriptor.unlink-file-at', mount.root, 'new')).toEqual(ok(undefined));
    expect(mount.open('new')).toEqual(err('no-entry'));
  });

  it('takes a long write in part and says how much', async () => {
    await using mount = await writable();
    using file = opened(mount, 'new', { create: true, write: true });
    expect(mount.call('[method]descriptor.write', file, new Uint8Array(100_000), 0n)).toEqual(ok(65_536n));
  });

  it('refuses to write where no file can be that long', async () => {
    await using mount = await writable();
    using file = opened(mount, 'new', { create: true, write: true });
    expect(mount.call('[method]descriptor.write', file, encode('x'), 1n << 62n)).toEqual(err('file-too-large'));
    expect(mount.call('[method]descriptor.set-size', file, 1n << 62n)).toEqual(err('file-too-large'));
  });

  it.each([
    ['a.txt', { create: true, exclusive: true, write: true }, 'exist'],
    ['link', { create: true, exclusive: true, write: true }, 'exist'],
    ['link', { create: true, write: true, symlinkFollow: false }, 'loop'],
    ['sub', { write: true }, 'is-directory'],
    ['new/', { create: true, write: true }, 'is-directory'],
    ['sub', { directory: true, create: true }, 'invalid'],
    ['none/new', { create: true, write: true }, 'no-entry'],
    ['a.txt', { write: true, fileIntegritySync: true }, 'unsupported'],
    ['x'.repeat(300), { create: true, write: true }, 'name-too-long'],
    ['x/'.repeat(3000), { create: true, write: true }, 'name-too-long'],
    ['', {}, 'no-entry'],
    ['a\0b', {}, 'invalid'],
  ] as const)('answers open-at %o with %o by an error', async (path, flags, code) => {
    await using mount = await writable();
    expect(mount.open(path, flags)).toEqual(err(code));
  });

  it('keeps to the way a file was opened', async () => {
    await using mount = await writable();
    using toRead = opened(mount, 'a.txt');
    expect(mount.call('[method]descriptor.write', toRead, encode('x'), 0n)).toEqual(err('bad-descriptor'));
    expect(mount.call('[method]descriptor.write-via-stream', toRead, 0n)).toEqual(err('bad-descriptor'));
    using toWrite = opened(mount, 'a.txt', { read: false, write: true });
    expect(mount.call('[method]descriptor.read', toWrite, 1n, 0n)).toEqual(err('bad-descriptor'));
    expect(mount.call('[method]descriptor.read-via-stream', toWrite, 0n)).toEqual(err('bad-descriptor'));
    expect(mount.call('[method]descriptor.get-flags', toWrite)).toMatchObject(ok({ read: false, write: true }));
    expect(mount.call('[method]descriptor.get-flags', mount.root)).toMatchObject(ok({ mutateDirectory: true }));
  });

  it('makes and removes directories', async () => {
    await using mount = await writable();
    const call = (name: string, path: string): unknown => mount.call(`[method]descriptor.${name}`, mount.root, path);
    expect(call('create-directory-at', 'd')).toEqual(ok(undefined));
    expect(call('create-directory-at', 'd')).toEqual(err('exist'));
    expect(call('create-directory-at', 'd/e/')).toEqual(ok(undefined));
    expect(call('create-directory-at', '.')).toEqual(err('exist'));
    expect(call('remove-directory-at', 'd')).toEqual(err('not-empty'));
    expect(call('remove-directory-at', 'd/e')).toEqual(ok(undefined));
    expect(call('remove-directory-at', 'a.txt')).toEqual(err('not-directory'));
    expect(call('remove-directory-at', 'd/.')).toEqual(err('invalid'));
    expect(call('remove-directory-at', 'd')).toEqual(ok(undefined));
    expect(call('unlink-file-at', 'sub')).toEqual(err('is-directory'));
    expect(call('unlink-file-at', 'a.txt/')).toEqual(err('not-directory'));
    expect(existsSync(join(mount.path, 'd'))).toBe(false);
  });

  it('renames within and between directories', async () => {
    await using mount = await writable();
    using sub = opened(mount, 'sub');
    const rename = (from: string, base: Descriptor, to: string): unknown =>
      mount.call('[method]descriptor.rename-at', mount.root, from, base, to);
    expect(rename('a.txt', sub, 'moved')).toEqual(ok(undefined));
    expect(readAll(mount, 'sub/moved')).toBe('file a');
    expect(rename('sub/moved', mount.root, 'x/')).toEqual(err('not-directory'));
    expect(rename('none', mount.root, 'x')).toEqual(err('no-entry'));
    expect(rename('sub/moved', mount.root, '../x')).toEqual(err('not-permitted'));
    expect(rename('sub', mount.root, 'renamed/')).toEqual(ok(undefined));
    expect(readAll(mount, 'renamed/moved')).toBe('file a');
  });

  it('makes hard and symbolic links', async () => {
    await using mount = await writable();
    const { call, root } = mount;
    expect(call('[method]descriptor.link-at', root, NO_FOLLOW, 'a.txt', root, 'hard')).toEqual(ok(undefined));
    expect(call('[method]descriptor.link-at', root, FOLLOW, 'a.txt', root, 'hard2')).toEqual(err('invalid'));
    expect(statSync(join(mount.path, 'a.txt')).nlink).toBe(2);
    expect(call('[method]descriptor.symlink-at', root, '../a.txt', 'sub/soft')).toEqual(ok(undefined));
    expect(readAll(mount, 'sub/soft')).toBe('file a');
    expect(call('[method]descriptor.symlink-at', root, '/etc', 'soft')).toEqual(err('not-permitted'));
    expect(call('[method]descriptor.symlink-at', root, 'a\0', 'soft')).toEqual(err('invalid'));
    expect(call('[method]descriptor.symlink-at', root, 'a.txt', 'soft/')).toEqual(err('no-entry'));
    expect(call('[method]descriptor.symlink-at', root, 'a.txt', 'link')).toEqual(err('exist'));
  });

  it('sets times, keeps times, and refuses times beyond all file systems', async () => {
    await using mount = await writable((path) => {
      smallTree(path);
      utimesSync(join(path, 'a.txt'), 1000, 2000);
    });
    const set = (path: string, follow: boolean, ...times: unknown[]): unknown =>
      mount.call('[method]descriptor.set-times-at', mount.root, { symlinkFollow: follow }, path, ...times);
    expect(set('link', true, { tag: 'no-change' }, at(3000n, 250_000_000))).toEqual(ok(undefined));
    const { atimeMs, mtimeMs } = statSync(join(mount.path, 'a.txt'));
    expect([atimeMs, mtimeMs]).toEqual([1_000_000, 3_000_250]);
    expect(set('link', false, at(5n, 0), at(6n, 0))).toEqual(ok(undefined));
    const link = mount.call('[method]descriptor.stat-at', mount.root, NO_FOLLOW, 'link');
    expect(link).toMatchObject(ok({ dataModificationTimestamp: { seconds: 6n } }));
    expect(statSync(join(mount.path, 'a.txt')).mtimeMs).toBe(3_000_250);
    const before = Date.now() / 1000;
    using file = opened(mount, 'a.txt');
    expect(mount.call('[method]descriptor.set-times', file, { tag: 'now' }, { tag: 'no-change' })).toEqual(
      ok(undefined),
    );
    expect(statSync(join(mount.path, 'a.txt')).atimeMs).toBeGreaterThanOrEqual(before * 1000 - 1);
    expect(set('a.txt', true, at(1n << 50n, 0), at(0n, 0))).toEqual(err('overflow'));
  });

  it('waits in the thread pool for the disk', async () => {
    await using mount = await writable();
    const file = opened(mount, 'a.txt', { write: true });
    const both = [mount.call('[method]descriptor.sync', file), mount.call('[method]descriptor.sync-data', file)];
    file[Symbol.dispose]();
    expect(both[0]).toBeInstanceOf(Promise);
    expect(await Promise.all(both)).toEqual([ok(undefined), ok(undefined)]);
  });
});

describe('files that are open', () => {
  it('are closed when the guest drops them, also after errors', async () => {
    const mount = await fakeMount(smallTree);
    const before = openFileCount();
    const file = opened(mount, 'sub/../sub/b.txt');
    const directory = opened(mount, 'sub');
    const { val: entries } = mount.call<{ val: DirectoryEntryStream }>('[method]descriptor.read-directory', directory);
    expect(openFileCount()).toBe(before + 3);
    mount.open('sub/none/x');
    mount.open('sub/../../x');
    mount.open('sub/b.txt/x');
    for (const resource of [file, directory, entries]) {
      resource[Symbol.dispose]();
    }
    expect(openFileCount()).toBe(before);
    await mount[Symbol.asyncDispose]();
    expect(openFileCount()).toBe(before - 1);
  });
});

describe('the capability', () => {
  it('gives no directories to a component without mounts', async () => {
    const { guest, component } = fakeGuest();
    const mounts = await wasiFilesystem.open(undefined, fakeApp({ components: [component] }));
    const bound = wasiFilesystem.bind(mounts, component);
    expect([...bound.keys()]).toEqual([...wasiFilesystem.interfaces]);
    expect(callHost(bound.get('wasi:filesystem/preopens@0.2.12'), guest)('get-directories')).toEqual([]);
  });

  it.each([
    ['/no/such/directory', 'there is no such directory'],
    ['/etc/passwd', 'it is not a directory'],
  ])('refuses at start to mount %s', async (hostPath, reason) => {
    const before = openFileCount();
    const good = { guestPath: '/', hostPath: '/etc', writable: false };
    const component = fakeComponent({ id: 'site', mounts: [good, { guestPath: '/data', hostPath, writable: false }] });
    const opening = wasiFilesystem.open(undefined, fakeApp({ components: [component] }));
    await expect(opening).rejects.toThrow(UserError);
    await expect(opening).rejects.toThrow(`cannot mount ${hostPath} at /data in component "site": ${reason}`);
    expect(openFileCount()).toBe(before);
  });

  it('keeps guests in the directory it opened, even when another takes its place', async () => {
    await using mount = await fakeMount(smallTree);
    execFileSync('mv', [mount.path, `${mount.path}-old`]);
    symlinkSync('/etc', mount.path);
    expect(readAll(mount, 'a.txt')).toBe('file a');
    expect(mount.open('passwd')).toEqual(err('no-entry'));
  });

  it('gives the code behind an error of a file stream, and none for others', async () => {
    await using mount = await fakeMount(smallTree);
    expect(mount.call('filesystem-error-code', new FileIoError('insufficient-space'))).toBe('insufficient-space');
    expect(mount.call('filesystem-error-code', new IoError('cable cut'))).toBeUndefined();
  });
});

function withFile(mount: FakeMount, use: (file: Descriptor) => unknown): unknown {
  using file = opened(mount, 'a.txt');
  return use(file);
}

function list(mount: FakeMount, directory: Descriptor): [string, string][] {
  const { val: stream } = mount.call<{ val: DirectoryEntryStream }>('[method]descriptor.read-directory', directory);
  using entries = stream;
  const found: [string, string][] = [];
  for (;;) {
    const { val } = mount.call<{ val: { name: string; type: string } | undefined }>(
      '[method]directory-entry-stream.read-directory-entry',
      entries,
    );
    if (val === undefined) {
      return found.toSorted(([a], [b]) => (a < b ? -1 : 1));
    }
    found.push([val.name, val.type]);
  }
}
