import { describe, expect, it } from 'vitest';
import { needsRemount, shortened, systemMount, targetOf } from './mounts.ts';

const layers = (...numbers: number[]): string => numbers.map((one) => `/var/lib/snapshots/${one}/fs`).join(':');

describe('mounts of a root file system', () => {
  it.each([
    [{ type: 'bind', source: '/a', options: ['rbind', 'ro'] }, { flags: 4096 | 16_384 | 1, data: '' }, true],
    [{ type: 'bind', source: '/a', options: ['rbind', 'rw'] }, { flags: 4096 | 16_384, data: '' }, false],
    [
      { type: 'overlay', source: 'overlay', options: ['index=off', 'lowerdir=/x'] },
      { flags: 0, data: 'index=off,lowerdir=/x' },
      false,
    ],
    [
      { type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'size=4k', 'constructor'] },
      { flags: 2, data: 'size=4k,constructor' },
      false,
    ],
  ])('are flags and data (%o)', (mount, expected, again) => {
    const made = systemMount(mount);
    expect(made).toEqual({ source: mount.source, type: mount.type, ...expected });
    expect(needsRemount(made)).toBe(again);
  });

  it('of an overlay name their layers from the folder that these share', () => {
    const mount = systemMount({
      type: 'overlay',
      source: 'overlay',
      options: [`lowerdir=${layers(3, 22, 1)}`, 'upperdir=/u'],
    });
    expect(shortened(mount)).toEqual({
      mount: { ...mount, data: 'lowerdir=3/fs:22/fs:1/fs,upperdir=/u' },
      from: '/var/lib/snapshots',
    });
    const one = systemMount({ type: 'overlay', source: 'overlay', options: ['lowerdir=/a/b'] });
    expect(shortened(one)).toEqual({ mount: { ...one, data: 'lowerdir=b' }, from: '/a' });
    const apart = systemMount({ type: 'overlay', source: 'overlay', options: ['lowerdir=/a/b:/c/d'] });
    expect(shortened(apart)).toEqual({ mount: { ...apart, data: 'lowerdir=a/b:c/d' }, from: '/' });
  });

  it('stay below the root file system', () => {
    expect(targetOf('/bundle/rootfs', { target: '../../etc' })).toBe('/bundle/rootfs/etc');
    expect(targetOf('/bundle/rootfs', { target: '' })).toBe('/bundle/rootfs/');
  });
});
