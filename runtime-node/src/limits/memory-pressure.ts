// Whether the memory of this process's control group is nearly used up: free instances are given back then, before the
// kernel ends the process. cgroup-v2 "memory.current", "memory.max"; cgroup-v1 "memory.usage_in_bytes".
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Above this part of what the group may have, memory is short. */
const SHORT = 0.9;

const ROOT = '/sys/fs/cgroup';

/** The files of one version of control groups, relative to the group's folder. */
interface Files {
  readonly folder: string;
  readonly current: string;
  readonly limit: string;
}

/** The text of a file, or undefined when it cannot be read. */
export type ReadText = (path: string) => string | undefined;

/** Looks now; false where no limit can be found. */
export function memoryIsShort(read: ReadText = readText): boolean {
  const files = memoryFiles(read('/proc/self/cgroup') ?? '');
  for (const { folder, current, limit } of files) {
    const used = bytesIn(read(join(folder, current)));
    const allowed = bytesIn(read(join(folder, limit)));
    if (used !== undefined && allowed !== undefined) {
      return used > allowed * SHORT;
    }
  }
  return false;
}

/**
 * Where to look, by the lines of /proc/self/cgroup: `0::/path` for version 2, `4:memory:/path` for version 1. In a
 * container the path is often that of the host, and the group's files stand at the root of the mount.
 */
function memoryFiles(groups: string): Files[] {
  const files: Files[] = [];
  for (const line of groups.split('\n')) {
    const [id, controllers = '', path = ''] = line.split(':');
    if (id === '0' && controllers === '') {
      const names = { current: 'memory.current', limit: 'memory.max' };
      files.push({ folder: join(ROOT, path), ...names }, { folder: ROOT, ...names });
    } else if (controllers.split(',').includes('memory')) {
      const names = { current: 'memory.usage_in_bytes', limit: 'memory.limit_in_bytes' };
      files.push({ folder: join(ROOT, 'memory', path), ...names }, { folder: join(ROOT, 'memory'), ...names });
    }
  }
  return files;
}

/** `max` is no limit, and so is what version 1 says in its place: more than any machine has. */
function bytesIn(text: string | undefined): number | undefined {
  const value = text === undefined || text.trim() === '' ? NaN : Number(text);
  return Number.isFinite(value) && value < Number.MAX_SAFE_INTEGER ? value : undefined;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // expected: not this version of control groups, or none at all
    return undefined;
  }
}
