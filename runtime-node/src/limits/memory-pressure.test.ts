import { expect, it } from 'vitest';
import { memoryIsShort } from './memory-pressure.ts';

const GIB = 2 ** 30;

const from =
  (files: Readonly<Record<string, string>>) =>
  (path: string): string | undefined =>
    files[path];

const V2 = '0::/kubepods/pod1\n';
const V1 = '12:cpu,cpuacct:/x\n4:memory:/kubepods/pod1\n1:name=systemd:/x\n';

it.each<[string, Readonly<Record<string, string>>, boolean]>([
  [
    'most of it is used',
    {
      '/proc/self/cgroup': V2,
      '/sys/fs/cgroup/kubepods/pod1/memory.current': `${0.95 * GIB}\n`,
      '/sys/fs/cgroup/kubepods/pod1/memory.max': `${GIB}\n`,
    },
    true,
  ],
  [
    'half of it is used',
    {
      '/proc/self/cgroup': V2,
      '/sys/fs/cgroup/kubepods/pod1/memory.current': `${0.5 * GIB}\n`,
      '/sys/fs/cgroup/kubepods/pod1/memory.max': `${GIB}\n`,
    },
    false,
  ],
  [
    'the group has no limit',
    {
      '/proc/self/cgroup': V2,
      '/sys/fs/cgroup/kubepods/pod1/memory.current': '100\n',
      '/sys/fs/cgroup/kubepods/pod1/memory.max': 'max\n',
    },
    false,
  ],
  [
    'the files stand at the root of the mount, as in a container',
    { '/proc/self/cgroup': V2, '/sys/fs/cgroup/memory.current': '95\n', '/sys/fs/cgroup/memory.max': '100\n' },
    true,
  ],
  [
    'the groups are of version 1',
    {
      '/proc/self/cgroup': V1,
      '/sys/fs/cgroup/memory/kubepods/pod1/memory.usage_in_bytes': '95\n',
      '/sys/fs/cgroup/memory/kubepods/pod1/memory.limit_in_bytes': '100\n',
    },
    true,
  ],
  [
    'version 1 has no limit, which it writes as a huge number',
    {
      '/proc/self/cgroup': V1,
      '/sys/fs/cgroup/memory/memory.usage_in_bytes': '95\n',
      '/sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n',
    },
    false,
  ],
  ['there are no control groups', {}, false],
  [
    'the files are empty',
    { '/proc/self/cgroup': V2, '/sys/fs/cgroup/memory.current': '', '/sys/fs/cgroup/memory.max': '' },
    false,
  ],
])('tells whether memory is short when %s', (_name, files, short) => {
  expect(memoryIsShort(from(files))).toBe(short);
});

it('looks at this machine without complaint', () => {
  expect(typeof memoryIsShort()).toBe('boolean');
});
