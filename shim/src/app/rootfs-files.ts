// Looks for files in a container's root file system as the container will see them: links lead to places in it, never to the
// node's own.
import { closeSync, lstatSync, openSync, readlinkSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** As the kernel follows (path_resolution(7)). */
const MAX_LINKS = 40;

/** Where it lies on the node; undefined when there is none. */
export function findIn(rootfs: string, path: string): string | undefined {
  let rest = path.split('/').filter((name) => name !== '' && name !== '.');
  let place: string[] = [];
  for (let links = 0; rest.length > 0;) {
    const [name = '', ...others] = rest;
    rest = others;
    if (name === '..') {
      place = place.slice(0, -1);
      continue;
    }
    const found = lstatSync(join(rootfs, ...place, name), { throwIfNoEntry: false });
    if (found === undefined) {
      return undefined;
    }
    if (!found.isSymbolicLink()) {
      place = [...place, name];
      continue;
    }
    links += 1;
    if (links > MAX_LINKS) {
      return undefined;
    }
    const target = readlinkSync(join(rootfs, ...place, name));
    place = target.startsWith('/') ? [] : place;
    rest = [...target.split('/').filter((part) => part !== '' && part !== '.'), ...rest];
  }
  return join(rootfs, ...place);
}

const EXECUTABLE_BITS = 0o111;
const ELF = '\u007fELF';

/** An ELF file or a script, with the right to be run. */
export function isProgram(rootfs: string, command: string, path: string): boolean {
  const folders = command.includes('/') ? [''] : path.split(':');
  return folders.some((folder) => {
    const file = findIn(rootfs, `${folder}/${command}`);
    const found = file === undefined ? undefined : statSync(file, { throwIfNoEntry: false });
    if (file === undefined || found === undefined || !found.isFile() || (found.mode & EXECUTABLE_BITS) === 0) {
      return false;
    }
    const start = firstBytes(file);
    return start === ELF || start.startsWith('#!');
  });
}

function firstBytes(file: string): string {
  const fd = openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(ELF.length);
    return bytes.toString('latin1', 0, readSync(fd, bytes, 0, ELF.length, 0));
  } finally {
    closeSync(fd);
  }
}
