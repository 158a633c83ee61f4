// One cluster for the whole suite, with our resources, the operator's roles and our images.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@spindle/kube';
import type { TestProject } from 'vitest/node';
import { startCluster, type ClusterPlace, type RunningCluster } from '../../hack/cluster/cluster.ts';
import { transportFor } from '../api/operator/testing/cluster.ts';
import { installRoles, NAMESPACED, NOBODY, OPERATOR } from '../api/operator/testing/rbac.ts';
import { RUNTIME, SHIM_HANDLER } from '../shim/testing/node.ts';
import { shimTree } from '../shim/testing/suite.ts';
import { builtImages } from './testing/images.ts';
import { kernelSettings } from './testing/kernel-settings.ts';

declare module 'vitest' {
  interface ProvidedContext {
    readonly cluster: ClusterPlace;
    /** Of this machine, before there was a cluster. */
    readonly kernelSettings: Readonly<Record<string, string>>;
  }
}

let cluster: RunningCluster | undefined;
/** The node runs the shim from here. */
let shim: string | undefined;

export async function setup({ provide }: TestProject): Promise<void> {
  provide('kernelSettings', kernelSettings());
  const folder = await mkdtemp(join(tmpdir(), 'images-'));
  try {
    const images = await builtImages(folder);
    shim = await mkdtemp(join(tmpdir(), 'shim-'));
    const shims = [{ handler: SHIM_HANDLER, type: RUNTIME, folder: join(await shimTree(shim), 'bin') }];
    cluster = await startCluster({ users: [OPERATOR, NAMESPACED, NOBODY], images, shims });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  await cluster.kubectl('apply', '-f', join(import.meta.dirname, '../../crds'));
  await cluster.kubectl('wait', '--for=condition=Established', '--all', 'crd');
  const transport = await transportFor(cluster.kubeconfig);
  await installRoles(createClient(transport, { fieldManager: 'test' }));
  await transport.close();
  const { machine, kubeconfig, registry } = cluster;
  provide('cluster', { machine, kubeconfig, registry });
}

export async function teardown(): Promise<void> {
  await cluster?.stop();
  if (shim !== undefined) {
    await rm(shim, { recursive: true, force: true });
  }
}
