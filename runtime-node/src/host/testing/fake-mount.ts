// A mount in a temporary directory, seen as a guest sees it: through the function table, from its preopened directory.
import { mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Guest } from '../guest.ts';
import type { Descriptor, DescriptorFlags } from '../wasi-filesystem/descriptor.ts';
import { wasiFilesystem } from '../wasi-filesystem/index.ts';
import type { OpenFlags } from '../wasi-filesystem/open-at.ts';
import { callHost, type CallHost } from './call-host.ts';
import { fakeApp } from './fake-app.ts';
import { fakeGuest } from './fake-guest.ts';

export interface FakeMount extends AsyncDisposable {
  /** Where the mount is on the host; beside it, outside of the mount, tests may put what must stay out of reach. */
  readonly path: string;
  readonly outside: string;
  readonly guest: Guest;
  readonly root: Descriptor;
  readonly call: CallHost;
  /** open-at from the root, following links unless told otherwise. */
  open(path: string, flags?: Partial<DescriptorFlags & OpenFlags & { readonly symlinkFollow: boolean }>): OpenAnswer;
}

type OpenAnswer = { readonly tag: 'ok'; readonly val: Descriptor } | { readonly tag: 'err'; readonly val: string };

export async function fakeMount(
  fill: (path: string, outside: string) => void,
  { writable = false }: { writable?: boolean } = {},
): Promise<FakeMount> {
  const outside = realpathSync(mkdtempSync(join(tmpdir(), 'spindle-mount-')));
  const path = mkdtempSync(join(outside, 'inside-'));
  fill(path, outside);
  const { guest, component } = fakeGuest({ mounts: [{ guestPath: '/', hostPath: path, writable }] });
  const mounts = await wasiFilesystem.open(undefined, fakeApp({ components: [component] }));
  const bound = wasiFilesystem.bind(mounts, component);
  const call = callHost(bound.get('wasi:filesystem/types@0.2.12'), guest);
  const preopens = callHost(bound.get('wasi:filesystem/preopens@0.2.12'), guest);
  const [[root]] = preopens<[[Descriptor, string]]>('get-directories');
  return {
    path,
    outside,
    guest,
    root,
    call,
    open(target, flags = {}) {
      const { symlinkFollow = true, create = false, directory = false, exclusive = false, truncate = false } = flags;
      return call(
        '[method]descriptor.open-at',
        root,
        { symlinkFollow },
        target,
        { create, directory, exclusive, truncate },
        { read: true, write: false, ...flags },
      );
    },
    async [Symbol.asyncDispose]() {
      root[Symbol.dispose]();
      await wasiFilesystem.close?.(mounts);
      rmSync(outside, { recursive: true, force: true });
    },
  };
}

/** How many files this process holds open. */
export const openFileCount = (): number => readdirSync('/proc/self/fd').length;
