// A machine of its own made of namespaces: processes, mounts, network and IPC of a node, without touching those of this
// machine. Its first process dies with the one that started it, and the kernel ends with it every process inside and
// takes down mounts and links: nothing of these can leak, however the starter ends. What remains on disk, a folder and
// control groups, the next start removes.
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Addresses } from './addresses.ts';
import { makeCgroup, removeCgroup } from './cgroups.ts';
import { run, systemPath } from './commands.ts';
import { pauseProgram } from './pause-program.ts';

/** Enough to find it again, in another process too. */
export interface MachinePlace {
  readonly number: number;
  /** All it keeps on disk. */
  readonly directory: string;
  /** Its first process, as this machine counts processes. */
  readonly firstProcess: number;
}

export interface Machine extends MachinePlace {
  readonly cgroup: string;
  stop(): Promise<void>;
}

const nameOf = (number: number): string => `spindle-cluster-${number}`;
const folderOf = (number: number): string => join(tmpdir(), nameOf(number));

/**
 * What a kubelet writes to a kernel that has anything else, which no namespace keeps to itself. It finds files that say so, and
 * leaves the kernel of this machine alone.
 */
const KERNEL_SETTINGS: Readonly<Record<string, number>> = {
  'vm/overcommit_memory': 1,
  'vm/panic_on_oom': 0,
  'kernel/panic': 10,
  'kernel/panic_on_oops': 1,
  'kernel/keys/root_maxkeys': 1_000_000,
  'kernel/keys/root_maxbytes': 25_000_000,
};

const KEPT_SETTINGS = Object.entries(KERNEL_SETTINGS)
  .map(([name, value]) => {
    const file = `"$0/${name.replaceAll('/', '.')}"`;
    return `echo ${value} > ${file}; mount --bind ${file} /proc/sys/${name}`;
  })
  .join('\n');

/**
 * /run, /var/lib and /var/log are its own: programs of a node write there at fixed places. What /var/lib has stays to be
 * seen, since a checkout may lie there.
 */
const PREPARE = `
set -e
mount -t tmpfs tmpfs /run
mkdir -p "$0/var-lib" "$0/var-lib.work" "$0/var-log"
mount -t overlay -o "lowerdir=/var/lib,upperdir=$0/var-lib,workdir=$0/var-lib.work" overlay /var/lib
mount --bind "$0/var-log" /var/log
${KEPT_SETTINGS}
ip link set lo up
echo ready
exec "$0/pause"
`;

/** Stands for the first process outside: killed with its starter, it kills that one. */
const HOLD =
  '--pdeathsig KILL unshare --fork --kill-child=KILL --pid --mount-proc --mount --propagation private --net --ipc sh -c';

export async function startMachine(number: number, addresses: Addresses): Promise<Machine> {
  await removeLeftovers(number, addresses);
  const directory = folderOf(number);
  const cgroup = nameOf(number);
  await mkdir(join(directory, 'logs'), { recursive: true });
  await writeFile(join(directory, 'pause'), pauseProgram(), { mode: 0o755 });
  makeCgroup(cgroup);
  const holder = spawn('setpriv', [...HOLD.split(' '), PREPARE, directory], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PATH: systemPath() },
  });
  try {
    await prepared(holder);
    const firstProcess = await onlyChildOf(holder.pid ?? 0);
    const place = { number, directory, firstProcess };
    await connectToMachine(place, addresses);
    return {
      ...place,
      cgroup,
      async stop() {
        await ended(holder);
        await removeLeftovers(number, addresses);
      },
    };
  } catch (error) {
    await ended(holder);
    await removeLeftovers(number, addresses);
    throw error;
  }
}

async function prepared(holder: ChildProcess): Promise<void> {
  const said: string[] = [];
  let isReady = false;
  for (const stream of [holder.stdout, holder.stderr]) {
    if (stream !== null) {
      createInterface({ input: stream }).on('line', (line) => {
        isReady ||= line === 'ready';
        said.push(line);
      });
    }
  }
  holder.once('error', (error) => said.push(String(error)));
  await Promise.race([once(holder, 'exit'), untilTrue(() => isReady)]);
  if (!isReady) {
    throw new Error(`the namespaces of a cluster could not be made:\n${said.join('\n')}`);
  }
}

const LOOK_AGAIN_MS = 10;

async function untilTrue(holds: () => boolean): Promise<void> {
  while (!holds()) {
    await sleep(LOOK_AGAIN_MS, undefined, { ref: false });
  }
}

async function onlyChildOf(pid: number): Promise<number> {
  return Number((await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim());
}

async function ended(holder: ChildProcess): Promise<void> {
  if (holder.exitCode === null && holder.signalCode === null) {
    const exit = once(holder, 'exit');
    holder.kill('SIGKILL');
    await exit;
  }
}

/** A link whose other end is inside, and the ways to pods and Services over it. */
async function connectToMachine(machine: MachinePlace, addresses: Addresses): Promise<void> {
  const { link, host, node, linkPrefix, pods, services } = addresses;
  const peer = ['peer', 'name', 'eth0', 'netns', String(machine.firstProcess)];
  await run('ip', ['link', 'add', link, 'type', 'veth', ...peer]);
  await run('ip', ['address', 'add', `${host}/${linkPrefix}`, 'dev', link]);
  await run('ip', ['link', 'set', link, 'up']);
  await run('ip', ['route', 'add', pods, 'via', node]);
  await run('ip', ['route', 'add', services, 'via', node]);
  await runInside(machine, 'ip', ['address', 'add', `${node}/${linkPrefix}`, 'dev', 'eth0']);
  await runInside(machine, 'ip', ['link', 'set', 'eth0', 'up']);
  await runInside(machine, 'ip', ['route', 'add', 'default', 'via', host]);
  await runInside(machine, 'sh', ['-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward']);
}

const inside = ({ firstProcess }: MachinePlace): string[] =>
  `--target ${firstProcess} --mount --net --ipc --pid --`.split(' ');

/** To its end. */
export const runInside = (machine: MachinePlace, program: string, args: readonly string[]): Promise<string> =>
  run('nsenter', [...inside(machine), program, ...args]);

/** Runs on until the machine ends; what it says goes into a log file. Settles to a look whether it has ended by itself. */
export async function startInside(
  { directory, ...machine }: MachinePlace,
  name: string,
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<() => boolean> {
  const log = await open(logFile(directory, name), 'a');
  const child = spawn('nsenter', [...inside({ directory, ...machine }), ...command], {
    stdio: ['ignore', log.fd, log.fd],
    env: { ...process.env, PATH: systemPath(), ...env },
  });
  await log.close();
  let hasEnded = false;
  child.once('exit', () => (hasEnded = true)).once('error', () => (hasEnded = true));
  child.unref();
  return () => hasEnded;
}

export const logFile = (directory: string, name: string): string => join(directory, 'logs', `${name}.log`);

/** Processes need a moment to end after the first one did, and hold their control groups until then. */
const REMOVE_DEADLINE_MS = 10_000;

/** Also of one whose starter was killed. */
async function removeLeftovers(number: number, { link }: Addresses): Promise<void> {
  if (existsSync(`/sys/class/net/${link}`)) {
    await run('ip', ['link', 'delete', link]).catch(() => {
      // expected: it goes by itself with the other end.
    });
  }
  const deadline = Date.now() + REMOVE_DEADLINE_MS;
  for (;;) {
    try {
      removeCgroup(nameOf(number));
      break;
    } catch (error) {
      if (Date.now() > deadline) {
        throw error;
      }
      await sleep(LOOK_AGAIN_MS);
    }
  }
  await rm(folderOf(number), { recursive: true, force: true });
}
