// wasi:filesystem 0.2 on the mounts of each component (spin-contract.md §4.11). How guests are kept inside their
// mounts is told in resolve.ts.
import type { HostCapability } from '../capability.ts';
import { preopens, types } from './host.ts';
import { closeMounts, openMounts, type Mount } from './mounts.ts';
import { systemQuota, type Quota } from './quota.ts';

interface FilesystemState {
  /** By component id. */
  readonly mounts: Map<string, readonly Mount[]>;
  /** What all guests of this app have open in this thread. */
  readonly quota: Quota;
}

export function filesystemWithin(makeQuota: () => Quota): HostCapability<undefined, FilesystemState> {
  return {
    id: 'wasi-filesystem',
    interfaces: ['wasi:filesystem/types@0.2.12', 'wasi:filesystem/preopens@0.2.12'],
    configKeys: [],
    parse: () => undefined,
    async open(_config, app) {
      const state: FilesystemState = { mounts: new Map(), quota: makeQuota() };
      try {
        for (const component of app.components) {
          state.mounts.set(component.id, openMounts(component));
        }
        return state;
      } catch (error) {
        closeAll(state);
        throw error;
      }
    },
    bind: ({ mounts, quota }, component) =>
      new Map([
        ['wasi:filesystem/types@0.2.12', { ...types, repeatable: !component.mounts.some(({ writable }) => writable) }],
        ['wasi:filesystem/preopens@0.2.12', preopens(mounts.get(component.id) ?? [], quota)],
      ]),
    async close(state) {
      closeAll(state);
    },
  };
}

export const wasiFilesystem = filesystemWithin(systemQuota);

function closeAll({ mounts }: FilesystemState): void {
  for (const opened of mounts.values()) {
    closeMounts(opened);
  }
}
