// wasi:filesystem 0.2 and 0.3 on the mounts of each component (spin-contract.md §4.11). How guests are kept inside their
// mounts is told in resolve.ts.
import type { HostCapability } from '../capability.ts';
import { asyncTypes } from './async-host.ts';
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
    interfaces: [
      'wasi:filesystem/types@0.2.12',
      'wasi:filesystem/preopens@0.2.12',
      'wasi:filesystem/types@0.3.0',
      'wasi:filesystem/preopens@0.3.0',
    ],
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
    bind({ mounts, quota }, component) {
      const repeatable = !component.mounts.some(({ writable }) => writable);
      const opened = preopens(mounts.get(component.id) ?? [], quota);
      return new Map([
        ['wasi:filesystem/types@0.2.12', { ...types, repeatable }],
        ['wasi:filesystem/preopens@0.2.12', opened],
        ['wasi:filesystem/types@0.3.0', { ...asyncTypes, repeatable }],
        ['wasi:filesystem/preopens@0.3.0', opened],
      ]);
    },
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
