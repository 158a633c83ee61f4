// Which paths are inside a folder, and which guest paths are safe to write below one. Pure: works on text alone, so the
// caller must have resolved symlinks first.
import { isAbsolute, relative } from 'node:path';

/** Whether `path` is `folder` or below it. Both are absolute. */
export function isInside(folder: string, path: string): boolean {
  const steps = relative(folder, path);
  return steps === '' || (steps !== '..' && !steps.startsWith('../') && !isAbsolute(steps));
}

/**
 * The names of a guest path, its leading slashes dropped; undefined when the path would lead out of its root or cannot
 * be a path at all.
 */
export function guestPathNames(path: string): string[] | undefined {
  const names = path.split('/').filter((name) => name !== '' && name !== '.');
  return names.includes('..') || path.includes('\0') ? undefined : names;
}
