// A cluster with the images of this checkout and nothing installed, and a client that looks at it closely.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { createClient, type KubeClient } from '@spindle/kube';
import { findClusterProgram } from '../../../hack/cluster/binaries.ts';
import { startCluster, type Cluster } from '../../../hack/cluster/cluster.ts';
import { run } from '../../../hack/cluster/commands.ts';
import { transportFor } from '../../api/operator/testing/cluster.ts';
import { builtImages } from '../../cluster/testing/images.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const CHART = join(ROOT, 'charts/spindle');
const SPINDLE = join(ROOT, 'cli/bin/spindle.js');

export const NAMESPACE = 'default';

export interface World {
  readonly cluster: Cluster;
  readonly client: KubeClient;
  /** Compressed, as they are pulled; bytes. */
  readonly imageBytes: Readonly<Record<'operator' | 'runtime', number>>;
  helm(...args: readonly string[]): Promise<string>;
  spindle(...args: readonly string[]): Promise<string>;
  install(): Promise<void>;
  uninstall(): Promise<void>;
  stop(): Promise<void>;
}

export async function startWorld(): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'images-'));
  const images = await builtImages(folder);
  const [operator = 0, runtime = 0] = await Promise.all(images.map(async (image) => (await stat(image)).size));
  const cluster = await startCluster({ images });
  await rm(folder, { recursive: true, force: true });
  const program = await findClusterProgram('helm');
  // Found now, so that no figure has it.
  await findClusterProgram('kubectl');
  const transport = await transportFor(cluster.kubeconfig);
  const env = { KUBECONFIG: cluster.kubeconfig, NODE_EXTRA_CA_CERTS: cluster.registry.certificate };
  const helm = (...args: readonly string[]): Promise<string> => run(program, args, { env });
  return {
    cluster,
    client: createClient(transport, { fieldManager: 'bench' }),
    imageBytes: { operator, runtime },
    helm,
    async spindle(...args) {
      const options = { cwd: ROOT, env: { ...process.env, ...env } };
      return (await promisify(execFile)(process.execPath, [SPINDLE, ...args], options)).stdout;
    },
    async install() {
      await helm('install', 'spindle', CHART, '--namespace', 'spindle', '--create-namespace', '--wait');
    },
    async uninstall() {
      await helm('uninstall', 'spindle', '--namespace', 'spindle', '--wait');
      await cluster.kubectl('-n', 'spindle', 'wait', '--for=delete', 'pods', '--all', '--timeout=90s');
    },
    async stop() {
      await transport.close();
      await cluster.stop();
    },
  };
}
