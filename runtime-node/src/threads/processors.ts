// How many processors this process may use: those that the system lets it run on, and no more than the quota of its
// cgroup and of those above it, rounded up.
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

export interface CpuFacts {
  /** `os.availableParallelism()` */
  readonly available: number;
  /** Content of a file below /proc or /sys; undefined when it is not there. */
  readonly read: (path: string) => string | undefined;
}

/** At least 1. */
export function usableProcessors({ available, read }: CpuFacts): number {
  const quotas = cgroupsOf(read('/proc/self/cgroup') ?? '').flatMap(({ controllers, path }) =>
    foldersOf(path).flatMap((folder) => quotaOf(controllers, folder, read) ?? []),
  );
  return Math.max(1, Math.min(available, ...quotas.map(Math.ceil)));
}

interface Cgroup {
  /** Empty in version 2, where one hierarchy has all controllers. */
  readonly controllers: string;
  readonly path: string;
}

/** Lines of cgroups(7): `0::/a/b` or `4:cpu,cpuacct:/a/b`. */
const cgroupsOf = (text: string): Cgroup[] =>
  [...text.matchAll(/^\d+:(?<controllers>[^:]*):(?<path>\/.*)$/gm)].flatMap(({ groups }) => {
    const { controllers = '', path = '/' } = groups ?? {};
    return controllers === '' || controllers.split(',').includes('cpu') ? [{ controllers, path }] : [];
  });

/** The group itself and all above it, as folders; a container sees its own group as the root, whatever its path says. */
function foldersOf(path: string): string[] {
  const parts = path.split('/').filter((part) => part !== '' && part !== '..');
  return Array.from({ length: parts.length + 1 }, (_, above) =>
    ['', ...parts.slice(0, parts.length - above)].join('/'),
  );
}

/** In processors. */
function quotaOf(controllers: string, folder: string, read: CpuFacts['read']): number | undefined {
  if (controllers === '') {
    const [quota, period] = (read(`/sys/fs/cgroup${folder}/cpu.max`) ?? '').trim().split(' ');
    return ratio(quota, period);
  }
  const root = `/sys/fs/cgroup/cpu${folder}`;
  return ratio(read(`${root}/cpu.cfs_quota_us`), read(`${root}/cpu.cfs_period_us`));
}

/** `max` and -1 stand for no quota. */
function ratio(quota: string | undefined, period: string | undefined): number | undefined {
  const value = Number(quota) / Number(period);
  return value > 0 && value < Infinity ? value : undefined;
}

export const processorsHere = (): number => usableProcessors({ available: availableParallelism(), read: readIfThere });

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // expected: there are two versions of cgroups, and systems without
    return undefined;
  }
}
