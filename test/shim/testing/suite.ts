// What the tests of the shim with a real containerd share.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeShimTree } from '../../../hack/shim-tree.ts';
import { NAMESPACE, startTestNode, type TestNode } from './node.ts';

export interface ShimNode extends TestNode {
  /** Everything that a container could leave, by kind. */
  leftovers(): Promise<Leftovers>;
}

export interface Leftovers {
  readonly processes: number;
  readonly mounts: number;
  readonly cgroups: number;
  readonly bundles: number;
  readonly states: number;
}

/** The first process, containerd and what starts it again, the shim's server, and whoever looks. */
const isOfNode = (args: string): boolean =>
  /\/pause$|containerd\.toml$|shim\/dist\/main\.cjs .*-socket|^ps axho/.test(args);

/** The folder with the shim, or one that SPINDLE_TEST_SHIM names. */
export async function shimTree(folder: string): Promise<string> {
  const given = process.env['SPINDLE_TEST_SHIM'] ?? '';
  if (given !== '') {
    return given;
  }
  const tree = join(folder, 'shim');
  writeShimTree(tree, process.arch === 'arm64' ? 'arm64' : 'amd64');
  return tree;
}

export async function startShimNode(): Promise<ShimNode> {
  const folder = await mkdtemp(join(tmpdir(), 'shim-node-'));
  const node = await startTestNode(join(await shimTree(folder), 'bin'));
  const count = async (script: string): Promise<number> => Number(await node.run('sh', '-c', script));
  return {
    ...node,
    leftovers: async () => ({
      processes: (await node.run('ps', 'axho', 'args')).split('\n').filter((args) => args !== '' && !isOfNode(args))
        .length,
      mounts: await count('grep -c /io.containerd.runtime.v2.task/ /proc/self/mounts || true'),
      cgroups: await count(`find /sys/fs/cgroup -type d -path '*/${NAMESPACE}/*' | wc -l`),
      bundles: await count(`ls /run/containerd/io.containerd.runtime.v2.task/${NAMESPACE} | wc -l`),
      states: await count(
        `find /run/containerd/spin/${NAMESPACE}/oci-runtime /run/containerd/spin/uses -mindepth 1 ! -type d | wc -l`,
      ),
    }),
    async stop() {
      await node.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
