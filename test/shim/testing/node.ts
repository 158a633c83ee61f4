// A node with a real containerd and the shim, without Kubernetes: a machine of namespaces, as hack/cluster makes them.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { addressesOf } from '../../../hack/cluster/addresses.ts';
import { findClusterProgram } from '../../../hack/cluster/binaries.ts';
import { removeCgroup } from '../../../hack/cluster/cgroups.ts';
import { claimNumber } from '../../../hack/cluster/claim.ts';
import {
  containerdConfigFile,
  restartContainerd,
  snapshotterFor,
  startContainerd,
} from '../../../hack/cluster/containerd.ts';
import { runInside, startMachine, type Machine } from '../../../hack/cluster/machine.ts';
import { CONTAINERD_SOCKET, containerdConfig } from '../../../hack/cluster/node-config.ts';
import { writeShellImage } from './programs.ts';

export const SHELL_IMAGE = 'localhost/shell:1';
export const RUNTIME = 'io.containerd.spin.v2';
/** What a RuntimeClass of the suite's cluster calls it. */
export const SHIM_HANDLER = 'spin';

/** Control groups are this machine's: those of another node of the tests must not be counted. */
export const NAMESPACE = `shim-${process.pid}`;

export interface TestNode {
  readonly machine: Machine;
  /** Its answer on standard output. */
  ctr(...args: readonly string[]): Promise<string>;
  /** What it has printed when this time is over. */
  ctrFor(seconds: number, ...args: readonly string[]): Promise<string>;
  run(program: string, ...args: readonly string[]): Promise<string>;
  restartContainerd(): Promise<void>;
  loadImage(archive: string): Promise<void>;
  log(): Promise<string>;
  stop(): Promise<void>;
}

/** `shimFolder` has `containerd-shim-spin-v2`. */
export async function startTestNode(shimFolder: string): Promise<TestNode> {
  const claim = await claimNumber();
  const machine = await startMachine(claim.number, addressesOf(claim.number));
  const stop = async (): Promise<void> => {
    await machine.stop();
    removeCgroup(NAMESPACE);
    await claim.release();
  };
  try {
    const runc = await findClusterProgram('runc');
    const config = containerdConfigFile(machine.directory);
    await mkdir(dirname(config), { recursive: true });
    const folders = { directory: machine.directory, cniPlugins: [], runc };
    await writeFile(config, containerdConfig(folders, await snapshotterFor(machine.directory)));
    await startContainerd(machine, [shimFolder, dirname(runc)]);
    const program = await findClusterProgram('ctr');
    const archive = join(machine.directory, 'shell.tar');
    await writeShellImage(archive, SHELL_IMAGE);
    const ctr = (...args: readonly string[]): Promise<string> =>
      runInside(machine, program, ['-a', CONTAINERD_SOCKET, '-n', NAMESPACE, ...args]);
    await ctr('images', 'import', archive);
    return {
      machine,
      ctr,
      ctrFor: (seconds, ...args) => {
        const script = ['-c', 'timeout "$@" || true', 'sh', String(seconds)];
        return runInside(machine, 'sh', [...script, program, '-a', CONTAINERD_SOCKET, '-n', NAMESPACE, ...args]);
      },
      run: (command, ...args) => runInside(machine, command, args),
      restartContainerd: () => restartContainerd(machine),
      loadImage: async (image) => void (await ctr('images', 'import', image)),
      log: () => readFile(join(machine.directory, 'logs/containerd.log'), 'utf8'),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
