// wasi:filesystem 0.2 on the mounts of each component (spin-contract.md §4.11). How guests are kept inside their
// mounts is told in resolve.ts.
import type { HostCapability } from '../capability.ts';
import { preopens, types } from './host.ts';
import { closeMounts, openMounts, type Mount } from './mounts.ts';

/** Mounts by component id. */
type Mounts = Map<string, readonly Mount[]>;

export const wasiFilesystem: HostCapability<undefined, Mounts> = {
  id: 'wasi-filesystem',
  interfaces: ['wasi:filesystem/types@0.2.12', 'wasi:filesystem/preopens@0.2.12'],
  configKeys: [],
  parse: () => undefined,
  async open(_config, app) {
    const mounts: Mounts = new Map();
    try {
      for (const component of app.components) {
        mounts.set(component.id, openMounts(component));
      }
      return mounts;
    } catch (error) {
      closeAll(mounts);
      throw error;
    }
  },
  bind: (mounts, component) =>
    new Map([
      ['wasi:filesystem/types@0.2.12', { ...types, repeatable: !component.mounts.some(({ writable }) => writable) }],
      ['wasi:filesystem/preopens@0.2.12', preopens(mounts.get(component.id) ?? [])],
    ]),
  async close(mounts) {
    closeAll(mounts);
  },
};

function closeAll(mounts: Mounts): void {
  for (const opened of mounts.values()) {
    closeMounts(opened);
  }
}
