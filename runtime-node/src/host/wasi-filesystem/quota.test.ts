// How much of the host's files a guest can take.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import type { Guest } from '../guest.ts';
import type { InputStream } from '../io/streams.ts';
import { callHost } from '../testing/call-host.ts';
import { fakeApp } from '../testing/fake-app.ts';
import { fakeGuest } from '../testing/fake-guest.ts';
import { fakeMount, openFileCount, type FakeMount } from '../testing/fake-mount.ts';
import type { Descriptor } from './descriptor.ts';
import type { DirectoryEntryStream } from './directory-entry-stream.ts';
import { filesystemWithin } from './index.ts';
import { MAX_OPEN, MAX_READERS, Quota, threadQuota } from './quota.ts';

const FULL = { tag: 'err', val: 'insufficient-memory' };

type Answer<T> = { readonly tag: 'ok'; readonly val: T } | { readonly tag: 'err'; readonly val: string };

function tree(path: string): void {
  writeFileSync(join(path, 'file'), 'content');
  mkdirSync(join(path, 'folder'));
}

/** Asks until it is refused; gives what it got, and the refusal. */
function untilRefused<T>(ask: () => Answer<T>): { readonly got: T[]; readonly refusal: unknown } {
  const got: T[] = [];
  for (;;) {
    const answer = ask();
    if (answer.tag === 'err') {
      return { got, refusal: answer };
    }
    got.push(answer.val);
  }
}

const drop = (things: readonly Disposable[]): void => things.forEach((thing) => thing[Symbol.dispose]());

const entriesOf = (mount: FakeMount): Answer<DirectoryEntryStream> =>
  mount.call('[method]descriptor.read-directory', mount.root);

describe('an instance', () => {
  it('opens so many files and folders and no more, until it drops some', async () => {
    await using mount = await fakeMount(tree);
    const before = openFileCount();
    for (const _ of [1, 2]) {
      const { got, refusal } = untilRefused(() => mount.open(Math.random() < 0.5 ? 'file' : 'folder'));
      expect([got.length, refusal]).toEqual([MAX_OPEN, FULL]);
      expect(openFileCount()).toBe(before + MAX_OPEN);
      drop(got);
      expect(openFileCount()).toBe(before);
    }
  });

  it('counts listings and streams that append among them', async () => {
    await using mount = await fakeMount(tree, { writable: true });
    const before = openFileCount();
    const { got: listings, refusal } = untilRefused(() => entriesOf(mount));
    expect([listings.length, refusal]).toEqual([MAX_OPEN, FULL]);
    expect(mount.open('file')).toEqual(FULL);
    listings.pop()?.[Symbol.dispose]();
    using file = mount.open('file', { write: true }).val as Descriptor;
    expect(mount.call('[method]descriptor.append-via-stream', file)).toEqual(FULL);
    drop(listings);
    expect(openFileCount()).toBe(before + 1);
  });

  it('counts nothing that could not be opened', async () => {
    await using mount = await fakeMount(tree);
    for (let tries = 0; tries < 2 * MAX_OPEN; tries += 1) {
      expect(mount.open('none')).toEqual({ tag: 'err', val: 'no-entry' });
    }
    using file = mount.open('file').val as Descriptor;
    expect(file.quotas.open.taken).toBe(1);
  });

  it('counts a file that a stream still reads after its descriptor was dropped', async () => {
    await using mount = await fakeMount(tree);
    const file = mount.open('file').val as Descriptor;
    const stream = mount.call<{ val: InputStream }>('[method]descriptor.read-via-stream', file, 0n).val;
    file[Symbol.dispose]();
    expect(file.quotas.open.taken).toBe(1);
    stream[Symbol.dispose]();
    expect(file.quotas.open.taken).toBe(0);
  });

  it('reads by so many streams at once and no more, however few the files', async () => {
    await using mount = await fakeMount(tree);
    using file = mount.open('file').val as Descriptor;
    for (const _ of [1, 2]) {
      const { got, refusal } = untilRefused(() =>
        mount.call<Answer<InputStream>>('[method]descriptor.read-via-stream', file, 0n),
      );
      expect([got.length, refusal]).toEqual([MAX_READERS, FULL]);
      drop(got);
    }
  });
});

describe('all instances together', () => {
  it('open no more than their thread may, and each has its own count', async () => {
    await using mount = await fakeMount(tree);
    const { component } = fakeGuest({ mounts: [{ guestPath: '/', hostPath: mount.path, writable: false }] });
    const filesystem = filesystemWithin(() => new Quota(10));
    const state = await filesystem.open(undefined, fakeApp({ components: [component] }));
    const bound = filesystem.bind(state, component);
    const opener = (guest: Guest) => {
      const call = callHost(bound.get('wasi:filesystem/types@0.2.12'), guest);
      const [[root]] = callHost(bound.get('wasi:filesystem/preopens@0.2.12'), guest)<[[Descriptor]]>('get-directories');
      const flags = { create: false, directory: false, exclusive: false, truncate: false };
      return () =>
        call<Answer<Descriptor>>('[method]descriptor.open-at', root, { symlinkFollow: true }, 'file', flags, {
          read: true,
          write: false,
        });
    };
    const [open, openOther] = [opener(fakeGuest().guest), opener(fakeGuest().guest)];
    const kept = [openOther(), openOther()].map(({ val }) => val as Descriptor);
    const { got, refusal } = untilRefused(open);
    expect([got.length, refusal]).toEqual([8, FULL]);
    expect(openOther()).toEqual(FULL);
    drop(got);
    expect(kept.map(({ quotas }) => quotas.open.taken)).toEqual([2, 2]);
    drop([...kept, openOther().val as Descriptor]);
    await filesystem.close?.(state);
  });

  it.each([
    ['Max open files            20000                20000                files', 2, 5000],
    ['Max processes 5 5\nMax open files            1024                 524288               files     \n', 4, 128],
    ['Max open files            1024                 4096                 files', 64, 64],
    ['Max open files            unlimited            unlimited            files', 8, Infinity],
    ['', 1, 512],
    [undefined, 2, 256],
  ])('may open a part of what the process may: %o in %d threads', (limits, threads, expected) => {
    expect(threadQuota(limits, threads)).toEqual(new Quota(expected));
  });
});

/** Acts at each depth of the stack, from where it ends to where it began. */
function atEachDepth(act: () => void): void {
  try {
    atEachDepth(act);
  } catch (error) {
    // expected: the end of the stack, met here or by `act` further down
    if (!(error instanceof RangeError)) {
      throw error;
    }
  }
  act();
}

/** Calls `act` below a frame whose size `pad` decides. */
function padded(pad: number, act: () => void): void {
  ((..._padding: unknown[]) => act())(...Array.from({ length: pad }));
}

describe('a guest at the very end of its stack', () => {
  it('leaves no file open and no place taken, wherever its calls end', async () => {
    await using mount = await fakeMount(tree);
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const before = openFileCount();
    let overflows = 0;
    for (let pad = 0; pad < 24; pad += 1) {
      // Further from the end nothing new happens.
      let left = 60;
      const open = (): void => {
        if (left === 0) {
          return;
        }
        try {
          drop([mount.open('folder').val as Descriptor]);
          left -= 1;
        } catch (error) {
          overflows += error instanceof RangeError ? 1 : Number.NaN;
        }
      };
      padded(pad, () => atEachDepth(open));
    }
    expect(overflows).toBeGreaterThan(100);
    for (let round = 0; round < 5 && openFileCount() > before; round += 1) {
      collect();
      await new Promise(setImmediate);
    }
    expect(openFileCount()).toBe(before);
    using file = mount.open('file').val as Descriptor;
    expect(file.quotas.open.taken).toBe(1);
  });
});
