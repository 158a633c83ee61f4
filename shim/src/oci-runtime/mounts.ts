// A container's root file system: what the snapshotter asks to be mounted, as mount(2) takes it.
import { dirname, join, relative, sep } from 'node:path';
import type { Mount } from '../generated/mount_pb.ts';

export interface SystemMount {
  readonly source: string;
  readonly type: string;
  readonly flags: number;
  readonly data: string;
}

// linux/mount.h
const MS_RDONLY = 1;
const MS_BIND = 4096;
const MS_REC = 16_384;
export const MS_REMOUNT = 32;

const FLAGS: Readonly<Record<string, { readonly set?: number; readonly clear?: number }>> = {
  ro: { set: MS_RDONLY },
  rw: { clear: MS_RDONLY },
  bind: { set: MS_BIND },
  rbind: { set: MS_BIND | MS_REC },
  nosuid: { set: 2 },
  suid: { clear: 2 },
  nodev: { set: 4 },
  dev: { clear: 4 },
  noexec: { set: 8 },
  exec: { clear: 8 },
  sync: { set: 16 },
  async: { clear: 16 },
  dirsync: { set: 128 },
  noatime: { set: 1024 },
  atime: { clear: 1024 },
  nodiratime: { set: 2048 },
  relatime: { set: 1 << 21 },
  strictatime: { set: 1 << 24 },
  private: { set: 1 << 18 },
  slave: { set: 1 << 19 },
  shared: { set: 1 << 20 },
  defaults: {},
};

export function systemMount({ type, source, options }: Pick<Mount, 'type' | 'source' | 'options'>): SystemMount {
  let flags = type === 'bind' ? MS_BIND : 0;
  const data: string[] = [];
  for (const option of options) {
    const known = Object.hasOwn(FLAGS, option) ? FLAGS[option] : undefined;
    if (known === undefined) {
      data.push(option);
    } else {
      flags = (flags | (known.set ?? 0)) & ~(known.clear ?? 0);
    }
  }
  return { source, type, flags, data: data.join(',') };
}

/** A bind mount takes read-only and the like only when it is mounted again. */
export const needsRemount = ({ flags }: SystemMount): boolean =>
  (flags & MS_BIND) !== 0 && (flags & ~(MS_BIND | MS_REC)) !== 0;

/**
 * The kernel takes no more than a page of options, which the paths of an overlay's many layers exceed: they are written
 * relative to the folder that they share, which then has to be the working directory.
 */
export function shortened(mount: SystemMount): { readonly mount: SystemMount; readonly from: string | undefined } {
  const options = mount.data.split(',');
  const at = options.findIndex((option) => option.startsWith('lowerdir='));
  const layers = options[at]?.slice('lowerdir='.length).split(':') ?? [];
  const [first, ...others] = layers;
  if (mount.type !== 'overlay' || first === undefined || !layers.every((layer) => layer.startsWith('/'))) {
    return { mount, from: undefined };
  }
  let shared = dirname(first);
  while (!others.every((layer) => layer.startsWith(shared === '/' ? '/' : shared + sep))) {
    shared = dirname(shared);
  }
  const written = layers.map((layer) => relative(shared, layer)).join(':');
  return { mount: { ...mount, data: options.with(at, `lowerdir=${written}`).join(',') }, from: shared };
}

/** A target is below the root file system, whatever is in it. */
export const targetOf = (rootfs: string, { target }: Pick<Mount, 'target'>): string => join(rootfs, join('/', target));
