// The directories of the host that a component's guests get, opened once when the app is opened. What a directory is
// then, guests see until the app is closed, even if its path is renamed or mounted over.
import { constants, openSync, statSync } from 'node:fs';
import { UserError } from '@spindle/api';
import type { ComponentContext } from '../guest.ts';
import { errnoOf } from './errors.ts';
import { OpenDirectory, pathAnchor, procAnchor, type Anchor } from './handles.ts';

export interface Mount {
  readonly guestPath: string;
  readonly root: OpenDirectory;
  readonly writable: boolean;
}

export function openMounts(component: ComponentContext): Mount[] {
  const opened: Mount[] = [];
  try {
    for (const { guestPath, hostPath, writable } of component.mounts) {
      opened.push({ guestPath, root: openRoot(component.id, hostPath, guestPath), writable });
    }
    return opened;
  } catch (error) {
    closeMounts(opened);
    throw error;
  }
}

export function closeMounts(mounts: readonly Mount[]): void {
  for (const { root } of mounts) {
    root.release();
  }
}

/** The path given by the user may itself be a link. */
function openRoot(componentId: string, hostPath: string, guestPath: string): OpenDirectory {
  try {
    const fd = openSync(hostPath, constants.O_RDONLY | constants.O_DIRECTORY);
    return new OpenDirectory(fd, hostPath, anchorFor(fd));
  } catch (cause) {
    throw new UserError(`cannot mount ${hostPath} at ${guestPath} in component "${componentId}": ${reason(cause)}`, {
      code: 'SPK4005',
      file: hostPath,
      field: `component.${componentId}.files`,
      remedy: 'Mount a directory that exists and that this process may read.',
      cause,
    });
  }
}

function reason(cause: unknown): string {
  switch (errnoOf(cause)) {
    case 'ENOENT':
      return 'there is no such directory';
    case 'ENOTDIR':
      return 'it is not a directory';
    case 'EACCES':
      return 'this process may not read it';
    default:
      return cause instanceof Error ? cause.message : String(cause);
  }
}

/** Whether /proc is there is tried, not guessed: a container may hide it. */
function anchorFor(fd: number): Anchor {
  const held = statSync(`${procAnchor(fd, '')}/.`, { throwIfNoEntry: false, bigint: true });
  return held === undefined ? pathAnchor : procAnchor;
}
