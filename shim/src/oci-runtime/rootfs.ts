// Mounts a container's root file system, and takes away whatever is mounted there.
import { mkdirSync, readFileSync } from 'node:fs';
import type { Libc } from '../ffi/index.ts';
import type { Mount } from '../generated/mount_pb.ts';
import { MS_REMOUNT, needsRemount, shortened, systemMount, targetOf } from './mounts.ts';

export function mountRootfs(libc: Pick<Libc, 'mount' | 'unmount'>, rootfs: string, mounts: readonly Mount[]): void {
  mkdirSync(rootfs, { recursive: true, mode: 0o711 });
  try {
    for (const one of mounts) {
      mountOne(libc, targetOf(rootfs, one), one);
    }
  } catch (error) {
    unmountAll(libc, rootfs);
    throw error;
  }
}

function mountOne(libc: Pick<Libc, 'mount'>, target: string, wanted: Mount): void {
  const { mount, from } = shortened(systemMount(wanted));
  inFolder(from, () => libc.mount({ ...mount, target }));
  if (needsRemount(mount)) {
    libc.mount({ ...mount, target, flags: mount.flags | MS_REMOUNT });
  }
}

/** Nothing else runs meanwhile: the call is synchronous, and there is one thread. */
function inFolder(folder: string | undefined, act: () => void): void {
  if (folder === undefined) {
    return act();
  }
  const before = process.cwd();
  process.chdir(folder);
  try {
    act();
  } finally {
    process.chdir(before);
  }
}

/** All that is mounted at the folder or below it, the last first. */
export function unmountAll(libc: Pick<Libc, 'unmount'>, folder: string): void {
  for (const target of mountPoints(readFileSync('/proc/self/mountinfo', 'utf8'), folder)) {
    libc.unmount(target);
  }
}

const MOUNT_POINT = 4;

/** proc(5): blanks, tabs, line ends and backslashes in paths are octal there. */
export const mountPoints = (mountinfo: string, folder: string): string[] =>
  mountinfo
    .split('\n')
    .flatMap((line) => line.split(' ')[MOUNT_POINT] ?? [])
    .map((path) =>
      path.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8))),
    )
    .filter((path) => path === folder || path.startsWith(`${folder}/`))
    .toReversed();
