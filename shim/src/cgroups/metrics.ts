// The figures of a container, as containerd's metrics of either version have them, and whether the kernel has killed one of its
// processes for memory.
import { create, toBinary } from '@bufbuild/protobuf';
import { type Any, AnySchema } from '@bufbuild/protobuf/wkt';
import { MetricsSchema as V1Schema } from '../generated/cgroups_v1_pb.ts';
import { MetricsSchema as V2Schema } from '../generated/cgroups_v2_pb.ts';
import type { CgroupPlace } from './place.ts';
import { type Figures, figuresFrom, limitFrom, numberFrom, textFrom } from './read.ts';

export function metricsOf(place: CgroupPlace): Any {
  return place.version === 2
    ? create(AnySchema, { typeUrl: V2Schema.typeName, value: toBinary(V2Schema, version2(place.folder)) })
    : create(AnySchema, { typeUrl: V1Schema.typeName, value: toBinary(V1Schema, version1(place.folders)) });
}

/** How many of its processes the kernel has killed for memory so far. */
export function memoryKills(place: CgroupPlace): bigint {
  const text =
    place.version === 2
      ? textFrom(place.folder, 'memory.events')
      : textFrom(place.folders['memory'], 'memory.oom_control');
  return figuresFrom(text).get('oom_kill') ?? 0n;
}

const figure =
  (figures: Figures) =>
  (name: string): bigint =>
    figures.get(name) ?? 0n;

function version2(folder: string): ReturnType<typeof create<typeof V2Schema>> {
  const read = (file: string): string => textFrom(folder, file);
  const cpu = figure(figuresFrom(read('cpu.stat')));
  const memory = figure(figuresFrom(read('memory.stat')));
  const events = figure(figuresFrom(read('memory.events')));
  return create(V2Schema, {
    pids: { current: numberFrom(read('pids.current')), limit: limitFrom(read('pids.max')) },
    cpu: {
      usageUsec: cpu('usage_usec'),
      userUsec: cpu('user_usec'),
      systemUsec: cpu('system_usec'),
      nrPeriods: cpu('nr_periods'),
      nrThrottled: cpu('nr_throttled'),
      throttledUsec: cpu('throttled_usec'),
    },
    memory: {
      anon: memory('anon'),
      file: memory('file'),
      kernelStack: memory('kernel_stack'),
      slab: memory('slab'),
      sock: memory('sock'),
      shmem: memory('shmem'),
      fileMapped: memory('file_mapped'),
      fileDirty: memory('file_dirty'),
      fileWriteback: memory('file_writeback'),
      inactiveAnon: memory('inactive_anon'),
      activeAnon: memory('active_anon'),
      inactiveFile: memory('inactive_file'),
      activeFile: memory('active_file'),
      unevictable: memory('unevictable'),
      slabReclaimable: memory('slab_reclaimable'),
      slabUnreclaimable: memory('slab_unreclaimable'),
      pgfault: memory('pgfault'),
      pgmajfault: memory('pgmajfault'),
      usage: numberFrom(read('memory.current')),
      usageLimit: limitFrom(read('memory.max')),
      swapUsage: numberFrom(read('memory.swap.current')),
      swapLimit: limitFrom(read('memory.swap.max')),
      maxUsage: numberFrom(read('memory.peak')),
    },
    memoryEvents: {
      low: events('low'),
      high: events('high'),
      max: events('max'),
      oom: events('oom'),
      oomKill: events('oom_kill'),
    },
  });
}

/** `cpuacct.stat` counts in hundredths of a second, whatever the kernel's own clock (times(2), USER_HZ). */
const NANOSECONDS_PER_TICK = 10_000_000n;

function version1(folders: Readonly<Record<string, string>>): ReturnType<typeof create<typeof V1Schema>> {
  const ticks = figure(figuresFrom(textFrom(folders['cpuacct'], 'cpuacct.stat')));
  const throttling = figure(figuresFrom(textFrom(folders['cpu'], 'cpu.stat')));
  const memory = figure(figuresFrom(textFrom(folders['memory'], 'memory.stat')));
  const control = figure(figuresFrom(textFrom(folders['memory'], 'memory.oom_control')));
  const entry = (prefix: string): { limit: bigint; usage: bigint; max: bigint; failcnt: bigint } => {
    const read = (name: string): string => textFrom(folders['memory'], `${prefix}.${name}`);
    return {
      limit: limitFrom(read('limit_in_bytes')),
      usage: numberFrom(read('usage_in_bytes')),
      max: numberFrom(read('max_usage_in_bytes')),
      failcnt: numberFrom(read('failcnt')),
    };
  };
  return create(V1Schema, {
    pids: {
      current: numberFrom(textFrom(folders['pids'], 'pids.current')),
      limit: limitFrom(textFrom(folders['pids'], 'pids.max')),
    },
    cpu: {
      usage: {
        total: numberFrom(textFrom(folders['cpuacct'], 'cpuacct.usage')),
        kernel: ticks('system') * NANOSECONDS_PER_TICK,
        user: ticks('user') * NANOSECONDS_PER_TICK,
        perCpu: textFrom(folders['cpuacct'], 'cpuacct.usage_percpu').split(/\s+/).filter(Boolean).map(numberFrom),
      },
      throttling: {
        periods: throttling('nr_periods'),
        throttledPeriods: throttling('nr_throttled'),
        throttledTime: throttling('throttled_time'),
      },
    },
    memory: {
      cache: memory('cache'),
      rss: memory('rss'),
      mappedFile: memory('mapped_file'),
      pgFault: memory('pgfault'),
      pgMajFault: memory('pgmajfault'),
      inactiveAnon: memory('inactive_anon'),
      activeAnon: memory('active_anon'),
      inactiveFile: memory('inactive_file'),
      activeFile: memory('active_file'),
      hierarchicalMemoryLimit: memory('hierarchical_memory_limit'),
      totalCache: memory('total_cache'),
      totalRss: memory('total_rss'),
      totalMappedFile: memory('total_mapped_file'),
      totalPgFault: memory('total_pgfault'),
      totalPgMajFault: memory('total_pgmajfault'),
      totalInactiveAnon: memory('total_inactive_anon'),
      totalActiveAnon: memory('total_active_anon'),
      totalInactiveFile: memory('total_inactive_file'),
      totalActiveFile: memory('total_active_file'),
      usage: entry('memory'),
      swap: entry('memory.memsw'),
      kernel: entry('memory.kmem'),
    },
    memoryOomControl: {
      oomKillDisable: control('oom_kill_disable'),
      underOom: control('under_oom'),
      oomKill: control('oom_kill'),
    },
  });
}
