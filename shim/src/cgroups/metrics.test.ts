import { fromBinary } from '@bufbuild/protobuf';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MetricsSchema as V1Schema } from '../generated/cgroups_v1_pb.ts';
import { MetricsSchema as V2Schema } from '../generated/cgroups_v2_pb.ts';
import { memoryKills, metricsOf } from './metrics.ts';
import { cgroupOf, placeFrom } from './place.ts';
import { processesIn } from './read.ts';

let root: string;
const write = (path: string, text: string): void => {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), text);
};

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'cgroups-'));
  write('two/cpu.stat', 'usage_usec 3000000\nuser_usec 2000000\nsystem_usec 1000000\nnr_periods 5\n');
  write('two/memory.current', '104857600\n');
  write('two/memory.max', 'max\n');
  write('two/memory.stat', 'anon 4096\ninactive_file 8192\npgfault 7\n');
  write('two/memory.events', 'low 0\noom 1\noom_kill 2\n');
  write('two/pids.current', '3\n');
  write('two/pids.max', '100\n');
  write('two/cgroup.procs', '10\n11\n');
  write('two/below/cgroup.procs', '12\n');
  write('cpuacct/cpuacct.usage', '3000000000\n');
  write('cpuacct/cpuacct.stat', 'user 200\nsystem 100\n');
  write('cpuacct/cpuacct.usage_percpu', '1000000000 2000000000 \n');
  write('memory/memory.usage_in_bytes', '104857600\n');
  write('memory/memory.limit_in_bytes', '9223372036854771712\n');
  write('memory/memory.stat', 'cache 1\ntotal_inactive_file 8192\n');
  write('memory/memory.oom_control', 'oom_kill_disable 0\nunder_oom 0\noom_kill 4\n');
});

afterAll(() => rmSync(root, { recursive: true }));

describe('figures of control groups', () => {
  it('of version 2 are in microseconds, as its message has them', () => {
    const place = { version: 2, folder: join(root, 'two') } as const;
    const { typeUrl, value } = metricsOf(place);
    expect(typeUrl).toBe('io.containerd.cgroups.v2.Metrics');
    const metrics = fromBinary(V2Schema, value);
    expect(metrics.cpu).toMatchObject({
      usageUsec: 3_000_000n,
      userUsec: 2_000_000n,
      systemUsec: 1_000_000n,
      nrPeriods: 5n,
    });
    expect(metrics.memory).toMatchObject({ usage: 104_857_600n, usageLimit: 0n, inactiveFile: 8192n, anon: 4096n });
    expect(metrics.pids).toMatchObject({ current: 3n, limit: 100n });
    expect(memoryKills(place)).toBe(2n);
    expect(processesIn(place.folder)).toEqual([10, 11, 12]);
  });

  it('of version 1 are in nanoseconds', () => {
    const folders = { cpuacct: join(root, 'cpuacct'), memory: join(root, 'memory') };
    const { typeUrl, value } = metricsOf({ version: 1, folders });
    expect(typeUrl).toBe('io.containerd.cgroups.v1.Metrics');
    const metrics = fromBinary(V1Schema, value);
    expect(metrics.cpu?.usage).toMatchObject({ total: 3_000_000_000n, kernel: 1_000_000_000n, user: 2_000_000_000n });
    expect(metrics.cpu?.usage?.perCpu).toEqual([1_000_000_000n, 2_000_000_000n]);
    expect(metrics.memory?.usage).toMatchObject({ usage: 104_857_600n, limit: 0n });
    expect(metrics.memory?.totalInactiveFile).toBe(8192n);
    expect(memoryKills({ version: 1, folders })).toBe(4n);
  });

  it('of a group that is gone are zero', () => {
    const place = { version: 2, folder: join(root, 'gone') } as const;
    expect(fromBinary(V2Schema, metricsOf(place).value).memory?.usage).toBe(0n);
    expect(memoryKills(place)).toBe(0n);
    expect(processesIn(place.folder)).toEqual([]);
  });

  it('are found by what the kernel says of a process', () => {
    expect(placeFrom('0::/kubepods/pod1/c1\n', true)).toEqual({
      version: 2,
      folder: '/sys/fs/cgroup/kubepods/pod1/c1',
    });
    expect(placeFrom('5:cpu,cpuacct:/a\n4:memory:/a/b:c\n1:name=systemd:/s\n0::/\n', false)).toEqual({
      version: 1,
      folders: {
        cpu: '/sys/fs/cgroup/cpu/a',
        cpuacct: '/sys/fs/cgroup/cpuacct/a',
        memory: '/sys/fs/cgroup/memory/a/b:c',
        systemd: '/sys/fs/cgroup/systemd/s',
      },
    });
    expect(cgroupOf(process.pid)).toBeDefined();
    expect(cgroupOf(2 ** 22)).toBeUndefined();
  });
});
