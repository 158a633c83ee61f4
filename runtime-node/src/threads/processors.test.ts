import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { usableProcessors } from './processors.ts';

type Files = Readonly<Record<string, string>>;

const processors = (files: Files, available = 16): number =>
  usableProcessors({ available, read: (path) => files[path] });

const V2 = { '/proc/self/cgroup': '0::/\n' };
const V1 = { '/proc/self/cgroup': '9:memory:/docker/x\n4:cpu,cpuacct:/docker/x\n1:name=systemd:/docker/x\n' };
const V1_ROOT = '/sys/fs/cgroup/cpu';

it.each<[string, Files, number]>([
  ['nothing is known', {}, 16],
  ['version 2 has no quota', { ...V2, '/sys/fs/cgroup/cpu.max': 'max 100000\n' }, 16],
  ['the quota is whole', { ...V2, '/sys/fs/cgroup/cpu.max': '200000 100000\n' }, 2],
  ['the quota is not whole', { ...V2, '/sys/fs/cgroup/cpu.max': '150000 100000\n' }, 2],
  ['the quota is below one', { ...V2, '/sys/fs/cgroup/cpu.max': '10000 100000\n' }, 1],
  ['the quota is above what there is', { ...V2, '/sys/fs/cgroup/cpu.max': '9900000 100000\n' }, 16],
  [
    'a group further up has less',
    {
      '/proc/self/cgroup': '0::/kubepods/pod1/c\n',
      '/sys/fs/cgroup/kubepods/pod1/c/cpu.max': 'max 100000\n',
      '/sys/fs/cgroup/kubepods/pod1/cpu.max': '300000 100000\n',
      '/sys/fs/cgroup/kubepods/cpu.max': '800000 100000\n',
    },
    3,
  ],
  [
    'the path is that of the host, the files those of the container',
    { '/proc/self/cgroup': '0::/../../pod1/c\n', '/sys/fs/cgroup/cpu.max': '400000 100000\n' },
    4,
  ],
  [
    'version 1 has a quota, seen as in the container',
    { ...V1, [`${V1_ROOT}/cpu.cfs_quota_us`]: '250000\n', [`${V1_ROOT}/cpu.cfs_period_us`]: '100000\n' },
    3,
  ],
  [
    'version 1 has a quota, seen as on the host',
    {
      ...V1,
      [`${V1_ROOT}/docker/x/cpu.cfs_quota_us`]: '100000\n',
      [`${V1_ROOT}/docker/x/cpu.cfs_period_us`]: '100000\n',
    },
    1,
  ],
  [
    'version 1 has none',
    { ...V1, [`${V1_ROOT}/cpu.cfs_quota_us`]: '-1\n', [`${V1_ROOT}/cpu.cfs_period_us`]: '100000\n' },
    16,
  ],
])('when %s', (_, files, expected) => {
  expect(processors(files)).toBe(expected);
});

it('is from 1 to what the system has, whatever the files hold', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 512 }),
      fc.string(),
      fc.oneof(
        fc.string(),
        fc.tuple(fc.integer(), fc.integer()).map((pair) => pair.join(' ')),
      ),
      (available, cgroup, quota) => {
        const found = usableProcessors({
          available,
          read: (path) => (path === '/proc/self/cgroup' ? `0::/${cgroup}` : quota),
        });
        expect(Number.isInteger(found) && found >= 1 && found <= available).toBe(true);
      },
    ),
  );
});
