// The control group of a process: one folder in version 2, a folder per controller in version 1.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = '/sys/fs/cgroup';

export type CgroupPlace =
  | { readonly version: 2; readonly folder: string }
  | { readonly version: 1; readonly folders: Readonly<Record<string, string>> };

/** Undefined when the process is not there any more. */
export function cgroupOf(pid: number): CgroupPlace | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/cgroup`, 'utf8');
  } catch {
    // expected: it has ended.
    return undefined;
  }
  return placeFrom(text, existsSync(join(ROOT, 'cgroup.controllers')));
}

/** Lines of `hierarchy:controllers:path` (cgroups(7)). */
export function placeFrom(text: string, isUnified: boolean): CgroupPlace {
  const lines = text.split('\n').flatMap((line) => {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    return controllers === undefined || path === undefined ? [] : [{ controllers, path }];
  });
  if (isUnified) {
    const own = lines.find(({ controllers }) => controllers === '');
    return { version: 2, folder: join(ROOT, own?.path ?? '/') };
  }
  const folders = lines
    .filter(({ controllers }) => controllers !== '')
    .flatMap(({ controllers, path }) =>
      controllers.split(',').map((name) => [name.replace('name=', ''), join(ROOT, name.replace('name=', ''), path)]),
    );
  return { version: 1, folders: Object.fromEntries(folders) as Record<string, string> };
}

/** Where all its processes are listed. */
export const processFolder = (place: CgroupPlace): string | undefined =>
  place.version === 2 ? place.folder : (place.folders['pids'] ?? place.folders['memory'] ?? place.folders['cpu']);
