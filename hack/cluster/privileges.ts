// Whether a cluster can be started on this machine, and if not, why. Nothing is tried out: what is missing would show as an
// error of a program deep inside.
import { existsSync, readFileSync } from 'node:fs';

/** Bits of capabilities(7). */
const NEEDED = { CAP_NET_ADMIN: 12, CAP_SYS_ADMIN: 21 } as const;

/** Controllers without which kubelet does not start. */
const CONTROLLERS = ['cpu', 'cpuset', 'memory', 'pids'] as const;

/** Undefined when it can be. */
export function whyNoCluster(): string | undefined {
  if (process.platform !== 'linux') {
    return `a cluster needs Linux, this is ${process.platform}; --kind starts one where Docker is`;
  }
  if (process.getuid?.() !== 0) {
    return 'a cluster needs root: it makes namespaces, links and mounts; run it with sudo, or use --kind where Docker is';
  }
  const status = readFileSync('/proc/self/status', 'utf8');
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)/m.exec(status)?.[1] ?? '0'}`);
  const missing = Object.entries(NEEDED).flatMap(([name, bit]) => ((effective >> BigInt(bit)) & 1n ? [] : [name]));
  if (missing.length > 0) {
    return `a cluster needs ${missing.join(' and ')}, which this process lacks: run it outside the container, or in a privileged one`;
  }
  const controllers = CONTROLLERS.filter((name) => !hasController(name));
  return controllers.length === 0
    ? undefined
    : `a cluster needs the cgroup controllers ${controllers.join(', ')}, which are not below /sys/fs/cgroup`;
}

/** Version 1 has a folder for each, version 2 one list for all. */
function hasController(name: string): boolean {
  const version2 = '/sys/fs/cgroup/cgroup.controllers';
  return existsSync(version2)
    ? readFileSync(version2, 'utf8').trim().split(' ').includes(name)
    : existsSync(`/sys/fs/cgroup/${name}`);
}
