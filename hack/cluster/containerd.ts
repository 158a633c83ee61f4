// containerd of a node: comes again when it has ended, as on a node with an init system; holds the images of pods.
import { copyFile, mkdir, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { findClusterProgram } from './binaries.ts';
import { systemPath } from './commands.ts';
import { logFile, runInside, startInside, type MachinePlace } from './machine.ts';
import { CONTAINERD_SOCKET, PAUSE_IMAGE } from './node-config.ts';
import { archiveLayout, writeImageArchive } from './oci-archive.ts';
import { succeeds, untilReady } from './readiness.ts';

/** The number of its process is kept in a file. */
const SUPERVISED = 'while :; do "$@" & echo $! > "$0"; wait $!; sleep 0.1; done';
const PID_FILE = '/run/containerd.pid';

export const containerdConfigFile = (directory: string): string => join(directory, 'containerd.toml');

/** `shims` are folders with shims besides runc's. */
export async function startContainerd(machine: MachinePlace, shims: readonly string[] = []): Promise<void> {
  const containerd = await findClusterProgram('containerd');
  const shimFolder = dirname(await findClusterProgram('containerd-shim-runc-v2'));
  const command = [containerd, '--config', containerdConfigFile(machine.directory)];
  const hasEnded = await startInside(machine, 'containerd', ['sh', '-c', SUPERVISED, PID_FILE, ...command], {
    PATH: systemPath(shimFolder, ...shims),
  });
  await untilReady({
    name: 'containerd',
    logFile: logFile(machine.directory, 'containerd'),
    hasEnded,
    isReady: () => answers(machine),
  });
}

/** As a crash does; settles when it answers again. */
export async function restartContainerd(machine: MachinePlace): Promise<void> {
  const pid = async (): Promise<string> => (await runInside(machine, 'cat', [PID_FILE])).trim();
  const before = await pid();
  await runInside(machine, 'kill', ['-9', before]);
  await untilReady({
    name: 'containerd',
    logFile: logFile(machine.directory, 'containerd'),
    hasEnded: () => false,
    isReady: async () => (await pid()) !== before && (await answers(machine)),
  });
}

/** An archive or a folder in OCI layout. */
export async function loadImage(machine: MachinePlace, archiveOrLayout: string): Promise<void> {
  if (!(await stat(archiveOrLayout)).isDirectory()) {
    await client(machine, 'images', 'import', archiveOrLayout);
    return;
  }
  const archive = join(machine.directory, `image-${crypto.randomUUID()}.tar`);
  await archiveLayout(archiveOrLayout, archive);
  await client(machine, 'images', 'import', archive);
  await rm(archive);
}

/** The program is the first process of the node too. */
export async function loadPauseImage(machine: MachinePlace): Promise<void> {
  const rootfs = join(machine.directory, 'pause-image');
  const archive = join(machine.directory, 'pause.tar');
  await mkdir(rootfs);
  await copyFile(join(machine.directory, 'pause'), join(rootfs, 'pause'));
  await writeImageArchive(archive, PAUSE_IMAGE, rootfs, { Entrypoint: ['/pause'] });
  await loadImage(machine, archive);
}

/** `f_type` of statfs(2). */
const OVERLAYFS = 0x794c7630;

/** An overlay cannot lie on another, as in a container: then layers are copied. */
export const snapshotterFor = async (directory: string): Promise<string> =>
  (await statfs(directory)).type === OVERLAYFS ? 'native' : 'overlayfs';

const answers = (machine: MachinePlace): Promise<boolean> => succeeds(() => client(machine, 'version'));

const client = async (machine: MachinePlace, ...args: readonly string[]): Promise<string> =>
  runInside(machine, await findClusterProgram('ctr'), ['-a', CONTAINERD_SOCKET, '-n', 'k8s.io', ...args]);
