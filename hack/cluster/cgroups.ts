// The control group below which all pods of a cluster are, in each hierarchy of version 1 or in the one of version 2.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = '/sys/fs/cgroup';

function hierarchies(): string[] {
  if (existsSync(join(ROOT, 'cgroup.controllers'))) {
    return [ROOT];
  }
  return readdirSync(ROOT, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(ROOT, name));
}

export function makeCgroup(name: string): void {
  for (const hierarchy of hierarchies()) {
    const folder = join(hierarchy, name);
    mkdirSync(folder, { recursive: true });
    inheritCpus(hierarchy, folder);
    enableControllers(hierarchy);
  }
}

/** In version 1 a new cpuset has no processors, and takes no process until it has. */
function inheritCpus(hierarchy: string, folder: string): void {
  for (const file of ['cpuset.cpus', 'cpuset.mems']) {
    if (existsSync(join(hierarchy, file)) && !existsSync(join(hierarchy, 'cgroup.controllers'))) {
      writeFileSync(join(folder, file), readFileSync(join(hierarchy, file)));
    }
  }
}

/** In version 2 a group hands on to those below it only what it is told to. */
function enableControllers(hierarchy: string): void {
  const controllers = join(hierarchy, 'cgroup.controllers');
  if (existsSync(controllers)) {
    const names = readFileSync(controllers, 'utf8').trim().split(' ');
    writeFileSync(join(hierarchy, 'cgroup.subtree_control'), names.map((one) => `+${one}`).join(' '));
  }
}

/** Its processes have ended. */
export function removeCgroup(name: string): void {
  for (const hierarchy of hierarchies()) {
    removeFolder(join(hierarchy, name));
  }
}

/** Files of a control group cannot be removed, and need not be. */
function removeFolder(folder: string): void {
  if (!existsSync(folder)) {
    return;
  }
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) {
      removeFolder(join(folder, entry.name));
    }
  }
  rmdirSync(folder);
}
